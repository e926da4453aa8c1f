/** What closes a connection's line, what opens it again, and what people see of it; on a clock that stands still. */
import { beforeEach, expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { connectionId, flowId } from '#shared/ids.ts'
import type { Delivery } from '#runtime/mail/smtp/sender.ts'
import { until } from '../until.ts'
import { answers, outboxBed, type OutboxBed } from './outbox-bed.ts'

let bed: OutboxBed
beforeEach(() => { bed = outboxBed() })

const out = connectionId('a')
const rest = async (): Promise<void> => {
  await until(() => bed.hand.count() === 0)
  await new Promise(setImmediate)
}
const silence = (address: string): Delivery => ({ recipients: [{ address, state: 'deferred', answer: 'The connection to x broke off.' }], stage: 'rcpt', trouble: true })
const away = (address: string): Delivery => ({ recipients: [{ address, state: 'deferred', answer: '421 4.3.2 not now' }], stage: 'greeting' })

test('[SX131] a server that falls silent five times in a row is left alone for a while, tried with a few mails, and open again with the first answer', async () => {
  let isUp = false
  bed.sessions['a'] = 1
  bed.servers['a'] = (address) => (isUp ? answers(bed)(address) : Promise.resolve(silence(address)))
  bed.put(20, 'a')
  await until(() => bed.held.length === 15)
  await rest()
  expect(bed.handed).toHaveLength(5)
  expect(bed.outbox.statusOf(out)).toEqual({
    state: 'paused', say: 'The mail server takes no mail right now. It said: The connection to x broke off.', since: '2026-11-20T12:00:00.000Z', nextTryAt: '2026-11-20T12:00:01.000Z',
    lastAnswer: { at: '2026-11-20T12:00:00.000Z', say: expect.stringContaining('broke off') },
  })
  expect(bed.changed).toEqual(['a'])
  bed.clock.pass(1001)
  await rest()
  // No better: closed at the first of the probes, and for longer.
  expect(bed.handed).toHaveLength(6)
  expect(bed.outbox.statusOf(out)).toMatchObject({ state: 'paused', since: '2026-11-20T12:00:00.000Z' })
  isUp = true
  bed.clock.pass(2001)
  await until(() => bed.sentOf('a') >= 14)
  expect(bed.outbox.statusOf(out)).toMatchObject({ state: 'open', say: '', nextTryAt: null, lastAnswer: { say: '250 ok' } })
  bed.clock.pass(110_000)
  await until(() => bed.sentOf('a') === 20)
  await bed.outbox.stop()
})

test('[SX131] recipients that are refused or put off by name close nothing', async () => {
  bed.servers['a'] = (address) => Promise.resolve({ recipients: [{ address, state: 'deferred', answer: '450 4.2.1 mailbox busy' }], stage: 'rcpt' })
  bed.put(30, 'a')
  await until(() => bed.handed.length === 30)
  await rest()
  expect(bed.outbox.statusOf(out)?.state).toBe('open')
  expect(bed.changed).toEqual([])
  await bed.outbox.stop()
})

test('[SX131] turned away at the door, mails stay as they are, without a try counted against them', async () => {
  let isUp = false
  bed.servers['a'] = (address) => (isUp ? answers(bed)(address) : Promise.resolve(away(address)))
  bed.put(3, 'a')
  await until(() => bed.held.length === 3)
  await rest()
  expect(bed.held[0]?.code).toBe('SEND_SERVER_BUSY')
  expect(bed.rowOf('a0').last).toMatchObject({ nextAttemptAt: null, recipients: [{ state: 'ready' }] })
  isUp = true
  bed.clock.pass(1001)
  await until(() => bed.sentOf('a') === 3)
  await bed.outbox.stop()
})

test('[SX132] a refused login is tried three times and then not again until a person acts; the mails wait and say why', async () => {
  let isRight = false
  bed.servers['a'] = (address) => (isRight ? answers(bed)(address) : Promise.reject(fault('MAIL_LOGIN_REFUSED', { answer: '535 wrong password' })))
  bed.sessions['a'] = 1
  bed.put(4, 'a')
  for (const tries of [1, 2, 3]) {
    await until(() => bed.handed.length === tries)
    await rest()
    bed.clock.pass(10_000)
  }
  bed.clock.pass(7 * 24 * 3_600_000)
  await rest()
  expect(bed.handed).toHaveLength(3)
  expect(bed.outbox.statusOf(out)).toMatchObject({ state: 'needs-attention', nextTryAt: null, say: 'The server refused this user name or password. It said: 535 wrong password. Tried 3 times and not again until the password is changed or you press Try now, so that the account is not locked.' })
  expect(new Set(bed.held.map(({ code }) => code))).toEqual(new Set(['MAIL_LOGIN_REFUSED']))
  expect(bed.outbox.waitOf({ connection: out, flow: flowId('f') })).toMatchObject({ problem: { code: 'MAIL_LOGIN_REFUSED' }, at: null })
  isRight = true
  bed.outbox.reopen(out)
  await until(() => bed.sentOf('a') === 4)
  expect(bed.outbox.statusOf(out)).toMatchObject({ state: 'open', say: '' })
  await bed.outbox.stop()
})

test('[SX132] who tries again with the same wrong password has three more tries', async () => {
  bed.servers['a'] = () => Promise.reject(fault('MAIL_LOGIN_REFUSED', { answer: '535 wrong password' }))
  bed.sessions['a'] = 1
  bed.put(1, 'a')
  for (const tries of [1, 2, 3, 4, 5, 6]) {
    await until(() => bed.handed.length === tries)
    await rest()
    if (tries === 3) bed.outbox.reopen(out)
    bed.clock.pass(10_000)
  }
  bed.clock.pass(3_600_000)
  await rest()
  expect(bed.handed).toHaveLength(6)
  await bed.outbox.stop()
})
