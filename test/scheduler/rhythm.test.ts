/** When a mailbox wants to be looked into: times on the wall's clock beside intervals. */
import { beforeAll, expect, test } from 'vitest'
import { flowId, nodeId } from '#shared/ids.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import { loadSchedules, nextTimes } from '#shared/schedule.ts'
import { makeRhythm } from '#runtime/scheduler/rhythm.ts'
import type { Trigger } from '#runtime/scheduler/trigger.ts'
import { fakeClock } from '../servers/fake-clock.ts'

beforeAll(loadSchedules)

const hourMs = 3600_000
const trigger = (flow: string, config: Record<string, unknown>): Trigger =>
  ({ flow: flowId(flow), node: nodeId('receive'), version: 1, deployedAt: '', config: receiveEmail.config.parse({ connection: 'inbox', ...config }), leftOut: new Map(), reached: { uidValidity: '', uid: '' }, judged: { mark: null }, sizes: { checked: new Map(), sameBytes: 0 } })
const timed = trigger('timed', { schedule: { cron: '0 8 * * *', timeZone: 'Europe/Berlin' } })
const eager = trigger('eager', { delaySeconds: 60 })

test('[RN118] eight o\'clock is eight o\'clock before and after the change to summer time and back', () => {
  const clock = fakeClock('2026-03-28T07:30:00.000Z')
  const rhythm = makeRhythm(clock)
  rhythm.set([timed])
  expect(rhythm.dueInMs()).toBe(22.5 * hourMs)
  const at = (cron: string, from: string) => nextTimes({ cron, timeZone: 'Europe/Berlin' }, from, 3)
  expect(at('0 8 * * *', '2026-10-24T00:00:00.000Z')).toEqual(['2026-10-24T06:00:00.000Z', '2026-10-25T07:00:00.000Z', '2026-10-26T07:00:00.000Z'])
  // 2:30 comes not at all on the one day and twice on the other: once a day all the same.
  expect(at('30 2 * * *', '2026-03-28T12:00:00.000Z').map((time) => time.slice(0, 10))).toEqual(['2026-03-29', '2026-03-30', '2026-03-31'])
  expect(at('30 2 * * *', '2026-10-24T12:00:00.000Z').map((time) => time.slice(0, 10))).toEqual(['2026-10-25', '2026-10-26', '2026-10-27'])
})

test('[RN118] a machine that slept through a time looks when it wakes, and once', () => {
  const clock = fakeClock('2026-11-20T06:00:00.000Z')
  const rhythm = makeRhythm(clock)
  rhythm.set([timed])
  expect(rhythm.due('time')).toEqual([])
  clock.jump(5 * hourMs)
  expect(rhythm.due('time')).toEqual([timed])
  rhythm.looked([timed], 0, 0)
  expect(rhythm.due('time')).toEqual([])
  expect(rhythm.dueInMs()).toBe(20 * hourMs)
})

test('[RN117] on one mailbox flows with an interval and flows with times keep each to their own', () => {
  const clock = fakeClock('2026-11-20T06:00:00.000Z')
  const rhythm = makeRhythm(clock)
  rhythm.set([timed, eager])
  expect(rhythm.due('news')).toEqual([eager])
  expect(rhythm.due('person')).toEqual([eager, timed])
  rhythm.looked([eager], 0, 0)
  expect(rhythm.dueInMs()).toBe(60_000)
  clock.pass(hourMs)
  expect(rhythm.due('time')).toEqual([eager, timed])
  rhythm.looked([eager, timed], 3, 0)
  expect(rhythm.dueInMs()).toBe(120)
})

test('[RN117] between its times the line of a mailbox is felt, and counts as alive', () => {
  const rhythm = makeRhythm(fakeClock())
  rhythm.set([timed])
  expect([rhythm.wakeInMs(), rhythm.intervalMs()]).toEqual([240_000, 240_000])
})
