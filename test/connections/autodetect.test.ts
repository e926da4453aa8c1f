/** Finding the servers of an address: each source in its turn, told where it was found; liars, slow servers and hostile files get nowhere. */
import { expect, test } from 'vitest'
import { autodetect } from '#runtime/limits.ts'
import { detectSettings } from '#runtime/connections/autodetect.ts'
import { readSettingsFile } from '#runtime/connections/autodetect-file.ts'
import { until } from '../until.ts'
import { domain, here, settingsFile, usualFile, type Domain, type Told } from './domain.ts'

const detect = async (told: Told, address = 'ann.lee@acme.example') => {
  const place = await domain(told)
  return { ...place, found: await detectSettings(address, place.deps) }
}
const inShort = (found: Awaited<ReturnType<typeof detectSettings>>): readonly string[] => found.servers.map((one) => `${one.kind} ${one.host}:${one.port} ${one.security} as ${one.user}, ${one.sure} by ${one.by}`)
const serve = (text: string, path = '/mail/config-v1.1.xml'): NonNullable<Told['https']> => (request, response) => {
  if (request.url?.split('?')[0] === path) response.end(text)
  else response.writeHead(404).end()
}

test('[AP50] a known provider\'s address is answered from the table: nobody is asked anything', async () => {
  const { found, lookedUp } = await detect({}, ' jean.petit@free.fr ')
  expect(inShort(found)).toEqual(['imap imap.free.fr:993 tls as jean.petit, sure by provider', 'pop3 pop.free.fr:995 tls as jean.petit, sure by provider', 'smtp smtp.free.fr:465 tls as jean.petit, sure by provider'])
  expect(found.provider).toMatchObject({ id: 'free-fr', name: 'Free' })
  expect(lookedUp).toEqual([])
})

test('[AP51] the domain\'s own records come first: TLS before STARTTLS, then priority, then weight; no settings file is asked for', async () => {
  const { found, asked } = await detect({
    srv: {
      _imap: [['mail.acme.example', 143]], _imaps: [['second.acme.example', 993, 20], ['light.acme.example', 993, 10, 1], ['heavy.acme.example.', 1993, 10, 9]],
      _submission: [['mail.acme.example', 587]],
    },
    hosts: { 'mail.acme.example': here, 'heavy.acme.example': here, 'light.acme.example': here }, https: serve(usualFile),
  })
  expect(inShort(found)).toEqual(['imap heavy.acme.example:1993 tls as ann.lee@acme.example, likely by dns', 'smtp mail.acme.example:587 starttls as ann.lee@acme.example, likely by dns'])
  expect(asked).toEqual([])
})

test('[AP51] a record with the root as its target says that the service is not offered, and nobody looks further for it', async () => {
  const { found, lookedUp } = await detect({
    srv: { _imaps: [['.', 0]], _imap: [['', 0]], _pop3s: [['.', 0]], _pop3: [['mail.acme.example', 110]], _submissions: [['mail.acme.example', 465]] },
    hosts: { 'mail.acme.example': here, 'imap.acme.example': here }, tls: [993],
  })
  expect(found.notOffered).toEqual(['imap'])
  expect(found.servers.map((one) => `${one.kind} ${one.security}`)).toEqual(['pop3 starttls', 'smtp tls'])
  expect(lookedUp).not.toContain('imap.acme.example')
})

test('[AP52] the settings file is read by https, its placeholders filled in; servers without encryption are passed over', async () => {
  const { found, asked } = await detect({ hosts: { 'autoconfig.acme.example': here, 'acme.example': here, 'mail.acme.example': here, 'smtp.acme.example': here }, https: serve(usualFile), http: serve('') })
  expect(inShort(found)).toEqual(['imap mail.acme.example:993 tls as ann.lee, likely by autoconfig', 'smtp smtp.acme.example:587 starttls as ann.lee@acme.example, likely by autoconfig'])
  expect(found.servers.map((one) => one.logins)).toEqual([['oauth2', 'password'], ['password']])
  expect(found.servers[0]?.say).toBe('by the settings file of acme.example')
  expect([...asked].sort()).toEqual(['https acme.example/.well-known/autoconfig/mail/config-v1.1.xml', 'https autoconfig.acme.example/mail/config-v1.1.xml?emailaddress=ann.lee%40acme.example'])
})

test('[AP52] the well-known place does as well, and a way there by https to another host is followed', async () => {
  const { found, asked } = await detect({
    hosts: { 'acme.example': here, 'files.hoster.example': here, 'mail.acme.example': here, 'smtp.acme.example': here },
    https: (request, response) => {
      if (request.headers.host === 'files.hoster.example') response.end(usualFile)
      else response.writeHead(302, { location: 'https://files.hoster.example/acme.xml' }).end()
    },
  })
  expect(found.servers.map((one) => one.by)).toEqual(['autoconfig', 'autoconfig'])
  expect(asked.at(-1)).toBe('https files.hoster.example/acme.xml')
})

test('[AP53] a domain whose mail a known provider takes in has that provider\'s servers and its hint', async () => {
  const { found } = await detect({ mx: ['aspmx.l.google.com', 'alt1.aspmx.l.google.com'] })
  expect(inShort(found)).toEqual(['imap imap.gmail.com:993 tls as ann.lee@acme.example, likely by exchanger', 'pop3 pop.gmail.com:995 tls as ann.lee@acme.example, likely by exchanger', 'smtp smtp.gmail.com:465 tls as ann.lee@acme.example, likely by exchanger'])
  expect(found.provider).toMatchObject({ id: 'gmail', logins: ['oauth2', 'app-password'] })
})

test('[AP53] records that name a known provider\'s servers bring its hint along', async () => {
  const { found } = await detect({ srv: { _imaps: [['imap.fastmail.com', 993]], _submissions: [['smtp.fastmail.com', 465]] }, hosts: { 'imap.fastmail.com': here, 'smtp.fastmail.com': here } })
  expect(found.servers.map((one) => `${one.sure} ${one.logins.join()}`)).toEqual(['likely app-password', 'likely app-password'])
  expect(found.provider).toMatchObject({ id: 'fastmail' })
})

test('[AP54] last come the usual names that speak TLS; one whose certificate is for another name is a guess and says so', async () => {
  const { found } = await detect({ hosts: { 'imap.acme.example': here, 'pop3.acme.example': here, 'mail.acme.example': here }, tls: [993, 995, 465], mx: ['mx.acme.example'] })
  expect(inShort(found)).toEqual(['imap imap.acme.example:993 tls as ann.lee@acme.example, likely by usual-names', 'pop3 mail.acme.example:995 tls as ann.lee@acme.example, likely by usual-names', 'smtp mail.acme.example:465 tls as ann.lee@acme.example, likely by usual-names'])
  const { found: other } = await detect({ hosts: { 'pop3.acme.example': here }, tls: [995] })
  expect(other.servers).toMatchObject([{ kind: 'pop3', host: 'pop3.acme.example', sure: 'guess', say: expect.stringContaining('made for acme.example') as string }])
})

test('[AP54] where nothing is found, each place that was looked at says so', async () => {
  const { found, logged } = await detect({})
  expect(found).toMatchObject({ provider: null, servers: [], notOffered: [] })
  expect(found.missed.map(({ by }) => by)).toEqual(['dns', 'autoconfig', 'exchanger', 'usual-names'])
  expect(logged.join('')).toContain('acme.example')
  expect(logged.join('')).not.toContain('ann.lee')
  const { found: broken } = await detect({ nameServer: 'broken' })
  expect(broken.missed[0]?.say).toContain('the name server (DNS) gives no answer')
})

test('[AP50] half an address is refused in words and nobody is asked', async () => {
  for (const half of ['', 'ann', 'ann@', 'ann@acme', 'ann@127.0.0.1', 'ann@acme.example, bob@acme.example', 'ann@acme.example\r\nx']) {
    const place = await domain({})
    await expect(detectSettings(half, place.deps)).rejects.toMatchObject({ code: 'API_BAD_REQUEST', where: 'address' })
    expect(place.lookedUp).toEqual([])
  }
})

test('[SE140] records that lead to link-local or metadata addresses are never offered, and the next best is', async () => {
  const { found, lines } = await detect({
    srv: { _imaps: [['metadata.acme.example', 993, 0], ['mail.acme.example', 993, 10]], _submissions: [['metadata.acme.example', 465]], _submission: [['169.254.169.254', 587]] },
    hosts: { 'metadata.acme.example': '169.254.169.254', 'mail.acme.example': here },
  })
  expect(found.servers.map((one) => one.host)).toEqual(['mail.acme.example'])
  expect(found.missed).toContainEqual({ by: 'dns', say: expect.stringContaining('Connections to metadata.acme.example are not allowed here') as string })
  expect(lines()).toBe(0)
})

test('[SE140] names and ports that no mail server can have are left out', async () => {
  const { found, lookedUp } = await detect({ srv: { _imaps: [['mail.acme.example\r\nEVIL', 993], ['[::1]', 993], ['localhost', 993], ['mail.acme.example', 0], ['mail.acme.example', 70_000], ['a'.repeat(300), 993]] }, hosts: { 'mail.acme.example': here, localhost: here } })
  expect(found.servers).toEqual([])
  expect(lookedUp).not.toContain('localhost')
})

test('[SE140] neither the settings file nor a detour to it reaches a host that is not allowed, another port, or plain http', async () => {
  const ways = ['http://acme.example/plain.xml', 'https://acme.example:8443/port.xml', 'https://user:pw@acme.example/', 'https://metadata.acme.example/x.xml', 'file:///etc/passwd', 'https://[::1', '']
  for (const location of ways) {
    const { found, asked } = await detect({
      hosts: { 'autoconfig.acme.example': here, 'metadata.acme.example': '169.254.169.254' },
      https: (_, response) => { response.writeHead(302, { location }).end() }, http: (_, response) => { response.writeHead(301, { location }).end() },
    })
    expect(found.servers, location).toEqual([])
    expect(asked, location).toEqual(['https autoconfig.acme.example/mail/config-v1.1.xml?emailaddress=ann.lee%40acme.example', 'http autoconfig.acme.example/mail/config-v1.1.xml'])
  }
  const { found } = await detect({ hosts: { 'autoconfig.acme.example': '169.254.169.254', 'acme.example': '169.254.169.254' }, https: serve(usualFile), http: serve(usualFile) })
  expect(found.servers).toEqual([])
})

test('[SE140] a detour without end is given up', async () => {
  const { asked } = await detect({ hosts: { 'autoconfig.acme.example': here }, https: (_, response) => { response.writeHead(307, { location: '/again' }).end() } })
  expect(asked.filter((one) => one.startsWith('https'))).toHaveLength(autodetect.redirects + 1)
})

test('[SE141] a settings file with a document type, entities, endless depth or a million parts is refused, and no entity of its own is filled in', () => {
  const bombs: Readonly<Record<string, string>> = {
    entities: `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "${'ha'.repeat(50)}"><!ENTITY b "&a;&a;&a;&a;">]><clientConfig><emailProvider>&b;</emailProvider></clientConfig>`,
    outside: '<!DOCTYPE x SYSTEM "http://127.0.0.1/steal"><clientConfig/>',
    undeclared: settingsFile('<incomingServer type="imap"><hostname>&host;</hostname></incomingServer>'),
    deep: '<a>'.repeat(5000) + '</a>'.repeat(5000),
    many: `<clientConfig>${'<a/>'.repeat(5000)}</clientConfig>`,
    large: settingsFile(' '.repeat(10_000_000)),
    broken: '<clientConfig><emailProvider></clientConfig>',
    html: '<!doctype html><html><body>Not found</body></html>',
  }
  for (const [name, text] of Object.entries(bombs)) expect(() => readSettingsFile(text, 'ann@acme.example'), name).toThrow(/^it /)
})

test('[SE141] servers outside their place, with half their facts or with a name that is none are passed over', () => {
  const server = (change: Readonly<Record<string, string>>): string =>
    `<incomingServer type="imap">${Object.entries({ hostname: 'mail.acme.example', port: '993', socketType: 'SSL', username: '%EMAILADDRESS%', ...change }).map(([name, value]) => `<${name}>${value}</${name}>`).join('')}</incomingServer>`
  const wrong = [{ hostname: '' }, { hostname: '169.254.169.254' }, { hostname: 'mail.acme.example&#10;x' }, { port: '0' }, { port: '993; rm' }, { port: '' }, { socketType: 'plain' }, { socketType: 'constructor' }]
  expect(readSettingsFile(settingsFile(wrong.map(server).join('')), 'ann@acme.example')).toEqual([])
  expect(readSettingsFile(`<clientConfig><webMail>${server({})}</webMail></clientConfig>`, 'ann@acme.example')).toEqual([])
  expect(readSettingsFile(settingsFile(server({ username: 'x&#13;&#10;A1 LOGOUT' }) + server({ username: '%REALNAME%' })), 'ann@acme.example').map((one) => one.user)).toEqual(['ann@acme.example', 'ann@acme.example'])
})

test('[SE141] of an endless file only the bound is read, and the line is cut', async () => {
  const { found, lines } = await detect({
    hosts: { 'autoconfig.acme.example': here },
    https: (_, response) => {
      const more = (): void => { while (!response.destroyed && response.write('x'.repeat(64 * 1024))); }
      response.on('drain', more)
      more()
    },
  })
  expect(found.servers).toEqual([])
  await until(() => lines() === 0)
})

/** Lets time pass whenever the search waits for its next deadline. */
async function passDeadlines({ clock, deps }: Domain, deadlines: readonly number[]): Promise<Awaited<ReturnType<typeof detectSettings>>> {
  const search = detectSettings('ann.lee@acme.example', deps)
  for (const ms of deadlines) {
    await clock.untilWaits(ms)
    clock.pass(ms)
  }
  return search
}

test('[SE142] servers that take a call and say nothing, or begin and never end, are left after their time, and the search goes on', async () => {
  const place = await domain({ hosts: { 'autoconfig.acme.example': here, 'acme.example': here }, https: () => {}, http: (_, response) => { response.write('<?xml version="1.0"?>') }, mx: ['mx.zoho.eu'] })
  const search = detectSettings('ann.lee@acme.example', place.deps)
  await until(() => place.asked.length === 2)
  place.clock.pass(autodetect.webMs)
  await until(() => place.asked.length === 4)
  place.clock.pass(autodetect.webMs)
  expect((await search).provider?.id).toBe('zoho-pro-eu')
  await until(() => place.lines() === 0)
})

test('[SE142] a name server that never answers ends the search at its bound, with nothing left waiting', async () => {
  const place = await domain({ nameServer: 'silent' })
  const found = await passDeadlines(place, [autodetect.ms])
  expect(found.servers).toEqual([])
  expect(found.missed.at(-1)?.say).toContain(`within ${autodetect.ms / 1000} seconds`)
  expect(place.clock.waiting()).toBe(0)
})

test('[SE143] what came over an unencrypted line, or leads to a stranger, is a guess; the address is not said in clear', async () => {
  const { found, asked } = await detect({ hosts: { 'autoconfig.acme.example': here, 'mail.acme.example': here, 'smtp.acme.example': here }, http: serve(usualFile) })
  expect(found.servers.map((one) => one.sure)).toEqual(['guess', 'guess'])
  expect(found.servers[0]?.say).toContain('unencrypted line')
  expect(asked.join()).not.toContain('ann')
  const { found: strange } = await detect({ srv: { _imaps: [['mail.evil.example', 993]], _submissions: [['smtp.evil.example', 465]] }, hosts: { 'mail.evil.example': here, 'smtp.evil.example': here } })
  expect(strange.servers.map((one) => `${one.sure}: ${one.say}`)).toEqual(Array(2).fill('guess: by the records of acme.example, at a server of another domain'))
})
