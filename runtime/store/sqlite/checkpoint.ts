/**
 * Brings what was committed from the write-ahead log into the database file, on a thread of its own: on the main loop one
 * checkpoint of 8 MB stalled everything for 20 to 160 ms. Durability does not hang on it; a commit is safe in the log.
 */
import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { ledger } from '#runtime/limits.ts'
import type { Log } from '#runtime/log.ts'

/** What the thread answers; '' when all went well. */
export interface Checkpointed { readonly problem: string }

export interface Checkpoints {
  /** Called after each group of writes; asks for a checkpoint once enough of them have gathered. */
  readonly afterGroup: () => void
  /** Resolves when the thread has let the database go. */
  readonly stop: () => Promise<void>
}

export function makeCheckpoints(path: string, db: DatabaseSync, log: Log): Checkpoints {
  let worker: Worker | null = null
  let gone: Promise<void> = Promise.resolve()
  let groups = 0
  /** Of the log's file at the last asking; the file keeps its size when the log starts over in it. */
  let askedBytes = 0
  let asked = false
  let idle: NodeJS.Timeout | null = null

  const start = (): Worker => {
    const begun = new Worker(new URL('./checkpoint-worker.mjs', import.meta.url), {
      workerData: { path, busyMs: ledger.busyMs, walLongPages: ledger.walLongPages }, resourceLimits: { maxOldGenerationSizeMb: ledger.checkpointHeapMb, maxYoungGenerationSizeMb: 1 },
    })
    begun.unref()
    begun.on('message', ({ problem }: Checkpointed) => {
      asked = false
      if (problem !== '') log.warn('ledger.checkpoint-failed', { reason: problem })
    })
    begun.on('error', (error) => { log.warn('ledger.checkpoint-failed', { reason: String(error) }) })
    gone = new Promise((resolve) => {
      begun.on('exit', () => {
        asked = false
        if (worker === begun) worker = null
        resolve()
      })
    })
    return begun
  }

  const rest = (): void => {
    worker?.postMessage('end')
    worker = null
  }

  return {
    afterGroup: () => {
      groups += 1
      const bytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
      // The thread can't keep up: the log's bound is worth more than this one stall.
      if (bytes > ledger.walMostBytes) {
        // A full disk stops it; the commits are safe in the log, and the next group tries again.
        try {
          db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
        } catch (error) {
          log.warn('ledger.checkpoint-failed', { reason: String(error) })
        }
        groups = 0
        askedBytes = 0
        return
      }
      if (asked || (groups < ledger.checkpointGroups && bytes - askedBytes < ledger.checkpointBytes)) return
      groups = 0
      askedBytes = bytes
      asked = true
      worker ??= start()
      worker.postMessage('checkpoint')
      if (idle) clearTimeout(idle)
      idle = setTimeout(rest, ledger.checkpointIdleMs)
      idle.unref()
    },
    stop: async () => {
      if (idle) clearTimeout(idle)
      rest()
      await gone
    },
  }
}
