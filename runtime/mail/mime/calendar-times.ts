/**
 * Times of iCalendar as moments. What is in UTC, a whole day or without a zone is read here; zones (IANA's, Windows'
 * names, Outlook's own rules) are node-ical's. Nothing depends on the zone of the machine.
 */
import { sync } from 'node-ical'
import type { CalendarLine, Component } from './calendar-lines.ts'
import { oneLine } from './header-fields.ts'

export interface CalendarTime {
  /** ISO; of a whole day its midnight in UTC, of a time without a zone as if it were UTC. */
  readonly at: string
  readonly allDay: boolean
  /** IANA name, offset or the name of the calendar's own rules; 'UTC'; 'floating' is the reader's own wall clock. */
  readonly zone: string
}

export function readTime(line: CalendarLine | undefined, calendar: Component): CalendarTime | null {
  if (!line) return null
  // `TZID=tzone://Microsoft/Utc:2026…` without the quotes it needs: the colon of the name ended the parameters.
  const colon = line.value.lastIndexOf(':')
  const found = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/.exec(line.value.slice(colon + 1).trim())
  if (!found) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map((digits) => Number(digits ?? 0))
  const asUtc = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // RFC 5545 allows a leap second; anything else that does not come back is no date.
  if (year < 1000 || asUtc.getUTCMonth() !== month - 1 || hour > 23 || minute > 59 || second > 60) return null
  const at = asUtc.toISOString()
  if (found[4] === undefined) return { at, allDay: true, zone: '' }
  const zone = `${line.parameters.get('TZID') ?? ''}${colon < 0 ? '' : `:${line.value.slice(0, colon)}`}`
  if (found[7] === 'Z' || /^(?:tzone:\/\/Microsoft\/)?Utc$/i.test(zone)) return { at, allDay: false, zone: 'UTC' }
  return (zone !== '' && zone.length <= longestZone && readZoned(found[0], zone, calendar)) || { at, allDay: false, zone: 'floating' }
}

const longestZone = 200
/** Names that node-ical looks up among the calendar's own zones; without one there it would take the machine's zone. */
const ownZone = 'Customized Time Zone'
const isOwnZone = /^(?:tzone:\/\/Microsoft\/|\(no TZ description\)|Customized Time Zone)/i

function readZoned(time: string, zone: string, calendar: Component): CalendarTime | null {
  const known = isOwnZone.test(zone) ? null : askZone(time, zone, [])
  if (known) return known
  const rules = calendar.inner.find((inner) => inner.name === 'VTIMEZONE' && inner.lines.some((line) => line.name === 'TZID' && line.value.trim() === zone))
  const told = rules ? askZone(time, ownZone, ['BEGIN:VTIMEZONE', `TZID:${ownZone}`, ...rules.inner.slice(0, mostRules).flatMap(writeRule), 'END:VTIMEZONE']) : null
  // What it matched the rules to is one zone of many with the same clock; the writer's name says more.
  return told && { ...told, zone: oneLine(zone) }
}

/** A zone has two rules; some write one for each year. */
const mostRules = 200
const ruleNames = new Set(['DTSTART', 'TZOFFSETFROM', 'TZOFFSETTO', 'RRULE'])
const writeRule = ({ name, lines }: Component): string[] => {
  const once = lines.filter((line, index) => ruleNames.has(line.name) && lines.findIndex((other) => other.name === line.name) === index)
  return name === 'STANDARD' || name === 'DAYLIGHT' ? [`BEGIN:${name}`, ...once.map((line) => `${line.name}:${line.value.slice(0, 300)}`), `END:${name}`] : []
}

/** null: a zone it does not know, for which it would use the machine's. */
function askZone(time: string, zone: string, rules: readonly string[]): CalendarTime | null {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f"]/.test(zone)) return null
  const text = ['BEGIN:VCALENDAR', ...rules, 'BEGIN:VEVENT', 'UID:one', `DTSTART;TZID=${/[:;,]/.test(zone) ? `"${zone}"` : zone}:${time}`, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n')
  try {
    const event = sync.parseICS(text)['one']
    const start = event?.type === 'VEVENT' ? event.start : null
    const name = start?.tz ?? ''
    return start && isZone(name) && Number.isFinite(start.getTime()) ? { at: start.toISOString(), allDay: false, zone: name } : null
  } catch {
    // It throws on rules it can't make sense of; the time stays without a zone.
    return null
  }
}

function isZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}
