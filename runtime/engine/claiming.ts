/** Takes queued runs out of the ledger while there is room in hand; one pass at a time, and a wish that comes during one is a pass behind it. */
import { suspectAttempts } from '../limits.ts'
import type { Log } from '../log.ts'
import type { ClaimedRun, Store } from '../store/store.ts'
import type { Hand } from './hand.ts'
import type { Insist } from './insist.ts'

export interface ClaimingDeps {
  readonly store: Pick<Store, 'claimRuns'>
  readonly hand: Hand
  readonly insist: Insist
  readonly log: Log
  readonly stopping: AbortSignal
  /** Nothing is claimed before. */
  readonly ready: () => Promise<void>
  /** Resolves when the results of these are written. */
  readonly begin: (runs: readonly ClaimedRun[]) => Promise<void>
}
export interface Claiming {
  readonly wake: () => void
  /** Resolves when no pass is under way. */
  readonly idle: () => Promise<void>
}

/** Queued runs read from the store at once. */
const claimBatch = 64

export function makeClaiming({ store, hand, insist, log, stopping, ready, begin }: ClaimingDeps): Claiming {
  let claiming: Promise<void> | null = null
  let claimAgain = false

  function wake(): void {
    if (stopping.aborted) return
    if (claiming) {
      claimAgain = true
      return
    }
    claiming = claimQueued()
      .catch((error: unknown) => { log.error('engine.claim-failed', { reason: String(error) }) })
      .finally(() => {
        claiming = null
        if (claimAgain) {
          claimAgain = false
          wake()
        }
      })
  }

  async function claimQueued(): Promise<void> {
    await ready()
    for (;;) {
      const leave = await hand.room(claimBatch, stopping)
      try {
        if (stopping.aborted) return
        // Insisted on: nobody else would ask again for the runs that wait while the disk is full.
        const runs = await insist.write(() => store.claimRuns(claimBatch))
        if (runs.length === 0) return
        const written = begin(runs)
        // The store hands a suspect out alone; the next one waits until it is through.
        if (runs.some((run) => run.attempts >= suspectAttempts)) await written
      } finally {
        leave()
      }
    }
  }

  return { wake, idle: async () => { await claiming } }
}
