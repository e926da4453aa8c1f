import { expect, test } from 'vitest'
import type { Account } from '#runtime/mail/mailbox.ts'
import type { Delivery } from '#runtime/mail/smtp/sender.ts'
import { Fault } from '#shared/errors.ts'
import { selfSigned } from '../servers/certificates.ts'
import { cuttingProxy } from '../servers/cutting-proxy.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import type { SmtpScript } from '../servers/smtp-server.ts'
import { smtpCommandMs, smtpDataDoneMs } from '#runtime/limits.ts'
import { atEnd, letter, senderTo, server, to } from './smtp-world.ts'

type Told = 'sent' | 'unknown' | 'deferred' | 'refused' | 'fault'

interface Cutting {
  /** The first mail has gone out over the session before. */
  readonly warm?: boolean
  readonly account?: Partial<Account>
  /** Only so many bytes from the end are cut one by one, and each 16th in front of them; a session is a few milliseconds then, not one. */
  readonly last?: number
}

/** Cuts one session at every byte of one direction; each cut's outcome must fit what the server really has. */
async function cutEverywhere(direction: 'to-server' | 'to-client', script: SmtpScript, body: string, { warm = false, account = {}, last = Infinity }: Cutting = {}): Promise<Map<Told, number>> {
  const smtp = await server(script)
  const proxy = await cuttingProxy(smtp.port)
  atEnd(() => proxy.stop())
  const told = new Map<Told, number>()
  const once = async (bytes: number | null): Promise<number> => {
    const sender = senderTo(proxy.port, { user: 'u', password: 'p', maxConnections: 1, ...account })
    if (warm) {
      proxy.cutAfter(direction, null)
      await sender.deliver(to('first@example.org'), letter())
    }
    const before = smtp.accepted.length
    proxy.cutAfter(direction, bytes)
    const outcome = await sender.deliver(to(), letter(body)).then(stateOf, asFault)
    const passed = proxy.passed()
    await sender.close()
    await smtp.untilOpen(0)
    const accepted = smtp.accepted.length - before
    const fits = { sent: accepted === 1, unknown: accepted <= 1, deferred: accepted === 0, refused: accepted === 0, fault: accepted === 0 }[outcome]
    expect({ bytes, outcome, accepted, fits }).toMatchObject({ fits: true })
    told.set(outcome, (told.get(outcome) ?? 0) + 1)
    return direction === 'to-server' ? passed.toServer : passed.toClient
  }
  const whole = await once(null)
  for (let bytes = 0; bytes < whole; bytes += whole - bytes > last ? 16 : 1) await once(bytes)
  return told
}
const stateOf = (delivery: Delivery): Told => delivery.recipients[0]?.state ?? 'fault'
const asFault = (error: unknown): Told => {
  if (error instanceof Fault) return 'fault'
  throw error
}

const text = `${'0123456789'.repeat(6)}\r\n`.repeat(27)
const plain = ['8BITMIME', 'SIZE 1000000', 'AUTH PLAIN']

test('[SX5] cut at every byte towards the server, a session of 2 KB never says "not sent" of a mail the server has, nor "sent" of one it has not', async () => {
  const told = await cutEverywhere('to-server', {}, text)
  // Body and dot of so small a mail leave together: from the first byte of the body on, nobody knows.
  expect(told.get('unknown')).toBeGreaterThan(1700)
  expect(told.get('deferred')).toBeGreaterThan(50)
})

test('[SX5] cut at every byte towards the client, likewise', async () => {
  const told = await cutEverywhere('to-client', {}, text)
  expect(told.get('unknown')).toBeGreaterThan(5)
})

test('[SX5] without PIPELINING, cut at every byte in both directions, likewise', async () => {
  expect((await cutEverywhere('to-server', { extensions: plain }, 'short')).get('deferred')).toBeGreaterThan(50)
  expect((await cutEverywhere('to-client', { extensions: plain }, 'short')).get('unknown')).toBeGreaterThan(5)
})

test('[SX5] cut at every byte of the second mail on a kept session: either it is retried on a fresh one before the mail began, or its outcome fits, and it never arrives twice', async () => {
  expect((await cutEverywhere('to-server', {}, 'short', { warm: true })).get('sent')).toBeGreaterThan(20)
  expect((await cutEverywhere('to-client', {}, 'short', { warm: true })).get('unknown')).toBeGreaterThan(5)
})

test('[SX181] with STARTTLS and a login, cut at every byte behind the handshake and many within it, in both directions, likewise', async () => {
  const tls = selfSigned(['IP:127.0.0.1'])
  const account = { security: 'starttls', certificate: tls.cert } as const
  // Handshake, login and envelope are before the mail: most cuts are certain. One record holds body and dot.
  expect((await cutEverywhere('to-server', { tls }, 'short', { account, last: 600 })).get('unknown')).toBeGreaterThan(5)
  expect((await cutEverywhere('to-client', { tls }, 'short', { account, last: 1000 })).get('unknown')).toBeGreaterThan(5)
})

test('[SX6] 100 lines broken after the final dot, accepted or not: all unknown', async () => {
  for (const keepAtDot of [true, false]) {
    const smtp = await server({ dot: 'drop', keepAtDot })
    const sender = senderTo(smtp.port)
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => sender.deliver(to(), letter())))
    expect(outcomes.map(stateOf)).toEqual(Array.from({ length: 50 }, () => 'unknown'))
    expect(outcomes[0]?.stage).toBe('data-sent')
    expect(smtp.accepted).toHaveLength(keepAtDot ? 50 : 0)
  }
})

test('[SX6] 100 servers that fall silent after the final dot: all unknown when ten minutes are over, none before', async () => {
  const smtp = await server({ dot: 'hang' })
  const clock = fakeClock()
  for (let round = 0; round < 20; round += 1) {
    const sender = senderTo(smtp.port, {}, clock)
    let done = 0
    const sends = Array.from({ length: 5 }, () => sender.deliver(to(), letter()).then((delivery) => { done += 1; return delivery }))
    await smtp.untilDots((round + 1) * 5)
    clock.pass(smtpDataDoneMs - 1000)
    expect(done).toBe(0)
    clock.pass(1000)
    expect((await Promise.all(sends)).map(stateOf)).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'unknown'])
    await sender.close()
  }
})

test('[SX6] a server that falls silent before the mail, or in the middle of it, has certainly not got it', async () => {
  for (const script of [{ mail: 'hang' }, { data: 'hang' }] as const) {
    const smtp = await server({ ...script, extensions: plain })
    const clock = fakeClock()
    const sent = senderTo(smtp.port, {}, clock).deliver(to(), letter())
    await smtp.untilCommand(script === undefined || 'mail' in script ? /^MAIL/ : /^DATA/)
    clock.pass(smtpCommandMs)
    expect(await sent).toMatchObject({ recipients: [{ state: 'deferred', answer: '127.0.0.1 did not answer in time.' }] })
  }
})

test('[SX7] who was refused by name stays refused when the answer for the others is lost', async () => {
  const smtp = await server({ dot: 'drop', rcpt: (address) => (address.startsWith('gone') ? '550 5.1.1 no such user' : address.startsWith('full') ? '452 4.2.2 mailbox full' : undefined) })
  const { recipients } = await senderTo(smtp.port).deliver(to('gone@example.org', 'b@example.org', 'full@example.org'), letter())
  expect(recipients.map((one) => [one.state, one.address])).toEqual([['refused', 'gone@example.org'], ['unknown', 'b@example.org'], ['deferred', 'full@example.org']])
})
