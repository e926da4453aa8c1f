/** Whether a run's mails may go, judged by what the flow has sent of late: pure but for the counts it reads. */
import { fault, type Problem, problemOf } from '#shared/errors.ts'
import type { Sending } from '#shared/sending/safety.ts'
import { shieldCounts } from '#runtime/limits.ts'
import type { Shielded } from '../compute.ts'
import { type Counts, inLastHour, type Person } from './counts.ts'

export interface Asked {
  readonly mails: readonly Shielded[]
  readonly nowMs: number
  /** When the mail that started the run came; null when nobody knows. */
  readonly arrivedMs: number | null
}
export type Judgement =
  /** `take` counts the mails; called when they are really on their way. */
  | { readonly ok: true; readonly take: () => void }
  | { readonly ok: false; readonly problem: Problem }

export function judge(counts: Counts, { perHour, strangersPerHour, perStrangerHour, perStrangerDay }: Sending, { mails, nowMs, arrivedMs }: Asked): Judgement {
  const over = (count: number, limit: number, what: string): Judgement | null =>
    limit > 0 && count > limit ? { ok: false, problem: problemOf(fault('SEND_BUDGET', { count: count - 1, what, limit })) } : null
  const toStrangers = mails.filter(({ strangers }) => strangers.length > 0).length
  const whole = over(counts.mails(nowMs) + mails.length, perHour, 'in the last hour') ?? over(toStrangers === 0 ? 0 : counts.strangerMails(nowMs) + toStrangers, strangersPerHour, 'in the last hour to people whose addresses come out of mails')
  if (whole) return whole
  const people = new Map<string, Person>()
  // The last one is always needed, to tell an answer from what came before; the others only as far as a budget reaches.
  const kept = Math.max(perStrangerHour, perStrangerDay) + 1
  for (const { strangers, answered } of mails) {
    for (const address of new Set([...strangers, ...answered])) {
      const before = people.get(address) ?? counts.person(address, nowMs)
      const person = writtenTo(before, answered.includes(address), kept, nowMs, arrivedMs)
      if (person.rallies >= shieldCounts.rallies || person.turnsMs.length > shieldCounts.turns) return { ok: false, problem: problemOf(fault('SEND_PING_PONG', { address })) }
      if (!strangers.includes(address)) {
        people.set(address, person)
        continue
      }
      const tooMany = over(inLastHour(person.sentMs, nowMs), perStrangerHour, `to ${address} in the last hour`) ?? over(person.sentMs.length, perStrangerDay, `to ${address} in the last 24 hours`)
      if (tooMany) return tooMany
      people.set(address, person)
    }
  }
  return {
    ok: true,
    take: () => { for (const mail of mails) counts.add({ atMs: nowMs, all: perHour > 0, strangers: strangersPerHour > 0 && mail.strangers.length > 0, people: [...people].map(([address, person]) => ({ address, person })) }) },
  }
}

/**
 * A rally: the mail that is answered came within moments after our last one to the same address, as a machine's does and a
 * person's hardly ever twice in a row. What had come before our last one was no answer to it, however many lay there.
 */
function writtenTo(before: Person, isAnswer: boolean, kept: number, nowMs: number, arrivedMs: number | null): Person {
  const lastMs = before.sentMs.at(-1)
  const sentMs = [...before.sentMs, nowMs].slice(-kept)
  if (!isAnswer) return { ...before, sentMs }
  // Servers tell whole seconds.
  const cameAfter = lastMs !== undefined && arrivedMs !== null && arrivedMs + 999 >= lastMs
  if (!cameAfter) return { sentMs, rallies: 0, turnsMs: before.turnsMs }
  return { sentMs, rallies: arrivedMs - lastMs <= shieldCounts.atOnceMs ? before.rallies + 1 : 0, turnsMs: [...before.turnsMs, nowMs] }
}
