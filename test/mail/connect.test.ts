import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Fault } from '#shared/errors.ts'
import { connectTarget } from '#runtime/mail/connect-target.ts'
import { foldAddress, makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { networkFault } from '#runtime/mail/network-faults.ts'
import { openSocket } from '#runtime/mail/open-line.ts'
import { authority, selfSigned, type KeyPair } from '../servers/certificates.ts'
import { accountAt, atEnd, letter, policy, senderTo, server, to } from './smtp-world.ts'

const ca = authority()
const open = makeHostPolicy({ loopbackBound: true, allowed: [] })
const strict = makeHostPolicy({ loopbackBound: false, allowed: [] })

test('[SE30] link-local and cloud metadata addresses are never reached, in whatever spelling', () => {
  const never = [
    '169.254.169.254', '169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', '0.0.0.0', '::', '224.0.0.1', 'ff02::1', '255.255.255.255', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254',
    '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '0:0:0:0:0:ffff:a9fe:a9fe', '::169.254.169.254', '64:ff9b::169.254.169.254', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1', 'no address', '',
  ]
  for (const address of never) expect([address, open.permits('mail.example', address)]).toEqual([address, false])
})

test('[SE31] loopback and private networks are reached only while the product is bound to loopback, or as an administrator lists them', () => {
  const near = ['127.0.0.1', '127.9.9.9', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '::1', 'fd12::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '2002:7f00:1::']
  for (const address of near) expect([address, open.permits('mail.example', address), strict.permits('mail.example', address)]).toEqual([address, true, false])
  for (const address of ['93.184.216.34', '172.32.0.1', '2606:2800:220:1::1', '64:ff9b::5db8:d822']) expect([address, strict.permits('mail.example', address)]).toEqual([address, true])
  const listed = makeHostPolicy({ loopbackBound: false, allowed: ['Mail.Internal', '10.1.0.0/16', 'fd12::/64', '192.168.1.1'] })
  expect(listed.permits('mail.internal', '192.168.9.9')).toBe(true)
  expect(listed.permits('other.internal', '192.168.9.9')).toBe(false)
  expect(['10.1.7.7', 'fd12::5', '192.168.1.1', '::ffff:10.1.7.7'].map((address) => listed.permits('x', address))).toEqual([true, true, true, true])
  expect(['10.2.0.1', 'fd13::5'].map((address) => listed.permits('x', address))).toEqual([false, false])
  expect(makeHostPolicy({ loopbackBound: false, allowed: ['mail.internal', '169.254.0.0/16'] }).permits('mail.internal', '169.254.169.254')).toBe(false)
})

test('[SE31] an IPv6 form folds to the IPv4 address it carries', () => {
  expect(['::ffff:1.2.3.4', '::ffff:102:304', '64:ff9b::1.2.3.4', '2002:102:304::', '::1.2.3.4', '::1', '::', '2001:db8::1', '1.2.3.4', '1.2.3', '[::1]'].map(foldAddress))
    .toEqual(['1.2.3.4', '1.2.3.4', '1.2.3.4', '1.2.3.4', '1.2.3.4', '::1', '::', '2001:db8::1', '1.2.3.4', null, null])
})

test('[SE32] a name is looked up once, and the address that was checked is the one connected to', async () => {
  let asked = 0
  const lookUp = () => Promise.resolve([['169.254.169.254', '10.0.0.5', '127.0.0.1'], ['127.0.0.1']][asked++] ?? [])
  const account = accountAt(25, { host: 'rebinding.example.' })
  expect(await connectTarget(account, open, lookUp)).toMatchObject({ address: '10.0.0.5', servername: 'rebinding.example' })
  expect(asked).toBe(1)
  await expect(connectTarget(account, strict, lookUp)).rejects.toMatchObject({ code: 'MAIL_HOST_FORBIDDEN' })
  await expect(connectTarget(account, open, lookUp)).rejects.toMatchObject({ code: 'MAIL_HOST_UNKNOWN' })
  expect(await connectTarget(accountAt(25, { host: '[::1]' }), open, () => Promise.reject(new Error('not asked')))).toMatchObject({ address: '::1', servername: '' })
  for (const host of ['2130706433', '0x7f000001', '0177.0.0.1', '127.1']) {
    const outcome = await connectTarget(accountAt(25, { host }), strict, () => Promise.resolve(['127.0.0.1'])).catch((error: unknown) => error)
    expect(outcome).toMatchObject({ code: 'MAIL_HOST_FORBIDDEN' })
  }
})

const leaf = selfSigned(['DNS:mine.example'])
const issued = ca.issue(['DNS:localhost'])
const other = selfSigned(['DNS:localhost'])
test.each<[string, KeyPair, string, string[], string]>([
  ['signed by a pasted authority', issued, ca.cert, [], 'trusted'],
  ['pasted itself, signed by itself, for another name', leaf, leaf.cert, [], 'trusted'],
  ['pasted itself, signed by an authority that is not at hand', issued, issued.cert, [], 'trusted'],
  ['one of several pasted', leaf, `my two:\n${ca.cert}\n${leaf.cert}`, [], 'trusted'],
  ['signed by itself and not pasted', leaf, '', [], 'MAIL_CERTIFICATE_UNTRUSTED'],
  ['another one than the pasted', other, leaf.cert, [], 'MAIL_CERTIFICATE_UNTRUSTED'],
  ['signed by an authority that is not pasted', issued, '', [], 'MAIL_CERTIFICATE_UNTRUSTED'],
  ['for a name that is not the host', ca.issue(['DNS:mail.example']), ca.cert, [], 'MAIL_CERTIFICATE_NAME'],
  ['for a name that is trusted besides the host', ca.issue(['DNS:mail.example']), ca.cert, ['other.example', 'mail.example'], 'trusted'],
  ['for a name that only looks like a trusted one', ca.issue(['DNS:mail.example.net']), ca.cert, ['mail.example'], 'MAIL_CERTIFICATE_NAME'],
  ['of a trusted name, but of an unknown authority', selfSigned(['DNS:mail.example']), '', ['mail.example'], 'MAIL_CERTIFICATE_UNTRUSTED'],
  ['out of date', ca.issue(['DNS:localhost'], { expired: true }), ca.cert, [], 'MAIL_CERTIFICATE_EXPIRED'],
])('[SE33] a certificate %s', async (_, shown, certificate, trustedServers, outcome) => {
  for (const security of ['tls', 'starttls', 'starttls-if-offered'] as const) {
    const smtp = await server({ tls: shown, implicitTls: security === 'tls', password: 'p' })
    const sent = senderTo(smtp.port, { host: 'localhost', security, certificate, trustedServers, user: 'u', password: 'p' }).deliver(to(), letter())
    if (outcome === 'trusted') expect((await sent).recipients[0]?.state).toBe('sent')
    else {
      await expect(sent).rejects.toMatchObject({ code: outcome })
      expect(smtp.logins).toEqual([])
    }
  }
})

test('[SE33] an authority that this machine trusts is trusted, and only there', async () => {
  const smtp = await server({ tls: issued, implicitTls: true })
  const folder = mkdtempSync(join(tmpdir(), 'mailweave-ca-'))
  atEnd(() => { rmSync(folder, { recursive: true, force: true }); return Promise.resolve() })
  writeFileSync(join(folder, 'machine.pem'), ca.cert)
  writeFileSync(join(folder, 'other.pem'), other.cert)
  const program = `
    const { connectTarget } = await import('#runtime/mail/connect-target.ts')
    const { makeHostPolicy } = await import('#runtime/mail/host-policy.ts')
    const { openSocket } = await import('#runtime/mail/open-line.ts')
    const account = ${JSON.stringify(accountAt(smtp.port, { host: 'localhost', security: 'tls' }))}
    const target = await connectTarget(account, makeHostPolicy({ loopbackBound: true, allowed: [] }))
    await openSocket(account, target, new AbortController().signal).then((socket) => { socket.destroy(); process.stdout.write('trusted') }, (error) => process.stdout.write(error.code))`
  const told = async (file: string): Promise<string> => {
    const env = { PATH: process.env['PATH'], SSL_CERT_FILE: join(folder, file), SSL_CERT_DIR: join(folder, 'none') }
    return (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: process.cwd(), env })).stdout
  }
  expect(await told('machine.pem')).toBe('trusted')
  expect(await told('other.pem')).toBe('MAIL_CERTIFICATE_UNTRUSTED')
})

test('[SE34] TLS older than 1.2 is not spoken', async () => {
  const line = createTlsServer({ ...issued, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' })
  line.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => { line.listen(0, '127.0.0.1', resolve) })
  atEnd(() => new Promise((resolve) => { line.close(() => { resolve() }) }))
  // A listening TCP server's address is always an AddressInfo.
  const account = accountAt((line.address() as AddressInfo).port, { host: 'localhost', security: 'tls', certificate: ca.cert })
  const target = await connectTarget(account, policy)
  expect(target.tls.minVersion).toBe('TLSv1.2')
  await expect(openSocket(account, target, new AbortController().signal)).rejects.toMatchObject({ code: 'MAIL_TLS_FAILED' })
})

test('[SE35] with STARTTLS required, nothing but EHLO is said in clear: not offered, refused, stripped from the list, or EHLO unknown', async () => {
  for (const script of [{}, { starttls: '454 4.7.0 not now' }, { starttls: '502 5.5.1 what?' }, { extensions: ['AUTH PLAIN'] }, { ehlo: '500 5.5.1 what?' }] as const) {
    const smtp = await server({ ...script })
    const outcome = await senderTo(smtp.port, { security: 'starttls', user: 'u', password: 'canary' }).deliver(to(), letter()).catch((error: unknown) => error)
    if (outcome instanceof Fault) expect(outcome.code).toBe('MAIL_STARTTLS_MISSING')
    else expect(outcome).toMatchObject({ recipients: [{ state: 'deferred' }] })
    expect(smtp.commands.filter((line) => !/^(EHLO \S+|STARTTLS)$/.test(line))).toEqual([])
  }
})

test('[SE36] STARTTLS if offered: used when offered, never given up when it then fails, and in clear only where it is not offered', async () => {
  const offered = await server({ tls: issued, password: 'p' })
  const account = { host: 'localhost', security: 'starttls-if-offered', certificate: ca.cert, user: 'u', password: 'p' } as const
  expect((await senderTo(offered.port, account).deliver(to(), letter())).recipients[0]?.state).toBe('sent')
  expect(offered.commands.slice(0, 2)).toEqual([expect.stringContaining('EHLO'), 'STARTTLS'])
  const refused = await server({ extensions: ['STARTTLS', 'AUTH PLAIN'], starttls: '502 5.5.1 no' })
  await expect(senderTo(refused.port, account).deliver(to(), letter())).rejects.toBeInstanceOf(Fault)
  expect(refused.logins).toEqual([])
  const plain = await server({ password: 'p' })
  expect((await senderTo(plain.port, account).deliver(to(), letter())).recipients[0]?.state).toBe('sent')
})

test('[SE37] what is slipped in behind the answer to STARTTLS is not believed', async () => {
  const smtp = await server({ tls: issued, extensions: ['STARTTLS', 'AUTH PLAIN'], starttls: () => ({ say: '220 go\r\n250-evil.example\r\n250 AUTH LOGIN' }), password: 'p' })
  const delivery = await senderTo(smtp.port, { host: 'localhost', security: 'starttls', certificate: ca.cert, user: 'u', password: 'p' }).deliver(to(), letter())
  expect(delivery).toMatchObject({ recipients: [{ state: 'sent' }] })
  expect(smtp.commands.filter((line) => line.startsWith('AUTH'))).toEqual([expect.stringMatching(/^AUTH PLAIN /)])
})

test('[SE38] what sockets and TLS report becomes a fault that names host, port and cause', () => {
  const account = accountAt(587, { host: 'mail.example', kind: 'imap', security: 'tls' })
  const told = (code: string, message = code) => { const { code: named, message: say } = networkFault(Object.assign(new Error(message), { code }), account); return [named, say] }
  expect(told('ENOTFOUND')).toEqual(['MAIL_HOST_UNKNOWN', 'There is no server named mail.example. Check the host name for a typing mistake.'])
  expect(told('ECONNREFUSED')).toEqual(['MAIL_PORT_REFUSED', 'mail.example is there, but nothing listens on port 587. Check the port.'])
  for (const code of ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']) expect(told(code)[0]).toBe('MAIL_UNREACHABLE')
  for (const code of ['ECONNRESET', 'EPIPE']) expect(told(code)[0]).toBe('MAIL_CONNECTION_LOST')
  expect(told('ERR_SSL_WRONG_VERSION_NUMBER')).toEqual(['MAIL_TLS_EXPECTED', 'mail.example:587 does not speak TLS from the start. Choose STARTTLS, or the port for TLS (usually 993).'])
  expect(told('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE')).toEqual(['MAIL_TLS_FAILED', 'The secure connection to mail.example:587 failed: no cipher that both sides know.'])
  expect(told('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established')).toEqual(['MAIL_TLS_FAILED', 'The secure connection to mail.example:587 failed: the server hung up during the handshake.'])
  expect(told('CERT_HAS_EXPIRED')[1]).toBe('The certificate of mail.example expired on an earlier day. The server\'s owner must renew it.')
  expect(networkFault(new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]), account).code).toBe('MAIL_PORT_REFUSED')
  expect(networkFault('strange', account).code).toBe('MAIL_CONNECTION_LOST')
  const named = networkFault(Object.assign(new Error('x'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID', cert: { subjectaltname: 'DNS:a.example, DNS:b.example\u0007, IP Address:1.2.3.4' } }), account)
  expect(named.message).toBe('The certificate shown by mail.example was made for a.example, b.example, 1.2.3.4. Use that name as the host.')
  expect(networkFault(named, account)).toBe(named)
})

test('[SE39] opening a line can be called off at any moment and leaves none behind', async () => {
  const smtp = await server({ tls: issued, implicitTls: false, greeting: 'hang' })
  const account = accountAt(smtp.port, { host: 'localhost', security: 'tls', certificate: ca.cert })
  const abort = new AbortController()
  const opening = openSocket(account, await connectTarget(account, policy), abort.signal)
  await smtp.untilOpen(1)
  abort.abort(new Error('enough'))
  await expect(opening).rejects.toBeInstanceOf(Fault)
  await smtp.untilOpen(0)
  const witness: Socket = connect(smtp.port, '127.0.0.1')
  await smtp.untilOpen(1)
  witness.destroy()
  await smtp.untilOpen(0)
})
