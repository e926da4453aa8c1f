// The thread that checkpoints; see checkpoint.ts. It never writes a row.
// Plain JavaScript: a thread that has to strip types first costs 45 MB instead of 20 on a cold start.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

/** @type {{ path: string, busyMs: number, walLongPages: number }} */
const { path, busyMs, walLongPages } = workerData
const db = new DatabaseSync(path, { timeout: busyMs })
db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -256')
const move = (how) => db.prepare(`PRAGMA wal_checkpoint(${how})`).get()

function checkpoint() {
  try {
    const row = move('PASSIVE')
    // Commits that came meanwhile keep the log from starting over; when it has grown long, they wait for the little that is left.
    if (row.log > walLongPages) move('RESTART')
    return ''
  } catch (error) {
    return String(error)
  }
}

parentPort.on('message', (wish) => {
  if (wish === 'checkpoint') {
    parentPort.postMessage({ problem: checkpoint() })
    return
  }
  db.close()
  parentPort.close()
})
