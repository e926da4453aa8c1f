/** A dry run of a flow that works in a mailbox. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { startsWithEvent } from '#shared/flow-starts.ts'
import type { Json } from '#shared/json.ts'
import type { MailboxRequest } from '#shared/mailbox-action.ts'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import type { Computer } from '#runtime/engine/compute.ts'
import { tryFlow } from '#runtime/engine/try.ts'
import { bytesOf } from '../mail/mime-letters.ts'
import { at, flowOf, map, receive, send, step } from './compute-jobs.ts'

const computer: Computer = { compute: computeFlow, readMail: () => Promise.reject(new Error('not asked')), close: () => Promise.resolve() }
const flow = flowOf([
  receive(), step('find-mails', { connection: 'inbox', folder: 'Archive' }, 'find'), step('change-mail', { do: 'move', target: 'Done' }, 'change'),
  map([{ to: 'to', value: 'a@x.org' }, { to: 'subject', template: '{{find.count}} found' }]), send(),
])
const raw = { kind: 'bytes', bytes: bytesOf('From: a@x.org', 'Subject: Order', '', 'x') } as const
const tryWith = (ask?: (request: MailboxRequest) => Promise<Json>) => tryFlow(computer, { flow, raw, at, spool: { folder: '/tmp', inlineLimit: 1e6 }, ...(ask ? { ask: async (request) => ({ answer: await ask(request) }) } : {}) })

test('[RN78] what only looks is asked, what would change something is said and not done', async () => {
  const asked: string[] = []
  const { state, steps, outgoing } = await tryWith((request) => { asked.push(request.do); return Promise.resolve({ count: 3, mails: [], first: null }) })
  expect(asked).toEqual(['find'])
  expect(state).toBe('done')
  expect(outgoing[0]?.subject).toBe('3 found')
  expect(steps.find(({ node }) => node === 'change')).toMatchObject({ state: 'done', note: 'Would move mail 1 of INBOX to Done.', input: { do: 'change' }, output: { done: true, target: 'Done' } })
})

test('[RN78] without a server, or without the connection, the steps behind see no mail, and that is said', async () => {
  const offline = await tryWith()
  expect(offline.state).toBe('done')
  expect(offline.outgoing[0]?.subject).toBe('0 found')
  expect(offline.steps.find(({ node }) => node === 'find')?.note).toMatch(/^Not looked up/)
  const unknown = await tryWith(() => Promise.reject(fault('CONNECTION_NOT_FOUND', { id: 'inbox' })))
  expect(unknown.steps.find(({ node }) => node === 'find')?.note).toContain('no connection named inbox')
})

test('[RN78] a mailbox that refuses fails the try at that step', async () => {
  const { state, steps, outgoing } = await tryWith(() => Promise.reject(fault('MAIL_FOLDER_MISSING', { folder: 'Archive' })))
  expect([state, outgoing]).toEqual(['failed', []])
  expect(steps.at(-1)).toMatchObject({ node: 'find', state: 'failed', error: { code: 'MAIL_FOLDER_MISSING', where: 'find' } })
})

test('[RN146] a try begins at the start that is chosen, else at the first that takes mail; trouble of a mailbox is tried with an example', async () => {
  const both = flowOf([step('mailbox-event', {}, 'trouble'), receive(), map([{ to: 'to', value: 'a@x.org' }, { to: 'subject', from: ['receive.subject'] }]), send(),
    map([{ to: 'to', value: 'ops@x.org' }, { to: 'subject', from: ['trouble.summary'] }], 'alarm'), send({}, 'tell')],
  [['receive', 'map'], ['map', 'send'], ['trouble', 'alarm'], ['alarm', 'tell']])
  const tryAt = (start?: string) => tryFlow(computer, { flow: both, raw, at, start, spool: { folder: '/tmp', inlineLimit: 1e6 } })
  expect((await tryAt()).outgoing.map(({ subject }) => subject)).toEqual(['Order'])
  expect((await tryAt('receive')).outgoing.map(({ subject }) => subject)).toEqual(['Order'])
  expect((await tryAt('trouble')).outgoing.map(({ subject, envelope }) => `${subject} to ${envelope.to.join()}`)).toEqual(['Mailbox inbox / INBOX can\'t be read to ops@x.org'])
  expect(await tryAt('map')).toMatchObject({ state: 'failed', outgoing: [], steps: [{ error: { say: expect.stringContaining('It has: trouble, receive.') } }] })
  expect([startsWithEvent(both, undefined), startsWithEvent(both, 'trouble'), startsWithEvent(flow, undefined)]).toEqual([false, true, false])
})
