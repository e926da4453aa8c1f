/** Calendar events that come with a mail. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readInvite } from '#runtime/mail/mime/invite.ts'
import { bytesOf, read } from './mime-letters.ts'

const calendar = (event: readonly string[], zones: readonly string[] = []): readonly string[] => ['BEGIN:VCALENDAR', 'METHOD:REQUEST', ...zones, 'BEGIN:VEVENT', ...event, 'END:VEVENT', 'END:VCALENDAR', '']
const mailWith = (lines: readonly string[], type = 'text/calendar; charset=utf-8; method=REQUEST') =>
  bytesOf('Content-Type: multipart/alternative; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'Please come', '--b', `Content-Type: ${type}`, '', ...lines, '--b--', '')
const timesOf = (event: readonly string[], zones: readonly string[] = []) => {
  const invite = readInvite(bytesOf(...calendar(event, zones)))
  return invite && [invite.start, invite.end, invite.timeZone, invite.allDay]
}

test('[RX81] a calendar part is told as an invite, and stays an attachment', async () => {
  const mail = await read(mailWith(calendar([
    'UID:ev-1', 'SEQUENCE:2', 'DTSTART:20261120T090000Z', 'DTEND:20261120T100000Z', 'SUMMARY:Planning\\, part 2', 'DESCRIPTION:First line\\nSecond\\; line', ' goes on', 'LOCATION:Room 5', 'STATUS:confirmed', 'RRULE:FREQ=WEEKLY;BYDAY=FR',
    'ORGANIZER;CN="Berg, Anna":mailto:anna@Example.org', 'ATTENDEE;CN=Bob;PARTSTAT=accepted;ROLE=OPT-PARTICIPANT:MAILTO:bob@example.org', 'ATTENDEE:mailto:cy@example.org', 'BEGIN:VALARM', 'DESCRIPTION:Ring', 'END:VALARM', 'SUMMARY:A second one',
  ])))
  expect(mail.invite).toEqual({
    method: 'REQUEST', uid: 'ev-1', sequence: 2, summary: 'Planning, part 2', description: 'First line\nSecond; linegoes on', location: 'Room 5', start: '2026-11-20T09:00:00.000Z', end: '2026-11-20T10:00:00.000Z', allDay: false, timeZone: 'UTC',
    organizer: { name: 'Berg, Anna', address: 'anna@example.org', domain: 'example.org' },
    attendees: [{ name: 'Bob', address: 'bob@example.org', status: 'ACCEPTED', role: 'OPT-PARTICIPANT' }, { name: '', address: 'cy@example.org', status: 'NEEDS-ACTION', role: 'REQ-PARTICIPANT' }],
    status: 'CONFIRMED', recurrence: 'FREQ=WEEKLY;BYDAY=FR',
  })
  expect(mail.attachments.map(({ type }) => type)).toEqual(['text/calendar'])
})

test('[RX81] an attached .ics of any type counts, the series before its exceptions; mails without one have no invite', async () => {
  expect((await read(mailWith(calendar(['UID:file', 'DTSTART:20261120T090000Z']), 'application/octet-stream; name="Termin.ICS"'))).invite).toMatchObject({ uid: 'file', start: '2026-11-20T09:00:00.000Z', end: '2026-11-20T09:00:00.000Z' })
  expect(readInvite(bytesOf('BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:x', 'RECURRENCE-ID:20261120T090000Z', 'END:VEVENT', 'BEGIN:VEVENT', 'UID:series', 'END:VEVENT', 'END:VCALENDAR'))).toMatchObject({ uid: 'series', method: '', start: null, end: null, organizer: null })
  expect((await read(bytesOf('Content-Type: text/plain', '', 'BEGIN:VCALENDAR'))).invite).toBeNull()
  expect(readInvite(bytesOf('BEGIN:VCALENDAR', 'BEGIN:VTODO', 'UID:x', 'END:VTODO', 'END:VCALENDAR'))).toBeNull()
})

const ownRules = (name: string): readonly string[] => ['BEGIN:VTIMEZONE', `TZID:${name}`, 'BEGIN:STANDARD', 'DTSTART:16010101T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10', 'END:STANDARD',
  'BEGIN:DAYLIGHT', 'DTSTART:16010101T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3', 'END:DAYLIGHT', 'END:VTIMEZONE']

test('[RX82] times are told in UTC with the zone they were written in', () => {
  expect(timesOf(['DTSTART;TZID=Europe/Berlin:20260715T100000', 'DTEND;TZID=America/New_York:20260715T100000'])).toEqual(['2026-07-15T08:00:00.000Z', '2026-07-15T14:00:00.000Z', 'Europe/Berlin', false])
  expect(timesOf(['DTSTART;TZID=W. Europe Standard Time:20260115T100000', 'DURATION:PT1H30M'])).toEqual(['2026-01-15T09:00:00.000Z', '2026-01-15T10:30:00.000Z', 'Europe/Berlin', false])
  expect(timesOf(['DTSTART;TZID="Office: main":20260715T100000'], ownRules('Office: main'))).toEqual(['2026-07-15T08:00:00.000Z', '2026-07-15T08:00:00.000Z', 'Office: main', false])
  expect(timesOf(['DTSTART;TZID=tzone://Microsoft/Utc:20260715T100000'])).toEqual(['2026-07-15T10:00:00.000Z', '2026-07-15T10:00:00.000Z', 'UTC', false])
  expect(timesOf(['DTSTART;VALUE=DATE:20260715', 'DTEND;VALUE=DATE:20260717'])).toEqual(['2026-07-15T00:00:00.000Z', '2026-07-17T00:00:00.000Z', '', true])
  expect(timesOf(['DTSTART;VALUE=DATE:20260715'])).toEqual(['2026-07-15T00:00:00.000Z', '2026-07-16T00:00:00.000Z', '', true])
  // Floating: no zone, one that nobody knows, an own one without its rules.
  for (const line of ['DTSTART:20260715T100000', 'DTSTART;TZID=No Such:20260715T100000', 'DTSTART;TZID=Customized Time Zone:20260715T100000']) expect([line, timesOf([line], ownRules('Other'))]).toEqual([line, ['2026-07-15T10:00:00.000Z', '2026-07-15T10:00:00.000Z', 'floating', false]])
  for (const line of ['DTSTART:20261345T100000Z', 'DTSTART:tomorrow', 'DTSTART:00000000T000000Z', 'DTSTART:20260715T250000Z']) expect([line, timesOf([line])]).toEqual([line, [null, null, '', false]])
})

test('[RX82] the same invite in every zone a machine may stand in', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'invite-'))
  try {
    // 02:30 on these days does not exist in New York and Berlin.
    const file = path.join(folder, 'x.eml')
    writeFileSync(file, mailWith(calendar(['UID:1', 'DTSTART:20260308T023000', 'DTEND;TZID=Europe/Berlin:20260715T100000'])))
    const mails = ['America/New_York', 'Pacific/Apia'].map((zone) => execFileSync(process.execPath, [path.resolve(import.meta.dirname, '../../bin/mailweave.mjs'), 'mail', file], { env: { ...process.env, TZ: zone }, encoding: 'utf8' }))
    expect(mails[0]).toContain('"start": "2026-03-08T02:30:00.000Z"')
    expect(mails[0]).toContain('"end": "2026-07-15T08:00:00.000Z"')
    expect(mails[1]).toBe(mails[0])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('[RX83] broken, endless and hostile calendars give no invite or what is plain of it, and harm nothing', async () => {
  const good = calendar(['UID:1', 'DTSTART;TZID=X:20260715T100000', 'SUMMARY:s'], ownRules('X'))
  for (let length = 0; length < good.length - 2; length += 1) expect(readInvite(bytesOf(...good.slice(0, length)))).toBeNull()
  expect(readInvite(bytesOf('BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'END:VCALENDAR'))).toBeNull()
  expect(readInvite(Buffer.from('BEGIN:VCALENDAR\r\n'.repeat(30_000)))).toBeNull()
  const proto = readInvite(bytesOf(...calendar(['UID:__proto__', '__PROTO__:x', 'DTSTART;TZID=__proto__:20260715T100000', 'ATTENDEE;__proto__=1;CN=a:mailto:b@c.org', 'SEQUENCE:99999999999999999999'])))
  expect(proto).toMatchObject({ uid: '__proto__', sequence: 0, timeZone: 'floating' })
  expect(readInvite(bytesOf(...calendar(Array.from({ length: 5000 }, (_, index) => `ATTENDEE:mailto:p${index}@x.org`))))?.attendees.length).toBe(1000)
  const line = fc.oneof(fc.constantFrom('BEGIN:VEVENT', 'END:VEVENT', 'BEGIN:STANDARD', 'DTSTART;TZID=X:20260715T100000', 'DTSTART;TZID="X:20', 'TZOFFSETTO:+9999', 'RRULE:FREQ=SECONDLY', 'DURATION:P99999W', 'ORGANIZER;CN="a":', ';;;=:'), fc.string())
  fc.assert(fc.property(fc.array(line, { maxLength: 20 }), fc.array(line, { maxLength: 8 }), (event, zone) => {
    const bytes = bytesOf(...calendar(event, ['BEGIN:VTIMEZONE', 'TZID:X', ...zone, 'END:VTIMEZONE']))
    expect(readInvite(bytes)).toEqual(readInvite(bytes))
  }), { numRuns: 300 })
  for (const text of [`SUMMARY:${'\\'.repeat(400_000)}`, `X${';'.repeat(400_000)}:`, ` ${'\r\n '.repeat(100_000)}`, 'ATTENDEE;CN="'.repeat(30_000)]) expect(readInvite(bytesOf(...calendar([text, 'UID:1'])))).not.toBeUndefined()
  const long = await read(mailWith(calendar([`DESCRIPTION:${'x'.repeat(600_000)}`])))
  expect(long).toMatchObject({ invite: null, truncated: [] })
})
