/** The calendar invite in a mail (RFC 5545, RFC 5546): the first event, or its first instance. Loaded only for mails that have one. */
import type { InviteAttendee, MailAddress, MailInvite } from '#shared/mail.ts'
import { inviteAttendees } from '#runtime/limits.ts'
import { readAddresses } from './addresses.ts'
import { readCalendar, unescapeText, type CalendarLine, type Component } from './calendar-lines.ts'
import { readTime } from './calendar-times.ts'
import { decodeText } from './charset.ts'
import { oneLine } from './header-fields.ts'

/** null when the bytes hold no whole event. Never throws. */
export function readInvite(bytes: Buffer): MailInvite | null {
  const calendar = readCalendar(decodeText(bytes, ''))
  const events = calendar?.inner.filter(({ name }) => name === 'VEVENT') ?? []
  const event = events.find(({ lines }) => !lines.some((line) => line.name === 'RECURRENCE-ID')) ?? events[0]
  if (!calendar || !event) return null
  const first = (name: string, of: Component = event): CalendarLine | undefined => of.lines.find((line) => line.name === name)
  const words = (name: string, of: Component = event): string => oneLine(unescapeText(first(name, of)?.value ?? ''))
  const start = readTime(first('DTSTART'), calendar)
  const end = readTime(first('DTEND'), calendar)
  const organizer = first('ORGANIZER')
  const sequence = /^\d{1,9}$/.exec(words('SEQUENCE'))
  return {
    method: words('METHOD', calendar).toUpperCase(),
    uid: words('UID'),
    sequence: sequence ? Number(sequence[0]) : 0,
    summary: words('SUMMARY'),
    description: unescapeText(first('DESCRIPTION')?.value ?? '').trim(),
    location: words('LOCATION'),
    start: start?.at ?? null,
    end: end?.at ?? (start ? addDuration(start.at, words('DURATION'), start.allDay) : null),
    allDay: start?.allDay ?? false,
    timeZone: start?.zone ?? '',
    organizer: organizer ? addressOf(organizer) : null,
    attendees: event.lines.filter((line) => line.name === 'ATTENDEE').slice(0, inviteAttendees).map(attendeeOf),
    status: words('STATUS').toUpperCase(),
    recurrence: words('RRULE'),
  }
}

function addressOf({ value, parameters }: CalendarLine): MailAddress {
  // Exchange names rooms by paths of its own and gives their address beside it.
  const spec = /^mailto:/i.test(value) ? value.slice('mailto:'.length) : (parameters.get('EMAIL') ?? '')
  const [found] = readAddresses(oneLine(spec).slice(0, 1000), 1)
  return { name: oneLine(parameters.get('CN') ?? ''), address: found?.address ?? '', domain: found?.domain ?? '' }
}

function attendeeOf(line: CalendarLine): InviteAttendee {
  const { name, address } = addressOf(line)
  // Section 3.2: what is left out means these.
  return { name, address, status: (line.parameters.get('PARTSTAT') ?? 'NEEDS-ACTION').toUpperCase(), role: (line.parameters.get('ROLE') ?? 'REQ-PARTICIPANT').toUpperCase() }
}

/** Section 3.3.6; without a duration a day lasts its day and a time no time (section 3.6.1). */
function addDuration(start: string, duration: string, allDay: boolean): string | null {
  const found = /^\+?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$/i.exec(duration)
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found ? found.slice(1).map((digits) => Number(digits ?? 0)) : [0, allDay ? 1 : 0]
  const end = new Date(Date.parse(start) + (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000)
  return end.getUTCFullYear() > 9999 ? null : end.toISOString()
}
