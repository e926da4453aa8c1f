/** Find mails in a run. */
import { expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { at, flowOf, jobOf, map, receive, send, step } from '../engine/compute-jobs.ts'
import { bytesOf } from '../mail/mime-letters.ts'

const letter = bytesOf('From: Anna <anna@x.org>', 'Subject: Order 7', 'Content-Type: text/plain', '', 'x')
const find = (config: Parameters<typeof step>[1]) => step('find-mails', { connection: 'inbox', ...config }, 'find')
const rows = [{ to: 'to', value: 'to@x.org' }, { to: 'subject', template: '{{find.count}} mails, first {{find.first.subject}}' }]

test('[RN70] the pass ends at the step with its question, days counted from the run\'s clock; with the answer it goes on to the same sends', async () => {
  const flow = flowOf([receive(), find({ folder: 'Orders', search: { unseen: true, from: '{{receive.from.address}}', withinDays: 7 }, limit: 3 }), map(rows), send()])
  const first = await computeFlow(jobOf(flow, letter))
  expect(first.pending).toEqual({ node: 'find', request: {
    do: 'find', connection: 'inbox', folder: 'Orders', limit: 3, newestFirst: true,
    query: { unseen: true, flagged: false, from: 'anna@x.org', to: '', subject: '', since: '2026-02-25', keyword: '', largerThan: 0, header: null },
  } })
  expect(at.slice(0, 10)).toBe('2026-03-04')
  expect(first.sends).toEqual([])
  expect(first.steps.map(({ node, state }) => [node, state])).toEqual([['receive', 'done']])
  const second = await computeFlow(jobOf(flow, letter, { answers: { find: { count: 2, first: { subject: 'Order 1' } } } }))
  expect(second.pending).toBeUndefined()
  expect(second.sends.map(({ subject }) => subject)).toEqual(['2 mails, first Order 1'])
})

test('[RN73] a text that comes out empty for this mail asks no mailbox, where it would find every mail', async () => {
  const flow = flowOf([receive(), find({ search: { subject: '{{receive.inReplyTo}}' } }), map(rows), send()])
  const { problem, pending, steps } = await computeFlow(jobOf(flow, letter))
  expect(pending).toBeUndefined()
  expect(problem).toMatchObject({ code: 'ACTION_EMPTY', where: 'find' })
  expect(steps.map(({ state }) => state)).toEqual(['done', 'failed', 'skipped', 'skipped'])
})
