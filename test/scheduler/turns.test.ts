/** Logins are spread: in order, a few at a time, and nobody who was called off is waited for. */
import { expect, test } from 'vitest'
import { makeTurns } from '#runtime/scheduler/turns.ts'
import { fakeClock } from '../servers/fake-clock.ts'

test('[RN140] twenty log in at once, the next twenty a quarter of a second later, in the order they came; whoever is called off waits no more', async () => {
  const clock = fakeClock()
  const turn = makeTurns({ together: 20, gapMs: 250, clock })
  const came: number[] = []
  const off = new AbortController()
  const all = Array.from({ length: 50 }, (_, index) => turn(index === 30 ? off.signal : new AbortController().signal).then(() => { came.push(index) }))
  const settled = () => new Promise((resolve) => { setImmediate(resolve) })
  await settled()
  expect(came).toEqual(Array.from({ length: 20 }, (_, index) => index))
  off.abort()
  await settled()
  expect(came.at(-1)).toBe(30)
  clock.pass(249)
  await settled()
  expect(came).toHaveLength(21)
  clock.pass(1)
  await settled()
  expect(came).toHaveLength(41)
  clock.pass(250)
  await Promise.all(all)
  expect(came.slice(-9)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49])
  // Nobody waits: the next one goes at once, and so does one that is called off already.
  clock.pass(250)
  await turn(new AbortController().signal)
  await turn(off.signal)
  expect(clock.waiting()).toBe(1)
})
