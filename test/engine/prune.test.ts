/** Bodies of old runs make room once a day. */
import { expect, test } from 'vitest'
import { silentLog } from '#runtime/log.ts'
import { pruneDaily } from '#runtime/prune.ts'
import { fakeClock } from '../servers/fake-clock.ts'

test('[LG28] bodies older than the days kept are dropped ten minutes after the start and daily from then on, until stopped', () => {
  const clock = fakeClock('2026-11-20T12:00:00.000Z')
  const asked: string[] = []
  const stop = pruneDaily({ prune: (before) => Promise.resolve(asked.push(before)) }, clock, silentLog, 90)
  expect(asked).toEqual([])
  clock.pass(10 * 60_000)
  expect(asked).toEqual(['2026-08-22T12:10:00.000Z'])
  clock.pass(24 * 3600_000)
  expect(asked).toHaveLength(2)
  stop()
  clock.pass(48 * 3600_000)
  expect(asked).toHaveLength(2)
})
