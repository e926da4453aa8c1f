/** The thread that checkpoints; see checkpoint.ts. It never writes a row. */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { ledger } from '#runtime/limits.ts'
import type { Checkpointed } from './checkpoint.ts'

interface Row { readonly busy: number; readonly log: number; readonly checkpointed: number }

// The wiring's own path, see makeCheckpoints.
const db = new DatabaseSync(workerData as string, { timeout: ledger.busyMs })
db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -256')
// A pragma's columns are SQLite's own.
const move = (how: 'PASSIVE' | 'RESTART'): Row => db.prepare(`PRAGMA wal_checkpoint(${how})`).get() as unknown as Row

function checkpoint(): Checkpointed {
  try {
    const row = move('PASSIVE')
    // Commits that came meanwhile keep the log from starting over; when it has grown long, they wait for the little that is left.
    if (row.log > ledger.walLongPages) move('RESTART')
    return { problem: '' }
  } catch (error) {
    return { problem: String(error) }
  }
}

parentPort?.on('message', (wish: 'checkpoint' | 'end') => {
  if (wish === 'checkpoint') {
    parentPort?.postMessage(checkpoint())
    return
  }
  db.close()
  parentPort?.close()
})
