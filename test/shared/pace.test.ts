/** Delays and quiet hours by the clock on the wall, over both changes of the year. */
import { expect, test } from 'vitest'
import { delayedUntil, delaySchema, quietSchema, quietUntil, sayDelay, sayQuiet, type Quiet, weekdays } from '#shared/sending/pace.ts'
import { wallAt } from '#shared/wall-clock.ts'

const berlin = 'Europe/Berlin'
const night = (change: Partial<Quiet> = {}): Quiet => ({ from: '20:00', to: '07:00', days: [...weekdays], timeZone: berlin, ...change })
const workdays: Quiet['days'] = ['mon', 'tue', 'wed', 'thu', 'fri']

test.each([
  // Winter: an hour ahead of UTC; summer: two.
  ['in the evening', '2026-01-14T19:00:00.000Z', '2026-01-15T06:00:00.000Z'],
  ['after midnight', '2026-07-14T23:30:00.000Z', '2026-07-15T05:00:00.000Z'],
  ['the minute before', '2026-01-14T18:59:59.999Z', null],
  ['at the end', '2026-01-15T06:00:00.000Z', null],
  ['the night an hour is left out', '2026-03-28T20:00:00.000Z', '2026-03-29T05:00:00.000Z'],
  ['the night an hour comes twice', '2026-10-24T19:00:00.000Z', '2026-10-25T06:00:00.000Z'],
])('[SX125] quiet %s', (_, now, end) => {
  expect(quietUntil(night(), now)).toBe(end)
})

test('[SX125] hours that end within the hour left out end when the wall jumps over them, those in the hour that comes twice are quiet twice', () => {
  const spring = night({ from: '01:00', to: '02:30' })
  expect(quietUntil(spring, '2026-03-29T00:30:00.000Z')).toBe('2026-03-29T01:00:00.000Z')
  const autumn = night({ from: '01:00', to: '02:30' })
  expect(quietUntil(autumn, '2026-10-24T23:30:00.000Z')).toBe('2026-10-25T00:30:00.000Z')
  expect(quietUntil(autumn, '2026-10-25T00:45:00.000Z')).toBeNull()
  expect(quietUntil(autumn, '2026-10-25T01:10:00.000Z')).toBe('2026-10-25T01:30:00.000Z')
})

test('[SX125] days that are not named are quiet whole; equal hours mean days alone', () => {
  const days = night({ from: '00:00', to: '00:00', days: workdays })
  expect(quietUntil(days, '2026-11-21T12:00:00.000Z')).toBe('2026-11-22T23:00:00.000Z')
  expect(quietUntil(night({ days: workdays }), '2026-11-20T19:30:00.000Z')).toBe('2026-11-23T06:00:00.000Z')
  expect(quietUntil(night({ from: '09:00', to: '17:00', days: ['wed'] }), '2026-11-18T10:00:00.000Z')).toBe('2026-11-18T16:00:00.000Z')
})

test('[SX125] in each quarter of an hour of a year: whenever it is quiet it ends, at a moment that is not quiet and not before', () => {
  const rules = [night({ from: '22:15', to: '02:30', days: workdays }), night({ from: '00:30', to: '03:00', timeZone: 'America/New_York' }), night({ from: '01:45', to: '02:15', timeZone: 'Australia/Lord_Howe' })]
  for (const rule of rules) {
    for (let ms = Date.UTC(2026, 0, 1); ms < Date.UTC(2027, 0, 1); ms += 6.25 * 3600_000) {
      const end = quietUntil(rule, new Date(ms).toISOString())
      if (end === null) continue
      expect(Date.parse(end)).toBeGreaterThan(ms)
      expect(quietUntil(rule, end)).toBeNull()
      expect(quietUntil(rule, new Date(Date.parse(end) - 60_000).toISOString())).not.toBeNull()
    }
  }
})

test('[SX124] a delay counts whole seconds to days; a time of day is the next one the wall shows, once a day over both changes', () => {
  expect(delayedUntil({ after: 90, unit: 'minutes' }, '2026-03-29T00:00:00.000Z')).toBe('2026-03-29T01:30:00.000Z')
  expect(delayedUntil({ after: 2, unit: 'days' }, '2026-03-28T12:00:00.000Z')).toBe('2026-03-30T12:00:00.000Z')
  const at = (time: string, now: string): string => delayedUntil({ at: time, timeZone: berlin }, now)
  expect(at('08:30', '2026-11-20T07:29:59.000Z')).toBe('2026-11-20T07:30:00.000Z')
  expect(at('08:30', '2026-11-20T07:30:00.000Z')).toBe('2026-11-21T07:30:00.000Z')
  expect(at('02:30', '2026-03-28T12:00:00.000Z')).toBe('2026-03-29T01:00:00.000Z')
  expect(at('02:30', '2026-10-24T12:00:00.000Z')).toBe('2026-10-25T00:30:00.000Z')
  expect(at('02:30', '2026-10-25T02:00:00.000Z')).toBe('2026-10-26T01:30:00.000Z')
  expect(wallAt(Date.parse('2026-07-01T22:30:00.000Z'), berlin)).toEqual({ wallMs: Date.UTC(2026, 6, 2, 0, 30), weekday: 4, minute: 30 })
})

test('[SX124] a form that means nothing is refused in words, and one that stands is said in a line', () => {
  expect(delaySchema.safeParse({ after: 400, unit: 'days' }).success).toBe(false)
  expect(delaySchema.safeParse({ at: '25:00', timeZone: berlin }).success).toBe(false)
  expect(quietSchema.safeParse({ ...night(), timeZone: 'Berlin' }).success).toBe(false)
  expect(quietSchema.safeParse({ ...night(), days: [] }).success).toBe(false)
  expect(sayDelay({ after: 1, unit: 'hours' })).toBe('1 hour later')
  expect(sayQuiet(night({ days: workdays }))).toBe('not from 20:00 to 07:00, on weekdays only (Europe/Berlin)')
})
