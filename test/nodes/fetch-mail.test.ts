/** Fetch a mail in a run. */
import { expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { flowOf, jobOf, map, receive, send, step } from '../engine/compute-jobs.ts'
import { bytesOf } from '../mail/mime-letters.ts'

const letter = bytesOf('From: anna@x.org', 'Subject: Re: Offer', 'In-Reply-To: <offer@x.org>', 'Content-Type: text/plain', '', 'x')
const fetch = (config: Parameters<typeof step>[1]) => step('fetch-mail', { connection: 'inbox', folder: 'Sent', ...config }, 'fetch')
const flowWith = (config: Parameters<typeof step>[1]) => flowOf([receive(), fetch(config), map([{ to: 'to', value: 'to@x.org' }, { to: 'text', from: ['fetch.text'] }]), send()])

test('[RN73] a mail is named by what earlier steps left, a Message-ID without its brackets', async () => {
  const asked = async (config: Parameters<typeof step>[1]) => (await computeFlow(jobOf(flowWith(config), letter))).pending?.request
  expect(await asked({ by: 'message-id', mail: '{{receive.inReplyTo}}' })).toEqual({ do: 'fetch', connection: 'inbox', folder: 'Sent', mail: { messageId: 'offer@x.org' } })
  expect(await asked({ by: 'message-id', mail: '<typed@x.org>' })).toMatchObject({ mail: { messageId: 'typed@x.org' } })
  expect(await asked({ mail: ' 12\n' })).toMatchObject({ mail: { uid: '12' } })
})

test('[RN70] what was fetched can be mapped; its files are none of this mail\'s', async () => {
  const { sends, problem } = await computeFlow(jobOf(flowWith({ mail: '12' }), letter, { answers: { fetch: { text: 'Our offer' } } }))
  expect(problem).toBeNull()
  expect(sends[0]?.explained?.text).toBe('Our offer')
  const files = flowOf([receive(), fetch({ mail: '12' }), map([{ to: 'to', value: 'to@x.org' }, { to: 'attachments', from: ['fetch.attachments'] }]), send()])
  const answers = { fetch: { attachments: [{ name: 'x.txt', type: 'text/plain', ref: 'mail:read/0' }] } }
  expect((await computeFlow(jobOf(files, letter, { answers }))).problem).toMatchObject({ code: 'SEND_ATTACHMENT_MISSING' })
})
