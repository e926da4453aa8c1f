/** The table of providers: every entry is whole, no two claim the same domain, and addresses and mail exchangers find theirs. */
import { expect, test } from 'vitest'
import { connectionKinds } from '#shared/connection.ts'
import { providers } from '#shared/provider-table.ts'
import { mailDomain, providerById, providerOf, providerOfExchanger, serverOf, userOf } from '#shared/providers.ts'

test('[ED90] at least 25 providers are known, each with servers that can be used and, where a password is not enough, a sentence on what to do', () => {
  expect(providers.length).toBeGreaterThanOrEqual(25)
  for (const provider of providers) {
    const servers = connectionKinds.map((kind) => serverOf(provider, kind)).filter((server) => server !== null)
    for (const server of servers) {
      expect(server.host, provider.id).toMatch(/^(?:[a-z0-9-]+\.)+[a-z0-9]+$/)
      // A preset never suggests what could be stripped or read on the way.
      expect(['tls', 'starttls'], provider.id).toContain(server.security)
    }
    expect(servers.length === 0, provider.id).toBe(provider.logins.length === 0)
    if (provider.logins[0] !== 'password') expect(provider.hint, provider.id).not.toBe('')
    expect(provider.hint === '' || /^[A-Z][^\n]{20,220}\.$/.test(provider.hint), provider.hint).toBe(true)
    expect(provider.domains.length + provider.mx.length, provider.id).toBeGreaterThan(0)
  }
  for (const claims of [providers.map((one) => one.id), providers.flatMap((one) => one.domains), providers.flatMap((one) => one.mx)]) {
    expect(claims.filter((claim, at) => claims.indexOf(claim) !== at)).toEqual([])
  }
})

test.each([
  ['Ann@GMail.com', 'gmail'], ['a@hotmail.co.uk', 'outlook'], ['a@acme.onmicrosoft.com', 'microsoft-365'], ['a@me.com', 'icloud'], ['a@yahoo.de', 'yahoo'], ['a@aol.com', 'aol'], ['a@gmx.at', 'gmx'], ['a@web.de', 'web-de'],
  ['a@t-online.de', 't-online'], ['a@fastmail.com', 'fastmail'], ['a@zoho.eu', 'zoho-eu'], ['a@proton.me', 'proton'], ['a@mailbox.org', 'mailbox-org'], ['a@posteo.de', 'posteo'], ['a@yandex.ru', 'yandex'], ['a@bk.ru', 'mail-ru'],
  ['a@orange.fr', 'orange-fr'], ['a@free.fr', 'free-fr'], ['a@laposte.net', 'laposte'], ['a@libero.it', 'libero'], ['a@tutanota.com', 'tuta'], ['a@bluewin.ch', 'bluewin'], ['a@comcast.net', 'comcast'], ['a@att.net', 'att'], ['a@qq.com', 'qq'], ['a@163.com', 'netease-163.com'],
])('[ED90] %s is recognised', (address, id) => {
  expect(providerOf(address)?.id).toBe(id)
})

test('[ED90] half an address, a subdomain or a look-alike is no provider\'s', () => {
  for (const address of ['', 'gmail.com', 'a@gmail', 'a@mail.gmail.com', 'a@gmail.com.evil.example', 'a@notgmail.com', 'a@b@gmail.com', 'a@constructor']) expect(providerOf(address), address).toBeNull()
  expect(mailDomain('jörg@bücher.example')).toBe('xn--bcher-kva.example')
  expect(mailDomain('a@127.0.0.1')).toBe('')
})

test('[ED90] a company\'s own domain belongs to whoever takes its mail in; the longest name wins and endings alone do not count', () => {
  expect(providerOfExchanger('ASPMX.L.GOOGLE.com.')?.id).toBe('gmail')
  expect(providerOfExchanger('acme-com.mail.protection.outlook.com')?.id).toBe('microsoft-365')
  expect(providerOfExchanger('outlook-com.olc.protection.outlook.com')?.id).toBe('outlook')
  expect(providerOfExchanger('mx.zoho.eu')?.id).toBe('zoho-pro-eu')
  expect(providerOfExchanger('mx00.kundenserver.de')?.id).toBe('ionos-de')
  for (const host of ['notgoogle.com', 'google.com.evil.example', 'com', '']) expect(providerOfExchanger(host), host).toBeNull()
})

test('[ED90] what a provider does not offer is known, and so is what stands in its user field', () => {
  const proton = providerById('proton')
  const tuta = providerById('tuta')
  const free = providerById('free-fr')
  if (!proton || !tuta || !free) throw new Error('the table lacks a provider')
  expect(serverOf(proton, 'imap')).toEqual({ host: '127.0.0.1', port: 1143, security: 'starttls' })
  expect(serverOf(proton, 'pop3')).toBeNull()
  expect([tuta.imap, tuta.pop3, tuta.smtp]).toEqual([null, null, null])
  expect(userOf(free, 'jean.petit@free.fr')).toBe('jean.petit')
})
