/** IMAP servers that lie, hang, leak or break off: the mail stays safe, the password stays secret, the cause is told. */
import { hash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { Fault } from '#shared/errors.ts'
import { systemClock } from '#runtime/clock.ts'
import { silentLog, type Log } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import type { Account, Fetched, NotFetched, OpenMailbox } from '#runtime/mail/mailbox.ts'
import { all, codeOf, gather, letter } from '../contracts/mailbox.contract.ts'
import { imapServer, onNth, row, trickle, type ImapFaults, type ImapServer } from '../servers/imap-server.ts'
import { testSpool, type TestSpool } from '../servers/spool.ts'

const policy = makeHostPolicy({ loopbackBound: true, allowed: [] })
const adapterOf = (more: { readonly log?: Log; readonly commandMs?: number } = {}) =>
  imapAdapter({ policy, clock: systemClock, log: more.log ?? silentLog, deadlines: { connectMs: more.commandMs ?? 20_000, commandMs: more.commandMs ?? 20_000 } })
const never = new AbortController().signal
const limits = { maxMailBytes: 10_000_000 }
const cleanups: (() => Promise<void>)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).toReversed()) await cleanup() })

async function serve(faults: ImapFaults = {}): Promise<ImapServer> {
  const server = await imapServer(faults)
  cleanups.push(() => server.stop())
  return server
}
async function spoolOf(inlineLimit?: number): Promise<TestSpool> {
  const spool = await testSpool(inlineLimit)
  cleanups.push(() => spool.remove())
  return spool
}
async function open(server: ImapServer, more: { readonly log?: Log; readonly commandMs?: number; readonly account?: Partial<Account> } = {}): Promise<OpenMailbox> {
  const mailbox = await adapterOf(more).open(server.account(more.account), 'INBOX', never)
  cleanups.push(() => mailbox.close())
  return mailbox
}
const faultOf = async (work: Promise<unknown>): Promise<Fault> => work.then(() => { throw new Error('no fault') }, (error: unknown) => { if (error instanceof Fault) return error; throw error })
const told = (mails: readonly (Fetched | NotFetched)[]): readonly (readonly [number, string])[] => mails.map((mail) => [Number(mail.uid), 'sha256' in mail ? mail.sha256 : mail.code])

const plain = ['IMAP4rev1', 'AUTH=PLAIN', 'IDLE']
test.for<[string, Partial<Account>, ImapFaults, string]>([
  ['STARTTLS wanted and not offered', { security: 'starttls' }, { capabilities: plain }, 'MAIL_STARTTLS_MISSING'],
  ['STARTTLS wanted and refused', { security: 'starttls' }, { capabilities: [...plain, 'STARTTLS'] }, 'MAIL_STARTTLS_MISSING'],
  ['STARTTLS offered and then refused', { security: 'starttls-if-offered' }, { capabilities: [...plain, 'STARTTLS'] }, 'MAIL_STARTTLS_MISSING'],
  ['login announced as disabled', { security: 'none' }, { capabilities: [...plain, 'LOGINDISABLED'] }, 'MAIL_LOGIN_DISABLED'],
  ['logged in before TLS', { security: 'starttls' }, { greeting: '* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hello' }, 'MAIL_STARTTLS_MISSING'],
  ['logged in as somebody unknown', { security: 'none' }, { greeting: '* PREAUTH [CAPABILITY IMAP4rev1] hello' }, 'MAIL_PROTOCOL'],
])('[RX18] the password stays here: %s', async ([, account, faults, code]) => {
  const server = await serve(faults)
  expect(await codeOf(adapterOf().open(server.account(account), 'INBOX', never))).toBe(code)
  expect(server.commands.map((command) => command.name)).not.toEqual(expect.arrayContaining([expect.stringMatching(/LOGIN|AUTHENTICATE/)]))
})

test('[RX18] without an offer of STARTTLS "if offered" goes on in clear, as the person chose', async () => {
  const server = await serve({ capabilities: plain })
  const mailbox = await open(server, { account: { security: 'starttls-if-offered' } })
  expect(await mailbox.look(all)).toEqual([])
})

test.for([null, '220 mail.example.org ESMTP'])('[RX19] a server that greets with %j ends in MAIL_TIMEOUT', async (greeting) => {
  const server = await serve({ greeting })
  expect(await codeOf(adapterOf({ commandMs: 200 }).open(server.account(), 'INBOX', never))).toBe('MAIL_TIMEOUT')
})

test.for<[string, NonNullable<ImapFaults['onCommand']>]>([
  ['that falls silent', onNth('UID SEARCH', 1, () => {})],
  ['that sends a byte now and then', onNth('UID SEARCH', 1, (_, wire) => { trickle(wire) })],
])('[RX19] a server %s ends in MAIL_TIMEOUT, and so does the mailbox', async ([, onCommand]) => {
  const mailbox = await open(await serve({ onCommand }), { commandMs: 300 })
  const end = Promise.withResolvers<unknown>()
  mailbox.onClose((fault) => { end.resolve(fault) })
  expect(await codeOf(mailbox.look(all))).toBe('MAIL_TIMEOUT')
  expect(await end.promise).toMatchObject({ code: 'MAIL_TIMEOUT' })
  expect(await codeOf(mailbox.refresh())).toBe('MAIL_TIMEOUT')
})

test('[RX19] a server that repeats one mail for ever ends in MAIL_TIMEOUT, and that mail is kept', async () => {
  const one = letter('One')
  const server = await serve({ onCommand: onNth('UID FETCH', 1, (_, wire) => { trickle(wire, row(1, 1, one)) }) })
  const mailbox = await open(server, { commandMs: 300 })
  const kept: (Fetched | NotFetched)[] = []
  const spool = await spoolOf()
  const work = async (): Promise<void> => { for await (const mail of mailbox.fetch(['1', '2'], spool, limits)) kept.push(mail) }
  expect(await codeOf(work())).toBe('MAIL_TIMEOUT')
  expect(told(kept)).toEqual([[1, hash('sha256', one)]])
})

test('[RX20] when the line breaks within a mail, the whole ones before it are kept', async () => {
  const [one, two, three] = [letter('One'), letter('Two'), letter('Three')]
  const server = await serve({ onCommand: onNth('UID FETCH', 1, (_, wire) => {
    wire.write(Buffer.concat([row(1, 1, one), row(2, 2, two), row(3, 3, three).subarray(0, -40)]))
    wire.drop()
  }) })
  for (const bytes of [one, two, three]) server.store.deliver('u0', bytes)
  const mailbox = await open(server)
  const kept: (Fetched | NotFetched)[] = []
  const work = async (): Promise<void> => { for await (const mail of mailbox.fetch(await mailbox.look(all), await spoolOf(), limits)) kept.push(mail) }
  expect(await codeOf(work())).toBe('MAIL_CONNECTION_LOST')
  expect(told(kept)).toEqual([[1, hash('sha256', one)], [2, hash('sha256', two)]])
})

test('[RX20] when the line breaks, no mail behind a missing one is handed on', async () => {
  const [one, two, three] = [letter('One'), letter('Two'), letter('Three')]
  const server = await serve({ onCommand: onNth('UID FETCH', 1, (_, wire) => {
    wire.write(Buffer.concat([row(1, 1, one), row(3, 3, three), row(2, 2, two).subarray(0, -40)]))
    wire.drop()
  }) })
  const mailbox = await open(server)
  const spool = await spoolOf()
  const kept: (Fetched | NotFetched)[] = []
  const work = async (): Promise<void> => { for await (const mail of mailbox.fetch(['1', '2', '3'], spool, limits)) kept.push(mail) }
  expect(await codeOf(work())).toBe('MAIL_CONNECTION_LOST')
  expect(told(kept)).toEqual([[1, hash('sha256', one)]])
})

test('[RX20] when the line breaks within a large mail, nothing of it is left behind', async () => {
  const server = await serve({ onCommand: onNth('UID FETCH', 3, (_, wire) => { wire.drop() }) })
  server.store.deliver('u0', letter('Large', 'x'.repeat(3_000_000)))
  const spool = await spoolOf(1000)
  const mailbox = await open(server)
  expect(await codeOf(gather(mailbox.fetch(['1'], spool, limits)))).toBe('MAIL_CONNECTION_LOST')
  expect(await readdir(spool.folder)).toEqual([])
})

test('[RX21] rows without a UID, of other mails, repeated or out of order make no mail', async () => {
  const [one, two] = [letter('One'), letter('Two')]
  const server = await serve({ onCommand: onNth('UID FETCH', 1, ({ tag }, wire) => {
    wire.write(Buffer.concat([
      row(1, 'NIL', letter('No UID')), Buffer.from('* 1 FETCH (FLAGS (\\Answered))\r\n* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\n'), row(7, 77, letter('Not asked for')),
      row(2, 2, two), row(2, 2, letter('Again')), row(1, 1, one), Buffer.from(`* 3 FETCH (UID 3 RFC822.SIZE 10 BODY[]<0> NIL)\r\n${tag} OK done\r\n`),
    ]))
  }) })
  for (const bytes of [one, two, letter('Three')]) server.store.deliver('u0', bytes)
  const mailbox = await open(server)
  const mails = await gather(mailbox.fetch(['1', '2', '3'], await spoolOf(), limits))
  expect(told(mails)).toEqual([[1, hash('sha256', one)], [2, hash('sha256', two)], [3, 'MAIL_PROTOCOL']])
})

test.for([
  ['estimated too large', (whole: Buffer) => ({ sent: whole, size: whole.length + 300 })],
  ['estimated too small', (whole: Buffer) => ({ sent: whole, size: whole.length - 300 })],
  ['cut short', (whole: Buffer) => ({ sent: whole.subarray(0, 100), size: whole.length })],
] as const)('[RX21] a mail whose announced size differs (%s) is asked for until its end is seen', async ([, wrong]) => {
  const whole = letter('Whole', 'line\r\n'.repeat(100))
  const { sent, size } = wrong(whole)
  const server = await serve({ onCommand: onNth('UID FETCH', 1, ({ tag }, wire) => { wire.write(Buffer.concat([row(1, 1, sent, { size }), Buffer.from(`${tag} OK done\r\n`)])) }) })
  server.store.deliver('u0', whole)
  const mailbox = await open(server)
  expect(told(await gather(mailbox.fetch(['1'], await spoolOf(), limits)))).toEqual([[1, hash('sha256', whole)]])
})

test('[RX3] ordinary mails come fifty a command, also when they are asked for in turns', async () => {
  const server = await serve()
  for (let count = 0; count < 150; count += 1) server.store.deliver('u0', letter(`Mail ${count}`))
  const mailbox = await open(server)
  const spool = await spoolOf()
  const uids = await mailbox.look(all)
  for (let from = 0; from < 150; from += 50) await gather(mailbox.fetch(uids.slice(from, from + 50), spool, limits))
  expect(server.commands.filter((command) => command.name === 'UID FETCH')).toHaveLength(4)
})

test('[RX22] a server without UIDVALIDITY is refused', async () => {
  const server = await serve({ onOutput: (bytes) => Buffer.from(bytes.toString('latin1').replace(/\* OK \[UIDVALIDITY.*\r\n/, ''), 'latin1') })
  expect(await codeOf(adapterOf().open(server.account(), 'INBOX', never))).toBe('MAIL_PROTOCOL')
})

test.for<[string, string | Buffer]>([
  ['a line without end', Buffer.alloc(17 * 1024 * 1024, '* SEARCH 1 ')],
  ['more bytes than asked for', '* 1 FETCH (UID 1 BODY[] {999999999}\r\n'],
  ['what is not IMAP', '220 mail.example.org ESMTP\r\n'.repeat(10)],
])('[RX23] a server that sends %s is left, in bounded memory', async ([, answer]) => {
  const server = await serve({ onCommand: onNth('UID SEARCH', 1, (_, wire) => { wire.write(answer) }) })
  const mailbox = await open(server, { commandMs: 2000 })
  expect(await codeOf(mailbox.look(all))).toMatch(/^MAIL_(PROTOCOL|TIMEOUT)$/)
  expect(process.memoryUsage().rss).toBeLessThan(600 * 1024 * 1024)
})

test('[RX24] without UIDPLUS a deleted mail is only marked, and nothing is expunged', async () => {
  const said: string[] = []
  const server = await serve({ capabilities: plain })
  for (const subject of ['One', 'Two']) server.store.deliver('u0', letter(subject))
  const mailbox = await open(server, { log: { ...silentLog, warn: (event) => { said.push(event) } } })
  expect(await mailbox.settle(['1'], { do: 'move', folder: 'Archive' })).toEqual({ done: ['1'], gone: [] })
  expect(await mailbox.settle(['1', '2'], { do: 'delete' })).toEqual({ done: ['2'], gone: ['1'] })
  expect(await mailbox.look(all)).toEqual([])
  expect(server.store.folder('u0', 'INBOX')?.mails.map((mail) => [...mail.flags])).toEqual([['\\Deleted'], ['\\Deleted']])
  expect(server.store.folder('u0', 'Archive')?.mails).toHaveLength(1)
  expect(server.commands.map((command) => command.name)).not.toContain('EXPUNGE')
  expect(said).toEqual(['mailbox.only-marked-deleted', 'mailbox.only-marked-deleted'])
})

test('[RX24] without MOVE a mail is copied once and then removed alone', async () => {
  const server = await serve({ capabilities: [...plain, 'UIDPLUS'] })
  for (const subject of ['One', 'Two']) server.store.deliver('u0', letter(subject))
  server.store.folder('u0', 'INBOX')?.mails[1]?.flags.add('\\Deleted')
  const mailbox = await open(server)
  expect(await mailbox.settle(['1'], { do: 'move', folder: 'Archive' })).toEqual({ done: ['1'], gone: [] })
  expect(server.store.folder('u0', 'INBOX')?.mails.map((mail) => mail.uid)).toEqual([2])
  expect(server.store.folder('u0', 'Archive')?.mails).toHaveLength(1)
})

test.for([
  ['move', { done: [], gone: ['1'] }, []], ['copy', { done: ['1'], gone: [] }, [1]],
] as const)('[RX8, RX9] when the answer to a %s is lost, doing it again leaves one mail in the other folder', async ([action, second, left]) => {
  let lose = true
  const server = await serve({ onOutput: (bytes) => (lose && bytes.includes('COPYUID') ? Buffer.alloc(0) : bytes) })
  server.store.deliver('u0', letter('One'))
  const after = { do: action, folder: 'Archive' }
  expect(await codeOf((await open(server, { commandMs: 300 })).settle(['1'], after))).toBe('MAIL_TIMEOUT')
  lose = false
  expect(await (await open(server)).settle(['1'], after)).toEqual(second)
  expect(server.store.folder('u0', 'Archive')?.mails).toHaveLength(1)
  expect(server.store.folder('u0', 'INBOX')?.mails.map((mail) => mail.uid)).toEqual(left)
})

test('[RX25] a storm of EXISTS is one piece of news until somebody looks', async () => {
  const storm = Array.from({ length: 1000 }, (_, count) => `* ${count + 1} EXISTS\r\n`).join('')
  const server = await serve({ onCommand: (command, wire) => { if (command.name === 'NOOP') wire.write(storm); return false } })
  const mailbox = await open(server)
  let news = 0
  mailbox.onNews(() => { news += 1 })
  await mailbox.refresh()
  expect(news).toBe(1)
  await mailbox.look(all)
  await mailbox.refresh()
  expect(news).toBe(2)
})

test('[RX11] IDLE begins right after the last command', { timeout: 5000 }, async () => {
  const idle = Promise.withResolvers<void>()
  const server = await serve({ onCommand: (command) => { if (command.name === 'IDLE') idle.resolve(); return false } })
  await (await open(server)).look(all)
  await idle.promise
})

test('[RX26] a refused action tells the server\'s own words', async () => {
  const server = await serve({ onCommand: (command, wire) => { if (!/^UID (?:STORE|MOVE)$/.test(command.name)) return false; return wire.write(`${command.tag} NO [OVERQUOTA] The mailbox\x07 is full\r\n`) } })
  server.store.deliver('u0', letter('One'))
  const mailbox = await open(server)
  for (const after of [{ do: 'flag' }, { do: 'move', folder: 'Archive' }] as const) {
    expect(await faultOf(mailbox.settle(['1'], after))).toMatchObject({ code: 'MAIL_ACTION_REFUSED', facts: { answer: expect.stringContaining('is full') as string } })
  }
})

test('[RX27] a server that is busy is told as busy, not as a wrong password', async () => {
  const full = await serve({ greeting: '* BYE Too many connections from your address' })
  expect(await faultOf(adapterOf().open(full.account(), 'INBOX', never))).toMatchObject({ code: 'MAIL_BUSY', facts: { answer: 'Too many connections from your address' } })
  const down = await serve({ onCommand: (command, wire) => command.name === 'AUTHENTICATE' && wire.write(`${command.tag} NO [UNAVAILABLE] Try again later\r\n`) })
  expect(await codeOf(adapterOf().open(down.account(), 'INBOX', never))).toBe('MAIL_BUSY')
})

test.for(['NAMESPACE', 'SELECT'])('[RX28] an opening that is called off (at %s) ends at once', async (name) => {
  const calledOff = new AbortController()
  const server = await serve({ onCommand: (command) => { if (command.name !== name) return false; calledOff.abort(); return true } })
  expect(await codeOf(adapterOf().open(server.account(), 'INBOX', calledOff.signal))).toBe('MAIL_CONNECTION_LOST')
})

test('[RX17] a line that breaks is told once, with its cause', async () => {
  const server = await serve({ onCommand: onNth('NOOP', 1, (_, wire) => { wire.drop() }) })
  const mailbox = await open(server)
  const ends: unknown[] = []
  mailbox.onClose((fault) => ends.push(fault))
  expect(await codeOf(mailbox.refresh())).toBe('MAIL_CONNECTION_LOST')
  await mailbox.close()
  expect(ends).toEqual([expect.objectContaining({ code: 'MAIL_CONNECTION_LOST' })])
})

test('[RX114] numbers that are no UIDs name no mail', async () => {
  const server = await serve({ onCommand: onNth('UID SEARCH', 1, ({ tag }, wire) => { wire.write(`* SEARCH 3 1 0 1 4294967296 99999999999999999999 2\r\n${tag} OK done\r\n`) }) })
  expect(await (await open(server)).look(all)).toEqual(['1', '2', '3'])
})

test.for<[string, string]>([['news', '* 1 EXISTS\r\n* 2 EXISTS\r\n'], ['rows', '* 1 FETCH (FLAGS ())\r\n']])('[RX113] %s without end are left long before the deadline', async ([, bytes]) => {
  const server = await serve({ onCommand: onNth('UID SEARCH', 1, (_, wire) => {
    const more = (): void => { if (wire.write(bytes.repeat(5000))) setImmediate(more) }
    more()
  }) })
  expect(await faultOf((await open(server)).look(all))).toMatchObject({ code: 'MAIL_PROTOCOL', facts: { reason: expect.stringMatching(/news without end|more than was asked for/) as string } })
})
