/** Where a password goes: to the server it is for, never in clear over a network, and nowhere else when a server repeats it. */
import { onTestFinished, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { makeLog, silentLog } from '#runtime/log.ts'
import { makeHostPolicy, type HostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { makeSender } from '#runtime/mail/smtp/pool.ts'
import { Fault } from '#shared/errors.ts'
import { accountAt, letter, server, to } from '../mail/smtp-world.ts'
import { type ImapFaults, type ImapServer, imapServer } from '../servers/imap-server.ts'

const canary = 'canary-Pa55word-9d1f'
const encoded = (user: string): readonly string[] => [canary, Buffer.from(canary).toString('base64'), Buffer.from(`\0${user}\0${canary}`).toString('base64')]
const everywhere: HostPolicy = { permits: () => true }
const loopback = makeHostPolicy({ loopbackBound: true, allowed: [] })

async function imap(faults: ImapFaults): Promise<ImapServer> {
  const made = await imapServer(faults)
  onTestFinished(() => made.stop())
  return made
}
const openInbox = (account: Account, policy: HostPolicy): Promise<unknown> =>
  imapAdapter({ policy, clock: systemClock, log: silentLog }).open(account, 'INBOX', new AbortController().signal).then((mailbox) => mailbox.close(), (error: unknown) => error)

async function deliver(port: number, changes: Partial<Account>, policy: HostPolicy): Promise<{ readonly outcome: unknown; readonly log: string }> {
  const lines: string[] = []
  const sender = makeSender(accountAt(port, { user: 'u', password: canary, ...changes }), { policy, log: makeLog('debug', (line) => lines.push(line)), clock: systemClock })
  onTestFinished(() => sender.close())
  return { outcome: await sender.deliver(to(), letter()).catch((error: unknown) => error), log: lines.join('') }
}

// 0.0.0.0 leads to this machine without being a loopback address, so it stands for a server somewhere else.
const elsewhere = '0.0.0.0'

test('[SE53] with "if offered" no password goes in clear to another machine, since the offer may have been struck out on the way', async () => {
  const smtp = await server({ password: canary })
  const { outcome } = await deliver(smtp.port, { host: elsewhere, security: 'starttls-if-offered' }, everywhere)
  expect(outcome).toMatchObject({ code: 'MAIL_STARTTLS_MISSING' })
  expect(smtp.logins).toEqual([])
  expect(smtp.commands.filter((line) => !line.startsWith('EHLO'))).toEqual([])

  const inbox = await imap({})
  const { port } = inbox
  expect(await openInbox(inbox.account({ port, host: elsewhere, security: 'starttls-if-offered' }), everywhere)).toMatchObject({ code: 'MAIL_STARTTLS_MISSING' })
  expect(inbox.commands.map((command) => command.name)).not.toEqual(expect.arrayContaining([expect.stringMatching(/LOGIN|AUTHENTICATE/)]))
})

test('[SE53] "none" is taken at its word, and without a user there is no password to protect', async () => {
  const smtp = await server({ password: canary })
  expect((await deliver(smtp.port, { host: elsewhere, security: 'none' }, everywhere)).outcome).toMatchObject({ recipients: [{ state: 'sent' }] })
  expect((await deliver(smtp.port, { host: elsewhere, security: 'starttls-if-offered', user: '', password: '' }, everywhere)).outcome).toMatchObject({ recipients: [{ state: 'sent' }] })
})

test('[SE54] a server that repeats the password, at any moment, has it struck out of results and log', async () => {
  const words = encoded('u').join(' ')
  const scripts: readonly Parameters<typeof server>[0][] = [
    { auth: `535 5.7.8 ${words}` }, { auth: `454 4.7.0 ${words}` }, { mail: `530 5.7.0 ${words}` }, { mail: `451 4.0.0 ${words}` }, { rcpt: `550 5.1.1 ${words}` }, { data: `452 4.3.1 ${words}` }, { dot: `250 2.0.0 ${words}` }, { dot: `554 5.6.0 ${words}` },
  ]
  for (const script of scripts) {
    const smtp = await server(script)
    const { outcome, log } = await deliver(smtp.port, {}, loopback)
    const told = `${JSON.stringify(outcome)}${outcome instanceof Fault ? outcome.message : ''}${log}`
    expect(told, JSON.stringify(script)).toContain('(password)')
    for (const secret of encoded('u')) expect(told, JSON.stringify(script)).not.toContain(secret)
  }
})

test('[SE54] the same of an IMAP server', async () => {
  for (const refused of ['LOGIN', 'AUTHENTICATE', 'SELECT']) {
    const inbox = await imap({
      ...(refused === 'LOGIN' ? { capabilities: ['IMAP4rev1'] } : {}),
      onCommand: ({ name, tag }, wire) => name === refused && wire.write(`${tag} NO you said ${encoded('u0').map((one) => one.replace(canary, inbox.account().password)).join(' ')}\r\n`),
    })
    const fault = await openInbox(inbox.account(), loopback)
    if (!(fault instanceof Fault)) throw new Error(`${refused} was not refused`)
    expect(`${fault.message} ${JSON.stringify(fault)}`).not.toContain(inbox.account().password)
  }
})

test('[SE64] a folder name with a line break is said to no server', async () => {
  const inbox = await imap({})
  for (const folder of ['INBOX\r\nX1 LOGOUT', 'INBOX"\r\nX1 DELETE INBOX', '{3}\r\nabc', 'a\u0000b', 'a\u0085b']) {
    const fault = await imapAdapter({ policy: loopback, clock: systemClock, log: silentLog }).open(inbox.account(), folder, new AbortController().signal).catch((error: unknown) => error)
    expect(fault).toMatchObject({ code: 'MAIL_FOLDER_MISSING' })
    expect(String(fault)).not.toMatch(/\p{Cc}/u)
  }
  expect(inbox.commands).toEqual([])
})
