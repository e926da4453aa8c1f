/** Reads a Date header (RFC 5322 section 3.3 and what breaks it) without the machine's clock or zone: unreadable is null, never "now". */

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** RFC 5322 section 4.3; the military letters say nothing reliable and count as UTC, as it asks. */
const zones: Readonly<Record<string, number>> = { ut: 0, utc: 0, gmt: 0, est: -300, edt: -240, cst: -360, cdt: -300, mst: -420, mdt: -360, pst: -480, pdt: -420, cet: 60, cest: 120, jst: 540 }

const usual = /^(?:[a-z]{2,12}\.?\s*,?\s*)?(\d{1,2})[\s-]+([a-z]{3,9})\.?[\s,-]+(\d{2,4})[\s,]+(\d{1,2})\s?[:.]\s?(\d{1,2})(?:\s?[:.]\s?(\d{1,2})(?:[.,]\d{1,9})?)?\s*(am|pm)?\s*(.{0,40})$/i
/** C's asctime: `Thu Jan  1 00:00:00 2026`, with a zone before or after the year. */
const unix = /^(?:[a-z]{2,12}\.?\s*,?\s+)?([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+(?:([a-z]{1,4}|[+-]\d{4})\s+)?(\d{4})\s*(.{0,40})$/i
/** `December 1, 2014 at 2:59:42 PM PST`, as forwarded copies have it. */
const american = /^(?:[a-z]{2,12}\.?\s*,?\s+)?([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4}),?\s+(?:at\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm)?\s*(.{0,40})$/i
const iso = /^(\d{4})-(\d{2})-(\d{2})[T\s]+(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*(.{0,40})$/i

/** ISO time in UTC, or null. */
export function readDate(raw: string): string | null {
  if (raw.length > 200) return null
  const text = raw.replace(/\([^()]*\)/g, ' ').replace(/\s+/g, ' ').trim()
  let found = usual.exec(text)
  if (found) {
    const [, day, month, year, hour, minute, second, half, zone] = found
    return build(fullYear(year ?? ''), monthOf(month), Number(day), hours(Number(hour), half), Number(minute), Number(second ?? 0), zone ?? '')
  }
  found = unix.exec(text)
  if (found) {
    const [, month, day, hour, minute, second, zoneBefore, year, zoneAfter] = found
    return build(Number(year), monthOf(month), Number(day), Number(hour), Number(minute), Number(second ?? 0), zoneBefore ?? zoneAfter ?? '')
  }
  found = american.exec(text)
  if (found) {
    const [, month, day, year, hour, minute, second, half, zone] = found
    return build(Number(year), monthOf(month), Number(day), hours(Number(hour), half), Number(minute), Number(second ?? 0), zone ?? '')
  }
  found = iso.exec(text)
  if (!found) return null
  const [, year, month, day, hour, minute, second, zone] = found
  return build(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second ?? 0), zone ?? '')
}

/** 0 when it is no month's name. */
const monthOf = (name: string | undefined): number => months.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1
const hours = (hour: number, half: string | undefined): number => (half ? (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : hour)

/** RFC 5322 section 4.3: two digits below 50 are of this century, three digits count from 1900. */
function fullYear(digits: string): number {
  const year = Number(digits)
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year
  return digits.length === 3 ? 1900 + year : year
}

function build(year: number, month: number, day: number, hour: number, minute: number, second: number, zone: string): string | null {
  const offset = zoneMinutes(zone.trim())
  if (offset === null || year < 1900 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return null
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second) - offset * 60_000)
  return time.getUTCFullYear() > 9999 ? null : time.toISOString()
}

function zoneMinutes(zone: string): number | null {
  if (zone === '' || /^[a-z]$/i.test(zone)) return 0
  const found = /^(?:gmt|utc)?\s*([+-])(\d{1,2}):?(\d{2})\b/i.exec(zone)
  if (found) {
    const minutes = Number(found[2]) * 60 + Number(found[3])
    return Number(found[3]) > 59 || minutes > 24 * 60 ? null : (found[1] === '-' ? -minutes : minutes)
  }
  return zones[/^[a-z]+/i.exec(zone)?.[0].toLowerCase() ?? ''] ?? null
}
