/** The machine's own resolver against a real name server: what is there, what is not, what failed, and what never answers. */
import { expect, test } from 'vitest'
import { fromRecords } from '#runtime/connections/autodetect-dns.ts'
import { systemResolver } from '#runtime/connections/dns.ts'
import { dnsServer } from './dns-server.ts'

const never = new AbortController().signal

test('[AP51] records come over the wire as they stand, and a root target is understood', async () => {
  const server = await dnsServer((name) => (name.startsWith('_imaps.') ? [['mail.acme.example', 993]] : name.startsWith('_pop3') ? [['.', 0]] : name.startsWith('_sub') ? 'no record' : 'no such name'))
  const found = await fromRecords('ann@acme.example', 'acme.example', systemResolver(never, [server]))
  expect(found.servers).toMatchObject([{ kind: 'imap', host: 'mail.acme.example', port: 993, security: 'tls' }])
  expect(found.notOffered).toEqual(['pop3'])
})

test('[AP86] a text record of several strings is one text, whatever its letters', async () => {
  const server = await dnsServer((name) => (name === 'acme.example' ? { texts: [['v=spf1 include:mail.', 'hoster.example ~all'], ['größe']] } : 'no record'))
  const resolver = systemResolver(never, [server])
  expect(await resolver.txt('acme.example')).toEqual(['v=spf1 include:mail.hoster.example ~all', Buffer.from('größe').toString('latin1')])
  expect([await resolver.txt('b.example'), await resolver.hosts('b.example')]).toEqual([[], []])
})

test('[SE142] no such name is an empty answer, a failing name server is told as one, and calling off ends a silent one', async () => {
  const resolver = systemResolver(never, [await dnsServer(() => 'no such name')])
  expect([await resolver.srv('_imaps._tcp.acme.example'), await resolver.mx('acme.example')]).toEqual([[], []])
  const failing = systemResolver(never, [await dnsServer(() => 'failure')])
  await expect(failing.srv('_imaps._tcp.acme.example')).rejects.toMatchObject({ code: 'ESERVFAIL' })
  expect((await fromRecords('ann@acme.example', 'acme.example', failing)).say).toContain('gives no answer')
  const asked = Promise.withResolvers<void>()
  const abort = new AbortController()
  const silent = systemResolver(abort.signal, [await dnsServer(() => { asked.resolve(); return 'silence' })])
  const answer = expect(silent.srv('_imaps._tcp.acme.example')).rejects.toMatchObject({ code: 'ECANCELLED' })
  await asked.promise
  abort.abort()
  await answer
})
