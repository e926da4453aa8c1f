/**
 * Group commit: all writes of one turn of the loop ride in one transaction and share its way to the disk. A promise resolves
 * only when its transaction lies there, and a write that fails takes none of its neighbours with it.
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
  /** Commits what waits and resolves when all of it is on the disk; later writes are refused. */
  readonly close: () => Promise<void>
}
/** Called inside each transaction, last; whenever one was rolled back; and after each group, whatever became of it. */
export interface GroupHooks {
  readonly beforeCommit: () => void
  readonly afterRollback: () => void
  readonly afterGroup: () => void
  /**
   * The disk would not take what was committed: nobody knows what it holds, and a second fsync would answer well about
   * pages the kernel has thrown away. The process must end; what the disk holds is found at the next start.
   */
  readonly diskBroken: (error: unknown) => void
}

/** `run` does the work and returns what tells the caller of it, once durable. */
interface Entry { readonly run: () => () => void; readonly reject: (error: unknown) => void }

/** `sync` resolves when everything committed before it is on the disk. */
export function makeGroup(db: DatabaseSync, sync: () => Promise<void>, hooks: GroupHooks, log: Log): Group {
  const begin = command(db, 'BEGIN IMMEDIATE')
  const commit = command(db, 'COMMIT')
  const rollback = command(db, 'ROLLBACK')
  let waiting: Entry[] = []
  let cancelNext: (() => void) | null = null
  let closed = false
  let broken = false
  let flushing: Promise<void> | null = null
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

  /** Commits each that can be committed; returns what tells their callers. */
  const commitGroup = (entries: readonly Entry[]): (() => void)[] => {
    try {
      return transact(entries)
    } catch (error) {
      const [only, ...others] = entries
      if (only !== undefined && others.length === 0) {
        const why = faultOf(error)
        if (why.code === 'DISK_FULL') log.error('ledger.disk-full', { reason: String(error) })
        only.reject(why)
        return []
      }
      // Each alone: the one at fault fails by itself, and on a full disk the small ones may still fit.
      return entries.flatMap((entry) => commitGroup([entry]))
    }
  }

  const flush = async (): Promise<void> => {
    const tells = commitGroup(waiting.splice(0, ledger.groupWrites))
    if (tells.length > 0) await sync()
    for (const tell of tells) tell()
    hooks.afterGroup()
    restUntilMs = performance.now() + ledger.restMs
  }

  /** One group at a time: what comes while the disk works gathers for the next. */
  const flushNow = (): void => {
    cancelNext = null
    flushing = flush()
      .then(() => {
        flushing = null
        if (waiting.length > 0 && !closed) schedule()
      })
      .catch((error: unknown) => {
        broken = true
        hooks.diskBroken(error)
      })
  }

  // The first write after a rest goes at once; under load the writes of a few milliseconds gather, for a commit costs
  // as much as a dozen of them. The wall's own timers, not the clock: a commit must come also when a test holds time.
  const schedule = (): void => {
    const restMs = waiting.length >= ledger.groupWrites ? 0 : restUntilMs - performance.now()
    if (restMs > 0) {
      const timer = setTimeout(flushNow, restMs)
      cancelNext = () => { clearTimeout(timer) }
    } else {
      const turn = setImmediate(flushNow)
      cancelNext = () => { clearImmediate(turn) }
    }
  }

  return {
    write<T>(work: () => T): Promise<T> {
      if (closed) return Promise.reject(fault('INTERNAL', { reason: 'the ledger is closed' }))
      return new Promise<T>((resolve, reject) => {
        waiting.push({ run: () => { const result = work(); return () => { resolve(result) } }, reject })
        if (cancelNext === null && flushing === null) schedule()
      })
    },
    async close() {
      closed = true
      cancelNext?.()
      cancelNext = null
      await flushing
      while (waiting.length > 0 && !broken) await flush()
    },
  }
}
