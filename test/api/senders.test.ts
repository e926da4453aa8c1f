/** Outgoing connections over the API: how they are, and another try. */
import { expect, test } from 'vitest'
import type { SendersView } from '#shared/api.ts'
import { connectionId } from '#shared/ids.ts'
import { adminToken as token, apiWorld, inboxInput, outboxInput } from './world.ts'

test('[SX133] each outgoing connection tells how it is, what waits for it and what it sent; another try is one act', async () => {
  const world = await apiWorld()
  for (const input of [inboxInput(), outboxInput({ user: '', login: 'none' })]) expect((await world.ask('PUT', `/api/connections/${input.id}`, { token, body: input })).status).toBe(200)
  const fresh = { connection: 'support-outbox', state: 'open', say: '', since: null, nextTryAt: null, lastAnswer: null, waiting: 0, sentLastHour: 0 }
  const list = async () => JSON.parse((await world.ask('GET', '/api/senders', { token })).text) as SendersView
  expect(await list()).toEqual({ senders: [fresh] })
  const trouble = { state: 'needs-attention', say: 'The server refused this user name or password.', since: world.clock.now(), nextTryAt: null, lastAnswer: null } as const
  world.senders[connectionId('support-outbox')] = trouble
  expect((await list()).senders[0]).toMatchObject(trouble)
  expect((await world.ask('POST', '/api/senders/support-outbox/try', { token, body: {} })).status).toBe(200)
  expect(world.cared).toContain('try support-outbox')
  expect((await world.ask('POST', '/api/senders/support-inbox/try', { token, body: {} })).status).toBe(422)
  expect((await world.ask('POST', '/api/senders/nobody/try', { token, body: {} })).status).toBe(404)
})
