/** When one mailbox wants to be looked into: by intervals and the server's news, or only at the times of a schedule. */
import { nextTimes } from '#shared/schedule.ts'
import type { Clock } from '../clock.ts'
import { idleRenewMs } from '../limits.ts'
import type { Trigger } from './trigger.ts'

/**
 * Mail comes in bursts, and a server tells of it in batches (Dovecot at most every 500 ms): while mail flows, the mailbox
 * is looked at this often for this long, so that the next one of the burst does not wait for the server's next batch.
 */
const livelyLookMs = 120
const livelyMs = 2000
/** A mailbox that only owes its mails their last step. */
const restMs = 86_400_000
/** A timer may ring a little early. */
const earlyMs = 5

export interface Rhythm {
  set(triggers: readonly Trigger[]): void
  /** Until the next look; 0 or less: now. */
  dueInMs(): number
  /** Until somebody should see to the mailbox: the next look, or the next time its line is felt. */
  wakeInMs(): number
  /** For which triggers to look. News is none for those with a schedule; a person's wish is for all. */
  due(why: 'time' | 'news' | 'person'): readonly Trigger[]
  looked(at: readonly Trigger[], fresh: number, more: number): void
  /** The longest that a mailbox may be left alone in good order. */
  intervalMs(): number
}

export function makeRhythm(clock: Clock): Rhythm {
  let byInterval: readonly Trigger[] = []
  /** With its next time, in milliseconds of the wall clock: a machine that slept through it looks when it wakes. */
  const byTimes = new Map<Trigger, number>()
  let lastLookMs = clock.steadyMs()
  let livelyUntilMs = 0

  const nextOf = ({ config: { schedule } }: Trigger): number => {
    const [next] = schedule ? nextTimes(schedule, clock.now(), 1) : []
    return next === undefined ? Infinity : Date.parse(next)
  }
  const delayMs = (): number => (byInterval.length > 0 ? Math.min(...byInterval.map((trigger) => trigger.config.delaySeconds)) * 1000 : byTimes.size > 0 ? Infinity : restMs)
  const intervalDueInMs = (): number => lastLookMs + (lastLookMs < livelyUntilMs ? Math.min(livelyLookMs, delayMs()) : delayMs()) - clock.steadyMs()
  const dueInMs = (): number => Math.min(intervalDueInMs(), ...[...byTimes.values()].map((at) => at - Date.parse(clock.now())))

  return {
    set: (triggers) => {
      byInterval = triggers.filter((trigger) => !trigger.config.schedule)
      byTimes.clear()
      for (const trigger of triggers) if (trigger.config.schedule) byTimes.set(trigger, nextOf(trigger))
    },
    dueInMs,
    wakeInMs: () => Math.max(0, Math.min(dueInMs(), byTimes.size > 0 ? idleRenewMs : restMs)),
    due: (why) => {
      const now = Date.parse(clock.now())
      const timed = [...byTimes].filter(([, at]) => why === 'person' || at <= now + earlyMs).map(([trigger]) => trigger)
      return why !== 'time' || intervalDueInMs() <= earlyMs ? [...byInterval, ...timed] : timed
    },
    looked: (at, fresh, more) => {
      for (const trigger of at) if (byTimes.has(trigger)) byTimes.set(trigger, nextOf(trigger))
      if (!at.some((trigger) => !trigger.config.schedule)) return
      lastLookMs = clock.steadyMs()
      // What a look was not allowed to take comes at the ordinary rhythm: the limit is a limit of speed.
      if (more > 0) livelyUntilMs = 0
      else if (fresh > 0) livelyUntilMs = lastLookMs + livelyMs
    },
    intervalMs: () => Math.min(delayMs(), byTimes.size > 0 ? idleRenewMs : restMs),
  }
}
