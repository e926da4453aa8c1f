/** How we say who we are, and over which lines we do not. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { errors } from '#shared/errors.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { codeOf } from '../../contracts/mailbox.contract.ts'
import { authority } from '../../servers/certificates.ts'
import { pop3Password as password, type Pop3Faults } from '../../servers/pop3-server.ts'
import { openOn, rawServer, server } from './world.ts'

const ca = authority()
const tls = ca.issue(['DNS:localhost', 'IP:127.0.0.1'])
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const wordsOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'no fault', (error: unknown) => (error instanceof Error ? error.message : String(error)))

test.each<[string, Pop3Faults, string[]]>([
  ['AUTH PLAIN where it is offered', {}, [`AUTH PLAIN ${base64(`\0u0\0${password}`)}`]],
  ['USER and PASS otherwise', { capabilities: ['UIDL', 'USER', 'SASL LOGIN', 'TOP', 'PIPELINING'] }, ['USER u0', `PASS ${password}`]],
  ['AUTH LOGIN where nothing else is offered', { capabilities: ['UIDL', 'SASL LOGIN', 'TOP', 'PIPELINING'] }, ['AUTH LOGIN']],
  ['USER and PASS at a server that knows no CAPA', { onCommand: (command, wire) => command.name === 'CAPA' && wire.write('-ERR what?\r\n') }, ['USER u0', `PASS ${password}`]],
])('[PO3] logs in by %s', async (_, faults, said) => {
  const pop3 = await server(faults)
  await (await openOn(pop3.account())).close()
  expect(pop3.lines().filter((line) => /^(USER|PASS|AUTH|APOP)/.test(line))).toEqual(said)
})

test('[PO24] the user name goes as typed', async () => {
  const pop3 = await server({ capabilities: ['UIDL', 'TOP', 'USER', 'PIPELINING'] })
  expect(await codeOf(openOn(pop3.account({ user: 'recent:Jane.Döe+x@gmail.com' })))).toBe('MAIL_LOGIN_REFUSED')
  expect(pop3.lines()).toContain('USER recent:Jane.Döe+x@gmail.com')
})

test('[PO3] by APOP where the greeting has a stamp, and the password stays off the wire; then by what else is offered', async () => {
  const stamp = '<1896.697170952@dbc.mtview.ca.us>'
  let takes = true
  const pop3 = await server({ greeting: `+OK ready ${stamp}`, onCommand: (command, wire) => {
    if (command.name === 'UIDL' || command.name === 'LIST') return wire.write('+OK\r\n.\r\n')
    return command.name === 'APOP' && wire.write(takes ? '+OK\r\n' : '-ERR no secret here\r\n')
  } })
  await (await openOn(pop3.account())).close()
  expect(pop3.lines().slice(0, 4)).toEqual(['CAPA', `APOP u0 ${createHash('md5').update(stamp + password).digest('hex')}`, 'UIDL', 'LIST'])
  expect(pop3.lines().join('\n')).not.toContain(password)
  takes = false
  await (await openOn(pop3.account())).close()
  expect(pop3.lines().some((line) => line.startsWith('AUTH PLAIN '))).toBe(true)
})

test('[PO4] a token goes by OAUTHBEARER or XOAUTH2, a long one once it is asked for; refused, it is renewed once, and the reason is told', async () => {
  const long = 'T'.repeat(900)
  for (const mechanism of ['XOAUTH2', 'OAUTHBEARER']) {
    const shown: string[] = []
    const pop3 = await server({ capabilities: ['UIDL', 'TOP', 'PIPELINING', `SASL PLAIN ${mechanism}`], onCommand: (command, wire) => {
      if (command.name === 'UIDL' || command.name === 'LIST') return wire.write('+OK\r\n.\r\n')
      const given = command.name === 'AUTH' ? command.line.split(' ')[2] : command.line
      if (given === undefined) return wire.write('+ \r\n')
      // A response, with the command or behind it, or the client's answer to the reason of a refusal.
      if (command.name !== 'CAPA' && command.name !== 'QUIT') {
        const line = Buffer.from(given, 'base64').toString()
        if (!line.includes('Bearer')) return wire.write('-ERR [AUTH] not with this one\r\n')
        shown.push(line)
        return wire.write(line.includes('fresh') ? '+OK\r\n' : `+ ${base64('{"status":"400"}')}\r\n`)
      }
      return false
    } })
    const account: Account = { ...pop3.account(), login: 'oauth2', password: '', tokens: { current: () => Promise.resolve(`old${long}`), renew: () => Promise.resolve(`fresh${long}`) } }
    await (await openOn(account)).close()
    expect(shown.map((line) => /Bearer (\w{3})/.exec(line)?.[1])).toEqual(['old', 'fre'])
    expect(pop3.lines().filter((line) => line.length > 255 && line.startsWith('AUTH'))).toEqual([])
    const refused = { ...account, tokens: { current: () => Promise.resolve('old'), renew: () => Promise.resolve('old2') } }
    expect(await codeOf(openOn(refused))).toBe('MAIL_TOKEN_REFUSED')
    expect(await wordsOf(openOn(refused))).toContain('{"status":"400"}')
  }
  const without = await server()
  expect(await codeOf(openOn({ ...without.account(), login: 'oauth2', tokens: { current: () => Promise.resolve('t'), renew: () => Promise.resolve('t') } }))).toBe('MAIL_OAUTH_MISSING')
  expect(await codeOf(openOn({ ...without.account(), login: 'none' }))).toBe('MAIL_LOGIN_WANTED')
})

/** An account whose server counts as somewhere else: with "if offered" only loopback may see a password in clear. */
const far = { security: 'starttls-if-offered' as const }
test.each<[string, Pop3Faults, Partial<Account>, string]>([
  ['STLS is required and not offered', {}, { security: 'starttls' }, 'MAIL_STARTTLS_MISSING'],
  ['STLS is required and refused', { tls, onCommand: (command, wire) => command.name === 'STLS' && wire.write('-ERR not today\r\n') }, { security: 'starttls' }, 'MAIL_STARTTLS_MISSING'],
  ['STLS is offered and refused', { tls, onCommand: (command, wire) => command.name === 'STLS' && wire.write('-ERR not today\r\n') }, far, 'MAIL_STARTTLS_MISSING'],
  ['CAPA is refused and STLS required', { tls, onCommand: (command, wire) => command.name === 'CAPA' && wire.write('-ERR no\r\n') }, { security: 'starttls' }, 'MAIL_STARTTLS_MISSING'],
  ['data comes between STLS and TLS', { tls, onCommand: (command, wire) => command.name === 'STLS' && wire.write('+OK begin\r\n+OK logged in\r\n') }, { security: 'starttls' }, 'MAIL_PROTOCOL'],
  ['the certificate is nobody\'s', { tls }, { security: 'starttls' }, 'MAIL_CERTIFICATE_UNTRUSTED'],
  ['the certificate is nobody\'s and STLS only taken if offered', { tls }, far, 'MAIL_CERTIFICATE_UNTRUSTED'],
  ['the port does not speak TLS', {}, { security: 'tls' }, 'MAIL_TLS_EXPECTED'],
])('[PO5] no password leaves when %s', async (_, faults, account, code) => {
  const pop3 = await server(faults)
  expect(await codeOf(openOn(pop3.account(account)))).toBe(code)
  expect(pop3.lines().filter((line) => /^(USER|PASS|AUTH|APOP)/i.test(line))).toEqual([])
})

test('[PO5] over TLS, STLS and STLS if offered the login goes encrypted, and what is offered is asked again behind STLS', async () => {
  for (const [faults, security] of [[{ tls, implicitTls: true }, 'tls'], [{ tls }, 'starttls'], [{ tls }, 'starttls-if-offered']] as const) {
    const pop3 = await server(faults)
    await (await openOn(pop3.account({ security, certificate: ca.cert }))).close()
    expect(pop3.lines().slice(0, 4).map((line) => line.split(' ')[0])).toEqual(security === 'tls' ? ['CAPA', 'AUTH', 'UIDL', 'LIST'] : ['CAPA', 'STLS', 'CAPA', 'AUTH'])
  }
})

test('[PO6] a line break in a user name or password is no second command: it is never said', async () => {
  const pop3 = await server({ capabilities: ['UIDL', 'USER', 'TOP', 'PIPELINING'] })
  for (const bad of [{ user: 'u0\r\nDELE 1' }, { password: 'x\nQUIT' }, { user: 'u0\0' }]) expect(await codeOf(openOn(pop3.account(bad)))).toBe('MAIL_LOGIN_REFUSED')
  expect(pop3.lines().filter((line) => /DELE|QUIT/.test(line))).toEqual([])
})

test.each<[string, string, keyof typeof errors]>([
  ['another session', '-ERR [IN-USE] Do you have another POP session running?', 'MAIL_IN_USE'],
  ['another session, in the words of old servers', '-ERR maildrop already locked', 'MAIL_IN_USE'],
  ['a login too soon', '-ERR [LOGIN-DELAY] Only once a minute', 'MAIL_LOGIN_DELAY'],
  ['trouble that passes', '-ERR [SYS/TEMP] Try again later', 'MAIL_BUSY'],
  ['trouble that stays', '-ERR [SYS/PERM] Mailbox is corrupt', 'MAIL_ACCOUNT_BROKEN'],
  ['a wrong password', '-ERR [AUTH] Invalid login', 'MAIL_LOGIN_REFUSED'],
  ['a wrong password without a code', '-ERR authorization failed', 'MAIL_LOGIN_REFUSED'],
  ['a locked account, which is no locked mailbox', '-ERR Your account is locked', 'MAIL_LOGIN_REFUSED'],
])('[PO7] %s is told as that', async (_, answer, code) => {
  const pop3 = await server({ onCommand: (command, wire) => command.name === 'AUTH' && wire.write(`${answer}\r\n`) })
  expect(await codeOf(openOn(pop3.account()))).toBe(code)
  expect(errors[code].retry).toBe(code === 'MAIL_LOGIN_REFUSED' || code === 'MAIL_ACCOUNT_BROKEN' ? 'person' : 'later')
})

test('[PO7] a server that turns us away at its greeting is busy, and one of another kind is named by its words', async () => {
  expect(await codeOf(openOn((await server({ greeting: '-ERR [SYS/TEMP] too many connections' })).account()))).toBe('MAIL_BUSY')
  expect(await codeOf(openOn((await server({ greeting: '-ERR no more today' })).account()))).toBe('MAIL_BUSY')
  expect(await wordsOf(openOn((await server({ greeting: '* OK IMAP4rev1 ready' })).account()))).toContain('it said "* OK IMAP4rev1 ready"')
})

test('[PO7] no fault shows the password, even when the server repeats it', async () => {
  const { account } = await rawServer((socket) => {
    socket.write('+OK hello\r\n')
    socket.on('data', (bytes: Buffer) => { socket.write(bytes.toString().startsWith('CAPA') ? '+OK\r\nSASL PLAIN\r\n.\r\n' : `-ERR you sent ${bytes.toString()}`) })
  })
  const said = await wordsOf(openOn(account))
  expect(said).toContain('(password)')
  expect(said).not.toContain(password)
  expect(said).not.toContain(base64(`\0u0\0${password}`))
})
