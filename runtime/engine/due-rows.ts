/**
 * Which rows of the outbox are due: looked for when somebody asks and when a row's time has come, one look at a time, each
 * flow of each connection by turns. A wish that comes during a look is a look behind it, so that none is lost.
 */
import { problemOf } from '#shared/errors.ts'
import type { SendId } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { SendQueue } from '../store/due-sends.ts'
import type { ClaimedSend, Store } from '../store/store.ts'
import { type Alarm, makeAlarm } from './alarm.ts'

/** Rows read from the store at once when some are due. */
const dueBatch = 64
/** The ledger could not be read: asked again after this. */
const lookAgainMs = 5000

export interface DueRowsDeps {
  readonly store: Pick<Store, 'dueQueues' | 'dueSends' | 'nextSendAt'>
  readonly clock: Clock
  readonly log: Log
  readonly add: (sends: readonly ClaimedSend[]) => void
  readonly inHand: ReadonlySet<SendId>
  /** How many rows of a queue may be taken in hand now; 0: they would only be given back. */
  readonly wants: (queue: SendQueue) => number
  /** Rows of it may be left in the ledger; or none are, as far as this look has seen. */
  readonly behind: (queue: SendQueue, isBehind: boolean) => void
  /** When rows that are due may go on at the earliest (ISO); null: none waits, or nobody knows. */
  readonly goesOnAt: () => string | null
  /** The outbox's stop waits for a look under way. */
  readonly track: (work: Promise<void>) => void
  /** Resolves when more may be taken in hand, and at the stop. */
  readonly room: () => Promise<void>
}

export interface DueRows extends Alarm {
  /** Looks now. */
  readonly wake: () => void
}

export function makeDueRows({ store, clock, log, add, inHand, wants, behind, goesOnAt, track, room }: DueRowsDeps): DueRows {
  const alarm = makeAlarm(clock, wake)
  let looking = false
  let lookAgain = false
  let stopped = false
  /** The queue that had the last turn. */
  let last = ''

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
      if (await takeTurns(now)) continue
      // Asked for what is due after the very moment that was looked at: a row that has become due since is not passed over.
      alarm.ringAt(await store.nextSendAt(now))
      alarm.ringAt(goesOnAt())
      return
    }
  }

  /** One batch, of all queues alike; whether there may be more that are wanted. */
  async function takeTurns(now: string): Promise<boolean> {
    const all = await store.dueQueues(now)
    for (const queue of all) if (wants(queue) <= 0) behind(queue, true)
    const queues = all.filter((queue) => wants(queue) > 0).sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
    const begin = Math.max(0, queues.findIndex((queue) => nameOf(queue) > last))
    const share = Math.max(1, Math.ceil(dueBatch / queues.length))
    let taken = 0
    let more = false
    for (const queue of [...queues.slice(begin), ...queues.slice(0, begin)]) {
      if (taken >= dueBatch) return true
      const most = Math.min(share, wants(queue))
      if (most <= 0) continue
      const due = await store.dueSends(now, queue, most, inHand)
      // A wish that came meanwhile may be of a row written after this look: new mails go on standing behind it.
      if (due.length === most || !lookAgain) behind(queue, due.length === most)
      more ||= due.length === most
      taken += due.length
      last = nameOf(queue)
      add(due)
    }
    return more
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

const nameOf = ({ connection, flow }: SendQueue): string => `${connection}\0${flow}`
