/** How fast and when mails may leave: limits of a connection and of a flow, a delay, quiet hours; their schemas, words and times. */
import { z } from 'zod'
import { isTimeZone, momentOf, wallAt } from '../wall-clock.ts'

const dayMs = 24 * 3600_000

export const limitPeriods = ['minute', 'hour', 'day'] as const
export type LimitPeriod = (typeof limitPeriods)[number]
const atMost = z.number().int('Whole mails').min(1, 'At least 1').max(1_000_000).nullable().default(null)
/** null: no limit. */
export const limitsSchema = z.object({ minute: atMost, hour: atMost, day: atMost }).strict()
export type Limits = z.infer<typeof limitsSchema>
export const noLimits: Limits = { minute: null, hour: null, day: null }

const periodWords: Record<LimitPeriod, string> = { minute: 'a minute', hour: 'an hour', day: 'a day' }
/** `100 an hour` */
export const sayLimit = (period: LimitPeriod, limit: number): string => `${limit} ${periodWords[period]}`
/** `100 an hour, 500 a day`; '' for none. */
export const sayLimits = (limits: Limits): string => limitPeriods.flatMap((period) => (limits[period] === null ? [] : [sayLimit(period, limits[period])])).join(', ')

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write a time like 07:00')
const timeZone = z.string().trim().max(64).refine(isTimeZone, 'Write a time zone like Europe/Berlin')

export const delayUnits = ['seconds', 'minutes', 'hours', 'days'] as const
export type DelayUnit = (typeof delayUnits)[number]
const unitMs: Record<DelayUnit, number> = { seconds: 1000, minutes: 60_000, hours: 3600_000, days: dayMs }
/** A year: who wants more has mistaken the unit. */
const longestDelayMs = 366 * dayMs

/** `after`: so long after the run was computed; `at`: when the clock of that zone next shows this time. */
export const delaySchema = z.union([
  z.object({ after: z.number().int('Whole numbers').min(1, 'At least 1'), unit: z.enum(delayUnits) }).strict()
    .refine(({ after, unit }) => after * unitMs[unit] <= longestDelayMs, { message: 'At most a year', path: ['after'] }),
  z.object({ at: clockTime, timeZone }).strict(),
])
export type Delay = z.infer<typeof delaySchema>

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Weekday = (typeof weekdays)[number]
/** Nothing leaves from `from` to `to` (over midnight where `from` is later; equal: no such hours) nor on days that are not named. */
export const quietSchema = z.object({
  from: clockTime, to: clockTime,
  days: z.array(z.enum(weekdays)).min(1, 'Choose a day').max(weekdays.length),
  timeZone,
}).strict()
export type Quiet = z.infer<typeof quietSchema>

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** When a mail made at `now` may leave, for its delay alone. ISO times. */
export function delayedUntil(delay: Delay, now: string): string {
  const nowMs = Date.parse(now)
  if ('after' in delay) return new Date(nowMs + delay.after * unitMs[delay.unit]).toISOString()
  const today = Math.floor(wallAt(nowMs, delay.timeZone).wallMs / dayMs) * dayMs + minuteOf(delay.at) * 60_000
  const next = [0, 1, 2].map((days) => momentOf(today + days * dayMs, delay.timeZone, nowMs)).find((ms) => ms !== null)
  return new Date(next ?? nowMs).toISOString()
}

const allows = ({ from, to, days }: Quiet, weekday: number, minute: number): boolean => {
  const [begin, end] = [minuteOf(from), minuteOf(to)]
  const isQuiet = begin <= end ? minute >= begin && minute < end : minute >= begin || minute < end
  const day = weekdays[weekday]
  return !isQuiet && day !== undefined && days.includes(day)
}

/** Until when it is quiet (ISO); null: not now. */
export function quietUntil(quiet: Quiet, now: string): string | null {
  const nowMs = Date.parse(now)
  const here = wallAt(nowMs, quiet.timeZone)
  if (allows(quiet, here.weekday, here.minute)) return null
  const today = Math.floor(here.wallMs / dayMs) * dayMs
  // It can only end at the end of the hours or with a day's beginning; every weekday comes within eight days.
  for (let days = 0; days <= weekdays.length + 1; days += 1) {
    for (const minute of [0, minuteOf(quiet.to)]) {
      const moment = momentOf(today + days * dayMs + minute * 60_000, quiet.timeZone, nowMs)
      if (moment === null) continue
      const then = wallAt(moment, quiet.timeZone)
      if (allows(quiet, then.weekday, then.minute)) return new Date(moment).toISOString()
    }
  }
  return null
}

const dayNames: Record<Weekday, string> = { sun: 'Sun', mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat' }
const workdays = 'mon,tue,wed,thu,fri'
export function sayQuiet({ from, to, days, timeZone: zone }: Quiet): string {
  const hours = from === to ? [] : [`not from ${from} to ${to}`]
  const only = days.length === weekdays.length ? [] : [[...days].sort().join() === workdays.split(',').sort().join() ? 'on weekdays only' : `on ${weekdays.filter((day) => days.includes(day)).map((day) => dayNames[day]).join(', ')} only`]
  return hours.length + only.length === 0 ? 'at any time' : `${[...hours, ...only].join(', ')} (${zone})`
}
export const sayDelay = (delay: Delay): string =>
  ('after' in delay ? `${delay.after} ${delay.after === 1 ? delay.unit.slice(0, -1) : delay.unit} later` : `at ${delay.at} (${delay.timeZone})`)
