/** What a flow has sent of late, in memory: to count budgets and to see whom it answers again and again. Bounded, and nothing in it must survive: the ledger tells most of it again. */
import { shieldCounts } from '#runtime/limits.ts'

const hourMs = 3600_000
const dayMs = 24 * hourMs

/** Whom the flow has written to, as milliseconds since 1970, oldest first. */
export interface Person {
  readonly sentMs: readonly number[]
  /** Answers in a row that each came back within moments. */
  readonly rallies: number
  /** Answers to mails that came after the answer before. */
  readonly turnsMs: readonly number[]
}
const unknown: Person = { sentMs: [], rallies: 0, turnsMs: [] }

export interface Counts {
  /** In the last hour. */
  mails(nowMs: number): number
  strangerMails(nowMs: number): number
  person(address: string, nowMs: number): Person
  /** `all` and `strangers`: whether the mail counts among these. */
  add(mail: { readonly atMs: number; readonly all: boolean; readonly strangers: boolean; readonly people: readonly { readonly address: string; readonly person: Person }[] }): void
}

export function makeCounts(): Counts {
  const mails: number[] = []
  const strangerMails: number[] = []
  /** In the order in which they were last written to: the one longest not written to is forgotten first. */
  const people = new Map<string, Person>()
  const dropOld = (times: number[], beforeMs: number): number => {
    const keep = times.findIndex((time) => time > beforeMs)
    times.splice(0, keep === -1 ? times.length : keep)
    return times.length
  }
  return {
    mails: (nowMs) => dropOld(mails, nowMs - hourMs),
    strangerMails: (nowMs) => dropOld(strangerMails, nowMs - hourMs),
    person: (address, nowMs) => {
      const { sentMs, rallies, turnsMs } = people.get(address) ?? unknown
      return { sentMs: sentMs.filter((time) => time > nowMs - dayMs), rallies, turnsMs: turnsMs.filter((time) => time > nowMs - shieldCounts.turnsWithinMs) }
    },
    add: ({ atMs, all, strangers, people: written }) => {
      for (const times of [...(all ? [mails] : []), ...(strangers ? [strangerMails] : [])]) {
        times.push(atMs)
        if (times.length > shieldCounts.mails) times.shift()
      }
      for (const { address, person } of written) {
        people.delete(address)
        people.set(address, person)
        if (people.size > shieldCounts.people) people.delete(people.keys().next().value ?? '')
      }
    },
  }
}

/** Of these times, how many lie in the last hour. */
export const inLastHour = (times: readonly number[], nowMs: number): number => times.filter((time) => time > nowMs - hourMs).length
