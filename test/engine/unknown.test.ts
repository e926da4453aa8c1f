/** What is done about a mail of which nobody knows whether it was sent: how often it is looked for, and what not found means. */
import { expect, test } from 'vitest'
import { makeUnknownChoice } from '#runtime/engine/unknown.ts'
import type { ClaimedSend } from '#runtime/store/store.ts'
import { fault } from '#shared/errors.ts'
import { connectionId, flowId, nodeId, runId, sendId } from '#shared/ids.ts'
import { sendEmail } from '#shared/nodes/send-email.ts'
import { fakeClock } from '../servers/fake-clock.ts'

const clock = fakeClock()
const send: ClaimedSend = {
  id: sendId('run-send'), run: runId('run'), flow: flowId('f'), version: 1, node: nodeId('send'), connection: connectionId('smtp'), messageId: '<m@x>', from: 'a@example.org', recipients: ['b@example.org'],
  attempts: 1, createdAt: clock.now(), giveUpAt: '2026-11-25T12:00:00.000Z', unknown: true, looks: 0, raw: { kind: 'bytes', bytes: new Uint8Array() },
}
const inMs = (ms: number): string => new Date(Date.parse(clock.now()) + ms).toISOString()

function choice(isInFolder: () => Promise<boolean>, config: object = {}) {
  const asked: string[] = []
  const parsed = sendEmail.config.parse({ connection: 'smtp', from: 'a@example.org', onUnknown: 'probe', probe: { connection: 'inbox', folder: 'Sent' }, ...config })
  const choose = makeUnknownChoice({
    clock, random: () => 0.5, versions: { get: () => Promise.resolve({ id: flowId('f'), name: 'F', edges: [], nodes: [{ id: nodeId('send'), kind: 'send-email', name: '', config: parsed }] }) },
    isInFolder: (...where) => { asked.push(where.join(' ')); return isInFolder() },
  })
  return { asked, choose }
}

test('[SX166] found, it was sent; not found, it is looked for again three times over three minutes, and only then sent again', async () => {
  const found = choice(() => Promise.resolve(true))
  expect(await found.choose(send)).toMatchObject({ nextAttemptAt: null, event: { what: 'probed' }, recipients: [{ address: 'b@example.org', state: 'sent' }] })
  expect(found.asked).toEqual(['inbox Sent <m@x>'])
  const { choose } = choice(() => Promise.resolve(false))
  for (const [looks, ms] of [15_000, 45_000, 120_000].entries()) {
    expect(await choose({ ...send, looks })).toMatchObject({ nextAttemptAt: inMs(ms), event: { what: 'looked' }, recipients: [{ state: 'unknown' }] })
  }
  expect(await choose({ ...send, looks: 3 })).toBe('send')
})

test('[SX166] how long it is looked for can be chosen, and a folder left open is the server\'s own for sent mail', async () => {
  const { asked, choose } = choice(() => Promise.resolve(false), { probe: { connection: 'archive', forSeconds: 12 } })
  expect(await choose({ ...send, looks: 2 })).toMatchObject({ nextAttemptAt: inMs(8000) })
  expect(asked).toEqual(['archive  <m@x>'])
})

test('[SX167] a look that could not be made counts for nothing; past the give-up time a person decides', async () => {
  const { choose } = choice(() => Promise.reject(fault('MAIL_TIMEOUT', { host: 'h', seconds: 60 })))
  expect(await choose({ ...send, looks: 3 })).toMatchObject({ nextAttemptAt: inMs(300_000), event: { what: 'look-failed' }, recipients: [{ state: 'unknown' }] })
  expect(await choose({ ...send, looks: 3, giveUpAt: clock.now() })).toMatchObject({ nextAttemptAt: null, event: { what: 'parked' } })
})
