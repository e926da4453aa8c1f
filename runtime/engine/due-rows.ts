/**
 * Which rows of the outbox are due: looked for when somebody asks and when a row's time has come, one look at a time.
 * A wish that comes during a look is a look behind it, so that none is lost.
 */
import { problemOf } from '#shared/errors.ts'
import type { ConnectionId, SendId } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { ClaimedSend, Store } from '../store/store.ts'
import { type Alarm, makeAlarm } from './alarm.ts'

/** Rows read from the store at once when some are due. */
const dueBatch = 64
/** The ledger could not be read: asked again after this. */
const lookAgainMs = 5000

export interface DueRowsDeps {
  readonly store: Pick<Store, 'dueSends' | 'nextSendAt'>
  readonly clock: Clock
  readonly log: Log
  readonly add: (sends: readonly ClaimedSend[]) => void
  /** The outbox's stop waits for a look under way. */
  readonly track: (work: Promise<void>) => void
  /** Resolves when more may be taken in hand, and at the stop. */
  readonly room: () => Promise<void>
  readonly passOver: () => { readonly inHand: ReadonlySet<SendId>; readonly resting: ReadonlySet<ConnectionId> }
}

export interface DueRows extends Alarm {
  /** Looks now. */
  readonly wake: () => void
}

export function makeDueRows({ store, clock, log, add, track, room, passOver }: DueRowsDeps): DueRows {
  const alarm = makeAlarm(clock, wake)
  let looking = false
  let lookAgain = false
  let stopped = false

  function wake(): void {
    if (stopped) return
    if (looking) {
      lookAgain = true
      return
    }
    looking = true
    track(look().catch((error: unknown) => {
      log.error('outbox.look-failed', { reason: problemOf(error).say })
      alarm.ringIn(lookAgainMs)
    }).finally(() => {
      looking = false
      if (!lookAgain) return
      lookAgain = false
      wake()
    }))
  }

  async function look(): Promise<void> {
    for (;;) {
      await room()
      if (stopped) return
      const now = clock.now()
      const { inHand, resting } = passOver()
      const due = await store.dueSends(now, dueBatch, inHand, resting)
      add(due)
      if (due.length === dueBatch) continue
      // Asked for what is due after the very moment that was looked at: a row that has become due since is not passed over.
      alarm.ringAt(await store.nextSendAt(now))
      return
    }
  }

  return {
    wake,
    ringIn: alarm.ringIn,
    ringAt: alarm.ringAt,
    stop: () => {
      stopped = true
      alarm.stop()
    },
  }
}
