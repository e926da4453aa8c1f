/** Old bodies make room once a day; what the ledger knows of each mail stays, so that none runs twice. */
import { problemOf } from '#shared/errors.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Store } from './store/store.ts'

const dayMs = 24 * 3600_000
/** Not in the first minutes after a start, when there is mail to catch up with. */
const firstMs = 10 * 60_000

/** Returns the way to stop. */
export function pruneDaily(store: Pick<Store, 'prune'>, clock: Clock, log: Log, keepDays: number): () => void {
  const prune = () => {
    cancel = clock.after(dayMs, prune)
    store.prune(new Date(Date.parse(clock.now()) - keepDays * dayMs).toISOString()).then(
      (runs) => { log.info('prune.done', { runs, keepDays }) },
      (error: unknown) => { log.warn('prune.failed', { reason: problemOf(error).say }) },
    )
  }
  let cancel = clock.after(firstMs, prune)
  return () => { cancel() }
}
