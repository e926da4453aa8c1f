/** Times, spans and sizes as people say them; the same words on every screen. `now` is passed in, so nothing here reads a clock. */

// One language for the whole screen: English words with a 24-hour clock, in the reader's own time zone.
const locale = 'en-GB'
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const format = (options: Intl.DateTimeFormatOptions) => {
  const made = new Map<string, Intl.DateTimeFormat>()
  return (at: number, zone: string | undefined): string => {
    const key = zone ?? ''
    const found = made.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, ...(zone ? { timeZone: zone } : {}) })
    made.set(key, found)
    return found.format(at)
  }
}
const clock = format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const dayAndClock = format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const dayAndYear = format({ day: 'numeric', month: 'short', year: 'numeric' })
const dayOnly = format({ day: 'numeric', month: 'numeric', year: 'numeric' })
const yearOnly = format({ year: 'numeric' })
const weekday = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
const minutes = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const whole = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'short' })

/** Short, for tables: the clock today, the day and clock this year, else the day with its year. */
export function sayTime(at: string, now: number, zone?: string): string {
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) return ''
  if (dayOnly(ms, zone) === dayOnly(now, zone)) return clock(ms, zone)
  return yearOnly(ms, zone) === yearOnly(now, zone) ? dayAndClock(ms, zone) : dayAndYear(ms, zone)
}

/** In full, for detail views and tooltips. */
export function sayWholeTime(at: string, zone?: string): string {
  const ms = Date.parse(at)
  return Number.isNaN(ms) ? at : whole(ms, zone)
}

/** A day and a clock apart, for appointments. */
export const sayDay = (at: string, zone?: string): string => weekday(Date.parse(at), zone)
export const sayClock = (at: string, zone?: string): string => minutes(Date.parse(at), zone)

export function sayAgo(at: string, now: number): string {
  const ms = now - Date.parse(at)
  if (Number.isNaN(ms)) return ''
  if (ms < 5 * second) return 'just now'
  return `${saySpan(ms)} ago`
}

export function sayUntil(at: string, now: number): string {
  const ms = Date.parse(at) - now
  if (Number.isNaN(ms)) return ''
  return ms < second ? 'now' : `in ${saySpan(ms)}`
}

/** One unit, rounded down: what counts is the magnitude. */
function saySpan(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)} s`
  if (ms < hour) return `${Math.floor(ms / minute)} min`
  if (ms < day) return `${Math.floor(ms / hour)} h`
  const days = Math.floor(ms / day)
  return days === 1 ? '1 day' : `${days} days`
}

/** How long something took. */
export function sayDuration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`
  if (ms < 10 * second) return `${(ms / second).toFixed(1)} s`
  if (ms < minute) return `${Math.round(ms / second)} s`
  if (ms < hour) return twoUnits(Math.floor(ms / minute), 'min', Math.round((ms % minute) / second), 's')
  if (ms < day) return twoUnits(Math.floor(ms / hour), 'h', Math.floor((ms % hour) / minute), 'min')
  return saySpan(ms)
}
const twoUnits = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`

/** Decimal units, as mail programs show them. */
export function saySize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`
}

export const sayCount = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString(locale)} ${count === 1 ? one : many}`
