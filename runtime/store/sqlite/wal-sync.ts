/**
 * Brings the write-ahead log to the disk beside the main loop: libuv's pool waits for fdatasync, the loop goes on. SQLite
 * itself would wait inside COMMIT (`synchronous=FULL`), which on a busy disk held everything for up to 700 ms.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'

export interface WalSync {
  /** Resolves when all that was committed before the call is on the disk; rejects with the system's error. */
  readonly sync: () => Promise<void>
  /** The same for the last commits of a closing ledger, waiting. */
  readonly syncNow: () => void
  readonly close: () => void
}

export function makeWalSync(path: string): WalSync {
  let file: number | null = null
  // The log appears with the first commit and stays the same file until the last handle closes. No lock of SQLite lies on
  // it, so that closing this handle drops none (unlike the database file's, see database.ts). Windows flushes only what is open for writing.
  const open = (): number => { file ??= openSync(`${path}-wal`, 'r+'); return file }
  return {
    sync: () => new Promise((resolve, reject) => {
      fdatasync(open(), (error) => {
        if (error) reject(error)
        else resolve()
      })
    }),
    syncNow: () => { fdatasyncSync(open()) },
    close: () => {
      if (file !== null) closeSync(file)
      file = null
    },
  }
}
