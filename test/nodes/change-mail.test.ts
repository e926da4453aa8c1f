/** Change a mail in a run. */
import { expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { changeMail } from '#shared/nodes/change-mail.ts'
import { flowOf, jobOf, map, receive, send, step } from '../engine/compute-jobs.ts'
import { bytesOf } from '../mail/mime-letters.ts'

const letter = bytesOf('From: anna@acme.example', 'Subject: Order 7', 'Content-Type: text/plain', '', 'x')
const change = (config: Parameters<typeof step>[1]) => step('change-mail', config, 'change')
const asked = async (config: Parameters<typeof step>[1]) => {
  const job = jobOf(flowOf([receive(), change(config)]), letter)
  return (await computeFlow({ ...job, facts: { ...job.facts, folder: 'INBOX', uid: '41' } })).pending?.request
}

test('[RN73] it names the mail that started the run, or another; folders may hold fields of the mail', async () => {
  expect(await asked({ do: 'move', target: 'Customers/{{receive.from.domain}}' })).toMatchObject({ do: 'change', folder: 'INBOX', mail: { uid: '41' }, change: { do: 'move', folder: 'Customers/acme.example' } })
  expect(await asked({ do: 'add-keyword', keyword: 'order', which: 'other', connection: 'archive', folder: 'Old', mail: '9' })).toEqual({ do: 'change', connection: 'archive', folder: 'Old', mail: { uid: '9' }, change: { do: 'add-keyword', keyword: 'order' } })
  expect(await asked({ do: 'delete' })).toMatchObject({ change: { do: 'delete' } })
})

test('[RN73] a name longer than any folder\'s is refused before a server hears it', async () => {
  const flow = flowOf([receive(), change({ do: 'move', target: '{{receive.text}}' })])
  const { problem, pending } = await computeFlow(jobOf(flow, bytesOf('From: a@x.org', '', 'x'.repeat(2000))))
  expect(pending).toBeUndefined()
  expect(problem).toMatchObject({ code: 'RUN_STEP_FAILED', where: 'change' })
})

test('[RN80] what a mapping in front of it made reaches the send step behind it', async () => {
  const flow = flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }, { to: 'subject', from: ['receive.subject'] }]), change({ do: 'flag' }), send()])
  const first = await computeFlow(jobOf(flow, letter))
  expect(first.pending?.node).toBe('change')
  const { sends, steps } = await computeFlow(jobOf(flow, letter, { answers: { change: { done: true } } }))
  expect(sends.map(({ subject, envelope }) => [subject, envelope.to])).toEqual([['Order 7', ['to@x.org']]])
  expect(steps.map(({ node, state }) => [node, state])).toEqual([['receive', 'done'], ['map', 'done'], ['change', 'done'], ['send', 'waiting']])
})

test('[ED152] its card names the field that fills the folder', () => {
  expect(changeMail.card({ do: 'move', target: 'Senders/{{receive.from.domain}}/{{ receive.date }}' }).lines).toEqual([{ label: 'Do', value: 'move to Senders/{from.domain}/{date}' }])
  expect(changeMail.card({ do: 'copy', target: '{{#if receive.subject}}a{{/if}}' }).lines).toEqual([{ label: 'Do', value: 'copy to {{#if receive.subject}}a{{/if}}' }])
})
