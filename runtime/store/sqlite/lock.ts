/**
 * One process per data folder. The lock is a write transaction held open on a tiny database: the kernel drops it with
 * the process, whatever ended it, so it can neither outlive a kill -9 nor be fooled by a process id used again.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fault } from '#shared/errors.ts'
import { makePrivateFile } from './database.ts'
import { isBusy } from './sqlite-faults.ts'

/** Returns the way to let go. Throws DATA_IN_USE. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock')
  // Beside the lock and not inside: nobody may read a database that is locked whole.
  const pidPath = join(folder, 'pid')
  makePrivateFile(path)
  const lock = new DatabaseSync(path, { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (isBusy(error)) throw fault('DATA_IN_USE', { folder, pid: readPid(pidPath) }, '', error)
    throw error
  }
  writeFileSync(pidPath, String(process.pid), { mode: 0o600 })
  return () => { lock.close() }
}

function readPid(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return 'unknown'
  }
}
