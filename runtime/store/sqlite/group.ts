/**
 * Group commit: all writes of one turn of the loop ride in one transaction and share its fdatasync. A promise resolves
 * only after COMMIT, and a write that fails takes none of its neighbours with it.
 */
import type { DatabaseSync } from 'node:sqlite'
import { fault } from '#shared/errors.ts'
import { ledger } from '#runtime/limits.ts'
import type { Log } from '#runtime/log.ts'
import { command } from './database.ts'
import { faultOf } from './sqlite-faults.ts'

export interface Group {
  /** `work` may run twice (its group failed, it is tried alone): it must change nothing but the database. */
  readonly write: <T>(work: () => T) => Promise<T>
  /** Commits what waits; later writes are refused. */
  readonly close: () => void
}
/** Called inside each transaction, last; whenever one was rolled back; and after each group, whatever became of it. */
export interface GroupHooks { readonly beforeCommit: () => void; readonly afterRollback: () => void; readonly afterGroup: () => void }

/** `run` does the work and returns what tells the caller of it, once durable. */
interface Entry { readonly run: () => () => void; readonly reject: (error: unknown) => void }

export function makeGroup(db: DatabaseSync, hooks: GroupHooks, log: Log): Group {
  const begin = command(db, 'BEGIN IMMEDIATE')
  const commit = command(db, 'COMMIT')
  const rollback = command(db, 'ROLLBACK')
  let waiting: Entry[] = []
  let cancelNext: (() => void) | null = null
  let closed = false
  /** Steady time before which no further group is committed. */
  let restUntilMs = 0

  const transact = (entries: readonly Entry[]): (() => void)[] => {
    try {
      begin.run()
      const tells = entries.map((entry) => entry.run())
      hooks.beforeCommit()
      commit.run()
      return tells
    } catch (error) {
      // SQLite itself rolls back on some errors, SQLITE_FULL among them.
      if (db.isTransaction) rollback.run()
      hooks.afterRollback()
      throw error
    }
  }

  const commitGroup = (entries: readonly Entry[]): void => {
    let tells: (() => void)[] = []
    try {
      tells = transact(entries)
    } catch (error) {
      const [only, ...others] = entries
      if (only !== undefined && others.length === 0) {
        const why = faultOf(error)
        if (why.code === 'DISK_FULL') log.error('ledger.disk-full', { reason: String(error) })
        only.reject(why)
        return
      }
      // Each alone: the one at fault fails by itself, and on a full disk the small ones may still fit.
      for (const entry of entries) commitGroup([entry])
      return
    }
    for (const tell of tells) tell()
  }

  const flush = (): void => {
    cancelNext = null
    const beganMs = performance.now()
    commitGroup(waiting.splice(0, ledger.groupWrites))
    hooks.afterGroup()
    const endedMs = performance.now()
    restUntilMs = endedMs + Math.min(ledger.mostRestMs, Math.max(ledger.restMs, endedMs - beganMs))
    if (waiting.length > 0) schedule()
  }

  // The first write after a rest goes at once; under load the writes of a few milliseconds gather, for a commit costs
  // as much as a dozen of them. The wall's own timers, not the clock: a commit must come also when a test holds time.
  const schedule = (): void => {
    const restMs = waiting.length >= ledger.groupWrites ? 0 : restUntilMs - performance.now()
    if (restMs > 0) {
      const timer = setTimeout(flush, restMs)
      cancelNext = () => { clearTimeout(timer) }
    } else {
      const turn = setImmediate(flush)
      cancelNext = () => { clearImmediate(turn) }
    }
  }

  return {
    write<T>(work: () => T): Promise<T> {
      if (closed) return Promise.reject(fault('INTERNAL', { reason: 'the ledger is closed' }))
      return new Promise<T>((resolve, reject) => {
        waiting.push({ run: () => { const result = work(); return () => { resolve(result) } }, reject })
        if (cancelNext === null) schedule()
      })
    },
    close() {
      closed = true
      cancelNext?.()
      cancelNext = null
      while (waiting.length > 0) commitGroup(waiting.splice(0, ledger.groupWrites))
      waiting = []
    },
  }
}
