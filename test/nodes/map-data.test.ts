/** Map Data in a run. */
import { expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { at, flowOf, jobOf, map, receive, send } from '../engine/compute-jobs.ts'
import { bytesOf } from '../mail/mime-letters.ts'

const letter = bytesOf('From: Anna <anna@x.org>', 'Subject: Broken printer', 'Content-Type: text/plain', '', 'It smokes.')

test('[SX48] a mapping row that fails fails the step, in the row\'s own words', async () => {
  const flow = flowOf([receive(), map([{ to: 'to', expression: '$error("no customer")' }]), send()])
  const { steps, problem } = await computeFlow(jobOf(flow, letter))
  expect(steps.map(({ state }) => state)).toEqual(['done', 'failed', 'skipped'])
  expect(problem).toMatchObject({ where: 'map' })
})

test('[SX43] run facts can be mapped, and the time is the run\'s frozen one', async () => {
  const flow = flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }, { to: 'subject', template: '{{run.id}} {{run.version}} {{run.flow}} {{run.time}}' }]), send()])
  expect((await computeFlow(jobOf(flow, letter))).sends[0]?.subject).toBe(`run-1 3 tickets ${at}`)
})
