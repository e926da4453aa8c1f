import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { usualSending } from '#shared/connection.ts'
import { shutdownMs, smtpCrowdedMs, smtpIdleMs } from '#runtime/limits.ts'
import { bodyOf } from '#runtime/mail/smtp/body.ts'
import type { Raw } from '#runtime/raw.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import type { Act } from '../servers/smtp-server.ts'
import { cuttingProxy } from '../servers/cutting-proxy.ts'
import { atEnd, bytesOf, letter, senderTo, server, to } from './smtp-world.ts'

test('[SX1] a mail arrives byte for byte: leading dots, lone dots, 8-bit text and a last line without an end', async () => {
  const smtp = await server()
  const text = 'Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\nGr\u00fc\u00dfe \u{1F600}\r\n\r\n.\r\nend'
  const { recipients, stage } = await senderTo(smtp.port).deliver(to('b@example.org', 'c@example.org'), bytesOf(text))
  expect(recipients.map((one) => one.state)).toEqual(['sent', 'sent'])
  expect(recipients[0]?.answer).toBe('250 2.0.0 queued')
  expect(stage).toBe('answered')
  expect(smtp.accepted).toHaveLength(1)
  expect(smtp.accepted[0]).toMatchObject({ from: 'a@example.org', to: ['b@example.org', 'c@example.org'] })
  expect(smtp.accepted[0]?.bytes.toString()).toBe(`${text}\r\n`)
})

test('[SX1] a bare CR or LF never ends a mail early (SMTP smuggling)', async () => {
  const smtp = await server()
  const sender = senderTo(smtp.port, { maxConnections: 1 })
  const endings = ['\n.\n', '\n.\r\n', '\r.\r', '\r.\r\n', '\r\n.\r', '\r\n.\n', '\r\n\0.\r\n', '\r.\n', '\n.\r', '\r\r\n.\r\r\n']
  for (const ending of endings) {
    await sender.deliver(to(), bytesOf(`Subject: x\r\n\r\nbefore${ending}MAIL FROM:<evil@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nafter\r\n`))
  }
  expect(smtp.accepted).toHaveLength(endings.length)
  expect(smtp.accepted.every((mail) => mail.from === 'a@example.org' && mail.bytes.toString().endsWith('after\r\n'))).toBe(true)
})

test('[SX2] each recipient has its own outcome, with the server\'s own words and codes', async () => {
  const answers: Record<string, Act> = { 'full@example.org': '452 4.2.2 mailbox full', 'gone@example.org': '550 5.1.1 no such user' }
  for (const extensions of [['PIPELINING'], []]) {
    const smtp = await server({ extensions, rcpt: (address) => answers[address] })
    const sender = senderTo(smtp.port)
    const { recipients } = await sender.deliver(to('full@example.org', 'b@example.org', 'gone@example.org'), letter())
    expect(recipients).toEqual([
      { address: 'full@example.org', state: 'deferred', answer: '452 4.2.2 mailbox full' },
      { address: 'b@example.org', state: 'sent', answer: '250 2.0.0 queued' },
      { address: 'gone@example.org', state: 'refused', answer: '550 5.1.1 no such user' },
    ])
    expect(smtp.accepted[0]?.to).toEqual(['b@example.org'])
    const none = await sender.deliver(to('gone@example.org', 'full@example.org'), letter())
    expect(none).toMatchObject({ stage: 'rcpt', recipients: [{ state: 'refused' }, { state: 'deferred' }] })
    expect((await sender.deliver(to(), letter())).recipients[0]?.state).toBe('sent')
    expect(smtp.sessions()).toBe(1)
  }
})

test.each<[string, Parameters<typeof server>[0], 'deferred' | 'refused', string]>([
  ['MAIL refused', { mail: '550 5.7.1 you may not send' }, 'refused', 'mail'],
  ['MAIL put off', { mail: '451 4.7.1 greylisted' }, 'deferred', 'mail'],
  ['MAIL out of step', { mail: '503 5.5.1 nested MAIL' }, 'deferred', 'mail'],
  ['DATA refused', { data: '554 5.7.1 no' }, 'refused', 'data'],
  ['DATA put off', { data: '452 4.3.1 out of room' }, 'deferred', 'data'],
  ['the mail refused', { dot: '554 5.7.1 spam' }, 'refused', 'answered'],
  ['the mail put off', { dot: '451 4.3.0 later' }, 'deferred', 'answered'],
  ['421 at MAIL', { mail: '421 4.3.2 going down' }, 'deferred', 'mail'],
  ['421 at RCPT', { rcpt: '421 4.3.2 going down' }, 'deferred', 'rcpt'],
  ['421 at DATA', { data: '421 4.3.2 going down' }, 'deferred', 'data'],
  ['421 after the dot', { dot: { thenDrop: '421 4.3.2 going down' } }, 'deferred', 'answered'],
  ['421 at the greeting', { greeting: { thenDrop: '421 4.3.2 going down' } }, 'deferred', 'greeting'],
  ['554 at the greeting', { greeting: { thenDrop: '554 5.7.1 not from here' } }, 'deferred', 'greeting'],
])('[SX3] %s: the answer decides for every recipient', async (_, script, state, stage) => {
  for (const extensions of [['PIPELINING'], []]) {
    const smtp = await server({ ...script, extensions })
    const delivery = await senderTo(smtp.port).deliver(to('b@example.org', 'c@example.org'), letter())
    expect(delivery.recipients.map((one) => one.state)).toEqual([state, state])
    expect(delivery.recipients[0]?.answer).toMatch(/^[45]\d\d [45]\.\d\.\d \w/)
    if (stage !== 'data' && stage !== 'rcpt') expect(delivery.stage).toBe(stage)
    expect(smtp.accepted).toHaveLength(0)
  }
})

test('[SX3] after a refused mail the same session sends the next one', async () => {
  const smtp = await server({ dot: (_, n) => (n === 1 ? '554 5.7.1 spam' : undefined), mail: (_, n) => (n === 2 ? '550 5.1.0 no' : undefined) })
  const sender = senderTo(smtp.port, { maxConnections: 1 })
  const states = []
  for (let n = 0; n < 3; n += 1) states.push((await sender.deliver(to(), letter())).recipients[0]?.state)
  expect(states).toEqual(['refused', 'refused', 'sent'])
  expect(smtp.sessions()).toBe(1)
})

test('[SX4] a server\'s answer is kept as one clean line of at most 500 characters', async () => {
  const smtp = await server({ dot: { say: `550-5.7.1 \u001b[31mred\u202e ${'x'.repeat(400)}\r\n550-5.7.1 second\tline\r\n550 5.7.1 ${'y'.repeat(400)}` } })
  const answer = (await senderTo(smtp.port).deliver(to(), letter())).recipients[0]?.answer ?? ''
  expect(answer).toMatch(/^550-5\.7\.1 \[31mred x+ 5\.7\.1 second line 5\.7\.1 y+…$/)
  expect(answer).toHaveLength(500)
})

test('[SX8] mails share few kept sessions', async () => {
  const smtp = await server()
  const sender = senderTo(smtp.port, { maxConnections: 3 })
  expect(sender.free()).toBe(3)
  const sends = Array.from({ length: 60 }, (_, n) => sender.deliver(to(), letter(`mail ${n}`)))
  expect(sender.free()).toBe(0)
  await Promise.all(sends)
  expect(sender.free()).toBe(3)
  expect(smtp.accepted).toHaveLength(60)
  expect(smtp.sessions()).toBeLessThanOrEqual(3)
})

test('[SX8] a session without work says goodbye after ten seconds, and one that carried 100 mails is renewed', async () => {
  const smtp = await server()
  const clock = fakeClock()
  const sender = senderTo(smtp.port, { maxConnections: 1 }, clock)
  for (let n = 0; n <= usualSending.mailsPerConnection; n += 1) await sender.deliver(to(), letter())
  expect(smtp.sessions()).toBe(2)
  await smtp.untilOpen(1)
  clock.pass(smtpIdleMs)
  await smtp.untilOpen(0)
  expect(smtp.commands.filter((line) => line === 'QUIT')).toHaveLength(2)
  expect(smtp.accepted).toHaveLength(usualSending.mailsPerConnection + 1)
})

test('[SX129] how many mails go over one connection is the account\'s to say', async () => {
  const smtp = await server()
  const sender = senderTo(smtp.port, { maxConnections: 1, mailsPerConnection: 3 })
  for (let n = 0; n < 7; n += 1) await sender.deliver(to(), letter())
  expect(smtp.sessions()).toBe(3)
  expect(smtp.accepted).toHaveLength(7)
})

test('[SX9] a kept line that died in silence costs no mail', async () => {
  const smtp = await server()
  const proxy = await cuttingProxy(smtp.port)
  atEnd(() => proxy.stop())
  const sender = senderTo(proxy.port, { maxConnections: 1 })
  await sender.deliver(to(), letter('one'))
  proxy.cutAfter('to-server', 10)
  expect((await sender.deliver(to(), letter('two'))).recipients[0]?.state).toBe('sent')
  smtp.dropAll()
  await smtp.untilOpen(0)
  expect((await sender.deliver(to(), letter('three'))).recipients[0]?.state).toBe('sent')
  expect(smtp.accepted).toHaveLength(3)
})

test('[SX9] a goodbye in place of the answer to MAIL on a kept session is answered by a fresh session', async () => {
  const smtp = await server({ mail: (_, n) => (n === 2 ? { thenDrop: '421 4.4.2 timeout exceeded' } : undefined) })
  const sender = senderTo(smtp.port, { maxConnections: 1 })
  expect([await sender.deliver(to(), letter()), await sender.deliver(to(), letter())].map((one) => one.recipients[0]?.state)).toEqual(['sent', 'sent'])
  expect(smtp.sessions()).toBe(2)
})

test('[SX10] a server that takes two connections gets two, and no mail is put off while one of them lives', async () => {
  const smtp = await server({ maxSessions: 2 })
  const clock = fakeClock()
  const sender = senderTo(smtp.port, { maxConnections: 5 }, clock)
  const deliveries = await Promise.all(Array.from({ length: 40 }, () => sender.deliver(to(), letter())))
  expect(deliveries.every((one) => one.recipients[0]?.state === 'sent')).toBe(true)
  expect(smtp.sessions()).toBeLessThanOrEqual(5)
  expect(sender.free()).toBe(2)
  clock.pass(smtpCrowdedMs)
  expect(sender.free()).toBe(3)
})

test('[SX10] a session that says goodbye counts until it is gone: a server that takes two never sees three', async () => {
  const smtp = await server({ maxSessions: 2 })
  const sender = senderTo(smtp.port, { maxConnections: 2 })
  await Promise.all(Array.from({ length: 4 * usualSending.mailsPerConnection }, () => sender.deliver(to(), letter())))
  expect(smtp.accepted).toHaveLength(4 * usualSending.mailsPerConnection)
  // Who is turned away at the door says no EHLO.
  expect(smtp.commands.filter((line) => line.startsWith('EHLO'))).toHaveLength(smtp.sessions())
  expect(smtp.sessions()).toBeGreaterThanOrEqual(4)
})

test('[SX10] the mail behind a goodbye that gets no answer waits for its end', async () => {
  const smtp = await server({ quit: (_, n) => (n === 1 ? 'hang' : undefined) })
  const sender = senderTo(smtp.port, { maxConnections: 1 }, fakeClock())
  for (let n = 0; n < usualSending.mailsPerConnection; n += 1) await sender.deliver(to(), letter())
  const next = sender.deliver(to(), letter('next'))
  await smtp.untilCommand(/^QUIT/)
  // By the time another's whole session has gone by, ours would have been opened.
  await senderTo(smtp.port).deliver(to(), letter('other'))
  expect(smtp.openSessions()).toBe(2)
  smtp.dropAll()
  expect((await next).recipients[0]?.state).toBe('sent')
})

test('[SX10] turned away at the only door, the mail is put off with the server\'s words', async () => {
  const smtp = await server({ maxSessions: 0 })
  const delivery = await senderTo(smtp.port).deliver(to(), letter())
  expect(delivery).toEqual({ stage: 'greeting', recipients: [{ address: 'b@example.org', state: 'deferred', answer: '421 4.7.0 Too many concurrent SMTP connections' }] })
})

test('[SX11] a wrong password is tried once for all mails that wait, and told as a fault of the connection', async () => {
  const smtp = await server({ password: 'right' })
  const sender = senderTo(smtp.port, { user: 'u', password: 'wrong' })
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => sender.deliver(to(), letter())))
  expect(tries.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(Array.from({ length: 20 }, () => 'MAIL_LOGIN_REFUSED'))
  expect(smtp.logins).toEqual(['u'])
  expect(tries[0]).toMatchObject({ reason: { message: expect.stringContaining('535 5.7.8 Error: authentication failed') } })
  expect(JSON.stringify(tries)).not.toContain('d3Jvbmc')
})

test('[SX11] login by PLAIN, by LOGIN where PLAIN is not offered, put off by 454, wanted by 530', async () => {
  for (const kind of ['PLAIN', 'LOGIN']) {
    const smtp = await server({ password: 'right', extensions: [`AUTH ${kind}`] })
    expect((await senderTo(smtp.port, { user: 'u', password: 'right' }).deliver(to(), letter())).recipients[0]?.state).toBe('sent')
    expect(smtp.commands.some((line) => line.startsWith(`AUTH ${kind}`))).toBe(true)
  }
  const later = await server({ auth: '454 4.7.0 directory is down' })
  expect((await senderTo(later.port, { user: 'u', password: 'p' }).deliver(to(), letter())).recipients[0]).toMatchObject({ state: 'deferred', answer: '454 4.7.0 directory is down' })
  const wants = await server({ mail: '530 5.7.0 Authentication required' })
  await expect(senderTo(wants.port).deliver(to(), letter())).rejects.toMatchObject({ code: 'MAIL_LOGIN_REFUSED' })
})

test('[SX12] a large mail goes whole from disk to the server', async () => {
  const smtp = await server()
  const bytes = Buffer.alloc(30 * 1024 * 1024, `${'0123456789abcdef'.repeat(4)}\r\n`)
  expect((await senderTo(smtp.port).deliver(to(), onDisk(bytes))).recipients[0]?.state).toBe('sent')
  const arrived = smtp.accepted[0]?.bytes.subarray(0, bytes.length) ?? Buffer.alloc(0)
  expect(arrived.equals(bytes)).toBe(true)
})

test('[SX12] a stored mail is read piece by piece, never ahead of what the line takes, and its end is told only after the last piece was taken', async () => {
  const told: string[] = []
  const body = bodyOf(onDisk(Buffer.alloc(1024 * 1024, 'text\r\n')), Buffer.alloc(0), { began: () => told.push('began'), ended: () => told.push('ended') })
  expect(told).toEqual([])
  let taken = 0
  for await (const piece of body) {
    taken += piece.length
    expect(piece.length).toBeLessThanOrEqual(64 * 1024)
    expect(body.readableLength).toBeLessThanOrEqual(64 * 1024)
    if (taken < 900 * 1024) expect(told).toEqual(['began'])
  }
  expect(taken).toBe(1024 * 1024)
  expect(told).toEqual(['began', 'ended'])
})

test('[SX12] a stored mail that is shorter than it should be, or gone, is never ended with a dot', async () => {
  const smtp = await server()
  const sender = senderTo(smtp.port, { maxConnections: 1 })
  const whole = onDisk(Buffer.from('Subject: x\r\n\r\nhalf a mail\r\n'))
  if (whole.kind !== 'file') throw new Error('a file')
  for (const raw of [{ ...whole, size: whole.size + 100 }, { ...whole, path: `${whole.path}.gone` }]) {
    const delivery = await sender.deliver(to(), raw)
    expect(delivery).toMatchObject({ stage: 'body', recipients: [{ state: 'deferred', answer: expect.stringContaining('could not be read') }] })
  }
  await sender.deliver(to(), letter('whole'))
  expect(smtp.accepted.map((mail) => mail.bytes.toString())).toEqual([expect.stringContaining('whole')])
})

test('[SX12] a line broken in the middle of a large mail is certainly "not sent"', async () => {
  const smtp = await server()
  const proxy = await cuttingProxy(smtp.port)
  atEnd(() => proxy.stop())
  proxy.cutAfter('to-server', 500_000)
  const delivery = await senderTo(proxy.port).deliver(to(), onDisk(Buffer.alloc(20 * 1024 * 1024, 'line of text\r\n')))
  expect(delivery).toMatchObject({ stage: 'body', recipients: [{ state: 'deferred' }] })
  expect(smtp.accepted).toHaveLength(0)
})

test('[SX13] addresses beyond ASCII go out with SMTPUTF8 where it is offered', async () => {
  const smtp = await server()
  expect((await senderTo(smtp.port).deliver(to('jörg@bücher.example'), letter())).recipients).toMatchObject([{ address: 'jörg@bücher.example', state: 'sent' }])
  expect(smtp.commands.find((line) => line.startsWith('MAIL'))).toContain('SMTPUTF8')
  expect(smtp.accepted[0]?.to).toEqual(['jörg@bücher.example'])
})

test('[SX13] without SMTPUTF8 a domain beyond ASCII is spelled in ASCII, and a name beyond ASCII is refused without a word to the server', async () => {
  const smtp = await server({ extensions: [] })
  const { recipients } = await senderTo(smtp.port).deliver(to('info@bücher.example', 'jörg@example.org', 'b@example.org', 'b@example.org'), letter())
  expect(recipients.map((one) => [one.address, one.state])).toEqual([['info@bücher.example', 'sent'], ['jörg@example.org', 'refused'], ['b@example.org', 'sent'], ['b@example.org', 'sent']])
  expect(smtp.accepted[0]?.to).toEqual(['info@xn--bcher-kva.example', 'b@example.org'])
})

test('[SX13] a mail with such an address in its headers needs SMTPUTF8 whoever it goes to: said where it is offered, refused where it is not', async () => {
  const reply = bytesOf('From: a@example.org\r\nReply-To: <jörg@example.org>\r\nSubject: x\r\n\r\nHello\r\n')
  for (const extensions of [['SMTPUTF8', '8BITMIME', 'PIPELINING'], ['SMTPUTF8']]) {
    const smtp = await server({ extensions })
    const sender = senderTo(smtp.port, { maxConnections: 1 })
    const sent = [await sender.deliver(to(), reply), await sender.deliver(to('jörg@example.org'), reply), await sender.deliver(to(), letter('Grüße'))]
    expect(sent.map(({ recipients }) => recipients[0]?.state)).toEqual(['sent', 'sent', 'sent'])
    expect(smtp.commands.filter((line) => line.startsWith('MAIL')).map((line) => line.split('SMTPUTF8').length - 1)).toEqual([1, 1, 0])
  }
  const old = await server({ extensions: ['8BITMIME'] })
  expect((await senderTo(old.port).deliver(to('b@example.org', 'c@example.org'), reply)).recipients).toEqual(['b@example.org', 'c@example.org'].map((address) => ({ address, state: 'refused', answer: '5.6.7 The server does not take addresses beyond ASCII (and one stands in the headers of this mail: it offers no SMTPUTF8).' })))
  expect(old.commands.filter((line) => line.startsWith('MAIL'))).toEqual([])
})

test('[SX14] the size is announced, and a mail above the server\'s limit is refused before it is sent', async () => {
  const smtp = await server({ extensions: ['SIZE 1000', '8BITMIME'] })
  const sender = senderTo(smtp.port)
  expect((await sender.deliver(to(), letter('ü'.repeat(2000)))).recipients).toMatchObject([{ state: 'refused', answer: expect.stringContaining('1000') }])
  expect(smtp.commands.some((line) => line.startsWith('MAIL'))).toBe(false)
  const small = letter('ü')
  if (small.kind !== 'bytes') throw new Error('bytes')
  await sender.deliver(to(), small)
  expect(smtp.commands.find((line) => line.startsWith('MAIL'))).toBe(`MAIL FROM:<a@example.org> BODY=8BITMIME SIZE=${small.bytes.byteLength}`)
})

test('[SX15] closing lets the mails in flight finish and tells the waiting ones that they were not sent', async () => {
  const smtp = await server()
  const sender = senderTo(smtp.port, { maxConnections: 1 })
  await sender.deliver(to(), letter())
  const flying = sender.deliver(to(), letter('flying'))
  const waiting = sender.deliver(to(), letter('waiting')).catch((error: unknown) => error)
  await sender.close()
  expect((await flying).recipients[0]?.state).toBe('sent')
  expect(await waiting).toMatchObject({ code: 'MAIL_CONNECTION_LOST' })
  await smtp.untilOpen(0)
  expect(sender.free()).toBe(0)
  await expect(sender.deliver(to(), letter())).rejects.toMatchObject({ code: 'MAIL_CONNECTION_LOST' })
})

test('[SX15] closing waits ten seconds for a server that does not answer; then the mail is told by its stage', async () => {
  for (const [script, state] of [[{ dot: 'hang' }, 'unknown'], [{ mail: 'hang' }, 'deferred']] as const) {
    const smtp = await server({ ...script, extensions: [] })
    const clock = fakeClock()
    const sender = senderTo(smtp.port, {}, clock)
    const flying = sender.deliver(to(), letter())
    await ('dot' in script ? smtp.untilDots(1) : smtp.untilCommand(/^MAIL/))
    const closed = sender.close()
    clock.pass(shutdownMs)
    await closed
    expect((await flying).recipients[0]?.state).toBe(state)
    await smtp.untilOpen(0)
  }
})

test('[SX10] a login put off while another session works leaves the waiting mails to that session', async () => {
  const smtp = await server({ auth: (_, n) => (n === 2 || n === 3 ? '454 4.7.0 too many logins' : undefined) })
  const sender = senderTo(smtp.port, { user: 'u', password: 'p' }, fakeClock())
  await sender.deliver(to(), letter())
  const deliveries = await Promise.all(Array.from({ length: 20 }, () => sender.deliver(to(), letter())))
  expect(deliveries.map((one) => one.recipients[0]?.state)).toEqual(Array.from({ length: 20 }, () => 'sent'))
  expect(smtp.logins.length).toBeLessThanOrEqual(5)
})

test('[SX2] an address that cannot stand in an SMTP command is refused and never leaves', async () => {
  const smtp = await server()
  const { recipients } = await senderTo(smtp.port).deliver(to('b@example.org>\r\nRCPT TO:<evil@example.net'), letter())
  expect(recipients).toMatchObject([{ state: 'refused' }])
  expect(smtp.commands.some((line) => /evil/.test(line))).toBe(false)
})

test('[SX3] twenty refusals over one session leave nothing behind on it', async () => {
  const smtp = await server({ dot: '554 5.7.1 spam' })
  const sender = senderTo(smtp.port, { maxConnections: 1 })
  const warned: Error[] = []
  const onWarning = (warning: Error): void => { warned.push(warning) }
  process.on('warning', onWarning)
  for (let n = 0; n < 20; n += 1) await sender.deliver(to(), letter())
  await new Promise(setImmediate)
  process.off('warning', onWarning)
  expect(smtp.sessions()).toBe(1)
  expect(warned).toEqual([])
})

test('[SX16] a server that answers nothing, or never ends its answer, is left with a fault, and nothing was sent', async () => {
  const silent = await server({ greeting: 'hang' })
  const clock = fakeClock()
  const sent = senderTo(silent.port, {}, clock).deliver(to(), letter()).catch((error: unknown) => error)
  await silent.untilOpen(1)
  await clock.untilWaits(60_000)
  clock.pass(60_000)
  expect(await sent).toMatchObject({ code: 'MAIL_TIMEOUT' })
  const endless = await server({ ehlo: { say: '250-x'.repeat(100_000) } })
  await expect(senderTo(endless.port).deliver(to(), letter())).rejects.toMatchObject({ code: 'MAIL_PROTOCOL' })
  const imap = await server({ greeting: { say: '* OK IMAP4rev1 ready' } })
  await expect(senderTo(imap.port).deliver(to(), letter())).rejects.toMatchObject({ code: 'MAIL_PROTOCOL', message: expect.stringContaining('IMAP4rev1') })
})

function onDisk(bytes: Buffer): Raw {
  const folder = mkdtempSync(join(tmpdir(), 'mailweave-smtp-'))
  atEnd(() => { rmSync(folder, { recursive: true, force: true }); return Promise.resolve() })
  const path = join(folder, 'mail')
  writeFileSync(path, bytes)
  return { kind: 'file', path, size: bytes.length, sha256: hash('sha256', bytes) }
}
