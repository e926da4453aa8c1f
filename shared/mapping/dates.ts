/** Reads and writes points in time for the date functions; the machine's own time zone never plays a part. */
import type { Json } from '../json.ts'
import { keptCompiled } from './limits.ts'

// Without a zone a time is UTC: the machine's zone would give another mail on another machine.
const isoTime = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i
/** RFC 5322 section 3.3, as `dateRaw` holds it. */
const mailTime = /^(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d{2}):(\d{2})(?::(\d{2}))?\s+(?:([+-]\d{4})|GMT|UT|UTC|Z)(?:\s*\([^()]*\))?$/
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** The years 1 to 9999: what ISO 8601 writes with four digits. */
const firstMs = -62_135_596_800_000
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** Milliseconds since 1970, or null when it is no date. Numbers are milliseconds. */
export function toTime(value: Json): number | null {
  if (Array.isArray(value)) return value.length === 1 && !Array.isArray(value[0]) ? toTime(value[0] ?? null) : null
  if (typeof value === 'number') return inRange(value)
  if (typeof value !== 'string' || value.length > 100) return null
  const text = value.trim()
  const iso = isoTime.exec(text)
  if (iso) return readTime(iso[1], Number(iso[2]) - 1, iso[3], iso[4], iso[5], iso[6], iso[7], iso[8])
  const mail = mailTime.exec(text)
  return mail ? readTime(mail[3], months.indexOf((mail[2] ?? '').toLowerCase()), mail[1], mail[4], mail[5], mail[6], undefined, mail[7]) : null
}

export const writeTime = (ms: number): string => new Date(ms).toISOString()

function readTime(
  year: string | undefined, month: number, day: string | undefined, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z',
): number | null {
  const date = new Date(0)
  date.setUTCFullYear(Number(year), month, Number(day))
  const isRealDay = date.getUTCMonth() === month && date.getUTCDate() === Number(day)
  if (!isRealDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, '0').slice(0, 3)))
  return inRange(date.getTime() - zoneMs(zone))
}

function zoneMs(zone: string): number {
  const parts = /^([+-])(\d{2}):?(\d{2})$/.exec(zone)
  return parts ? (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3])) * 60_000 : 0
}

const inRange = (ms: number): number | null => (Number.isFinite(ms) && ms >= firstMs && ms <= lastMs ? Math.trunc(ms) : null)

const formats = new Map<string, Intl.DateTimeFormat | null>()

export const isZone = (zone: string): boolean => formatFor('en', zone) !== null

/** A zone or language nobody knows counts as UTC and English. */
function formatFor(language: string, zone: string): Intl.DateTimeFormat | null {
  const key = `${language}/${zone}`
  const known = formats.get(key)
  if (known !== undefined) return known
  const made = makeFormat(language, zone)
  if (formats.size >= keptCompiled) formats.delete(formats.keys().next().value ?? '')
  formats.set(key, made)
  return made
}

function makeFormat(language: string, zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat(language, {
      timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', era: 'short',
      year: 'numeric', month: 'long', day: 'numeric', weekday: 'long', hour: '2-digit', minute: '2-digit', second: '2-digit',
    })
  } catch {
    return null
  }
}

/** Letters of the pattern: yyyy yy MMMM MMM MM M dd d EEEE EEE HH H hh h mm ss SSS a xxx; what stands in 'quotes' is text. */
export function formatTime(ms: number, pattern: string, zone: string, language: string): string {
  const inZone = formatFor('en', zone) ?? formatFor('en', 'UTC')
  if (!inZone) return writeTime(ms)
  const parts = inZone.formatToParts(ms)
  const clock = new Date(0)
  clock.setUTCFullYear(Number(read(parts, 'year')), englishMonths.indexOf(read(parts, 'month')), Number(read(parts, 'day')))
  clock.setUTCHours(Number(read(parts, 'hour')), Number(read(parts, 'minute')), Number(read(parts, 'second')), new Date(ms).getUTCMilliseconds())
  const words = (formatFor(language, 'UTC') ?? inZone).formatToParts(clock.getTime())
  const hour = clock.getUTCHours()
  const fields: Record<string, () => string> = {
    yyyy: () => String(clock.getUTCFullYear()).padStart(4, '0'), yy: () => two(clock.getUTCFullYear() % 100),
    MMMM: () => read(words, 'month'), MMM: () => shorten(read(words, 'month')), MM: () => two(clock.getUTCMonth() + 1), M: () => String(clock.getUTCMonth() + 1),
    dd: () => two(clock.getUTCDate()), d: () => String(clock.getUTCDate()),
    EEEE: () => read(words, 'weekday'), EEE: () => shorten(read(words, 'weekday')),
    HH: () => two(hour), H: () => String(hour), hh: () => two(hour % 12 || 12), h: () => String(hour % 12 || 12),
    mm: () => two(clock.getUTCMinutes()), ss: () => two(clock.getUTCSeconds()), SSS: () => String(clock.getUTCMilliseconds()).padStart(3, '0'),
    a: () => (hour < 12 ? 'AM' : 'PM'), xxx: () => offset(clock.getTime() - ms),
  }
  return pattern.replace(/'((?:[^']|'')*)'|yyyy|yy|M{1,4}|dd?|EEEE|EEE|HH?|hh?|mm|SSS|ss|a|xxx/g, (token, quoted?: string) =>
    quoted === undefined ? (fields[token]?.() ?? token) : quoted.replaceAll('\'\'', '\'') || '\'')
}

const read = (parts: readonly Intl.DateTimeFormatPart[], type: string): string => parts.find((part) => part.type === type)?.value ?? ''
const two = (value: number): string => String(value).padStart(2, '0')
const englishMonths = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const shorten = (word: string): string => Array.from(word).slice(0, 3).join('')

function offset(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
