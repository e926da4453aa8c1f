/** The commands that speak to a running server: deploy, stop, connections, runs; and what it says to bad input. */
import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MailboxesView } from '#shared/api.ts'
import type { MailboxStatus } from '#shared/connection.ts'
import type { OAuth } from '#shared/oauth.ts'
import { selfSigned } from '../servers/certificates.ts'
import { oauthServer } from '../servers/oauth-server.ts'
import { closedPort } from '../servers/ports.ts'
import { smtpServer } from '../servers/smtp-server.ts'
import { until } from '../until.ts'
import { forwardFlow, letter, mailWorld, type World } from '../world.ts'
import { callMailweave, type Said } from './program.ts'

let world: World
beforeEach(async () => { world = await mailWorld({ inbox: [letter('Order 1')] }) })
afterEach(async () => { await world.stop() })

const mailweave = (...words: string[]): Promise<Said> => callMailweave(world.folder, words, { MAILWEAVE_URL: world.product.url, MAILWEAVE_TOKEN: world.product.token })
const put = async (name: string, value: unknown): Promise<string> => {
  await writeFile(path.join(world.folder, name), typeof value === 'string' ? value : JSON.stringify(value))
  return name
}
const connection = (id: string, port: number, more: object = {}) => ({ id, name: id, kind: 'smtp', host: '127.0.0.1', port, security: 'none', ...more })

test('[AP40] deploy puts a flow to work, and again unchanged is the same version; stop stops it', async () => {
  await world.settled(1)
  const file = await put('second.json', { ...forwardFlow(), id: 'second' })
  expect(await mailweave('deploy', file)).toEqual({ code: 0, out: 'second: version 1 is running\n', err: '' })
  expect((await mailweave('deploy', file)).out).toBe('second: version 1 is running (nothing had changed)\n')
  await until(() => world.product.runs('flow=second'), (runs) => runs.length === 0)
  world.arrive(letter('Order 2'))
  await world.settled(3)
  expect(await mailweave('stop', 'second')).toEqual({ code: 0, out: 'second: stopped\n', err: '' })
  world.arrive(letter('Order 3'))
  await world.settled(4)
  expect((await world.product.runs('flow=second')).map((run) => run.mail.subject)).toEqual(['Order 2'])
})

test('[AP60] mailboxes lists them, and looks, pauses, resumes and reconnects by name; a pause outlives a restart', async () => {
  await world.settled(1)
  expect((await mailweave('mailboxes')).out).toMatch(/^inbox\/INBOX {2}(idle|polling) {2}last look 2\S+ {2}last mail 2\S+/)
  expect((await mailweave('mailboxes', 'pause', 'inbox')).code).toBe(0)
  await until(async () => (await mailweave('mailboxes')).out, (out) => out.includes('Paused by admin.'))
  expect(await mailweave('mailboxes', 'look', 'inbox', 'INBOX')).toMatchObject({ code: 1, err: expect.stringContaining('Resume it first') as string })
  await world.restart('SIGTERM')
  world.arrive(letter('Order 2'))
  expect(JSON.parse((await mailweave('mailboxes', '--json')).out)).toMatchObject([{ health: 'paused', paused: { by: 'admin' }, days: [0, 0, 0, 0, 0, 0, 1] }])
  expect((await mailweave('mailboxes', 'resume', 'inbox')).code).toBe(0)
  await world.settled(2)
  expect((await mailweave('mailboxes', 'reconnect', 'inbox')).code).toBe(0)
  expect(await mailweave('mailboxes', 'pause', 'nobody')).toMatchObject({ code: 1, err: 'No mailbox INBOX of nobody is being watched.\n' })
  expect((await mailweave('mailboxes', 'stroke', 'inbox')).code).toBe(1)
})

test('[AP55] connections detect prints the servers of an address and where they were found, as JSON too; no address, no servers', async () => {
  const found = await mailweave('connections', 'detect', 'ann@icloud.com')
  expect(found).toMatchObject({ code: 0, err: '' })
  expect(found.out.split('\n')).toEqual([
    'imap  imap.mail.me.com:993  tls  ann@icloud.com  sure, in the list of known providers',
    'smtp  smtp.mail.me.com:587  starttls  ann@icloud.com  sure, in the list of known providers',
    expect.stringMatching(/^iCloud Mail: Make an app-specific password/), '',
  ])
  expect(JSON.parse((await mailweave('connections', 'detect', 'ann@icloud.com', '--json')).out)).toMatchObject({ provider: { id: 'icloud' }, missed: [] })
  const none = await mailweave('connections', 'detect', 'ann@tuta.com')
  expect(none).toMatchObject({ code: 1, out: expect.stringContaining('no IMAP, POP3 or SMTP') as string })
  expect(await mailweave('connections', 'detect', 'ann')).toEqual({ code: 1, out: '', err: 'Type a whole mail address, such as support@example.org.\n' })
})

test('[AP42] deploy refuses what check would, and a connection that does not exist, with the step', async () => {
  const broken = await put('broken.json', '{')
  expect(await mailweave('deploy', broken)).toMatchObject({ code: 1, out: '', err: expect.stringContaining('broken.json') as string })
  const flow = forwardFlow({}, { connection: 'no-such-outbox' })
  const file = await put('unknown.json', { ...flow, id: 'unknown' })
  const refused = await mailweave('deploy', file)
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toContain('no-such-outbox')
  expect((await world.product.api<{ flows: readonly { id: string; running: unknown }[] }>('GET', '/api/flows')).flows.find((one) => one.id === 'unknown')?.running ?? null).toBeNull()
})

test('[SE108] the command line shows the certificate and its fingerprint too', async () => {
  const own = selfSigned(['DNS:mail.acme.example'])
  const server = await smtpServer({ tls: own, implicitTls: true })
  try {
    await mailweave('connections', 'put', await put('own.json', connection('own', server.port, { security: 'tls' })))
    const refused = await mailweave('connections', 'test', 'own')
    expect(refused.code).toBe(1)
    expect(refused.out).toMatch(/^certificate {8}of mail\.acme\.example, by mail\.acme\.example, for mail\.acme\.example, 20\d\d-/m)
    const { fingerprint256 } = new X509Certificate(own.cert)
    expect(refused.out).toContain(`sha256             ${fingerprint256}\n`)
    await mailweave('connections', 'put', await put('pinned.json', connection('own', server.port, { security: 'tls', pinned: fingerprint256 })))
    expect((await mailweave('connections', 'test', 'own')).code).toBe(0)
  } finally {
    await server.stop()
  }
})

test('[AP40] connections are put, listed and tested; no password is ever printed', async () => {
  const server = await smtpServer({ password: 'canary-right' })
  try {
    const good = await put('good.json', connection('mine', server.port, { user: 'desk', password: 'canary-right' }))
    expect(await mailweave('connections', 'put', good)).toEqual({ code: 0, out: 'mine: saved\n', err: '' })
    const tested = await mailweave('connections', 'test', 'mine')
    expect(tested.code).toBe(0)
    const bad = await put('bad.json', connection('mine', server.port, { user: 'desk', password: 'canary-wrong' }))
    await mailweave('connections', 'put', bad)
    const failed = await mailweave('connections', 'test', 'mine')
    expect(failed.code).toBe(1)
    expect(failed.out).toMatch(/^failed {3}login {5}The server refused this user name or password.*\n {19}-> Type user and password again\./m)
    const listed = await mailweave('connections', 'list')
    expect(listed.out).toContain(`mine  smtp  127.0.0.1:${server.port}  none  desk\n`)
    const asJson = await mailweave('connections', 'list', '--json')
    expect((JSON.parse(asJson.out) as { id: string; hasPassword: boolean }[]).find((one) => one.id === 'mine')).toMatchObject({ hasPassword: true })
    for (const said of [tested, failed, listed, asJson]) expect(said.out + said.err).not.toContain('canary')
    const nonsense = await put('nonsense.json', { ...connection('mine', 0), kind: 'pigeon' })
    expect(await mailweave('connections', 'put', nonsense)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/kind[\s\S]*port|port[\s\S]*kind/) as string })
    expect(await mailweave('connections', 'test', 'nobody')).toMatchObject({ code: 1, err: 'There is no connection named nobody.\n' })
  } finally {
    await server.stop()
  }
})

test('[AP40] runs lists what became of each mail, for people and for programs', async () => {
  const [run] = await world.settled(1)
  const shown = await mailweave('runs')
  expect(shown.out).toMatch(/ done +forward v1 .*ana@client\.example.* Order 1\n$/)
  const asJson = await mailweave('runs', '--flow', 'forward', '--state', 'done', '--json')
  expect(asJson.out.trim().split('\n').map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([run?.id])
  expect((await mailweave('runs', '--state', 'failed')).out).toBe('No runs yet.\n')
  expect(await mailweave('runs', '--state', 'lost')).toMatchObject({ code: 1, out: '' })
})

test('[AP40] a wrong token is refused in words', async () => {
  const said = await callMailweave(world.folder, ['runs'], { MAILWEAVE_URL: world.product.url, MAILWEAVE_TOKEN: 'not-the-token-at-all' })
  expect(said).toMatchObject({ code: 1, out: '', err: expect.stringContaining('Sign in') as string })
})

test('[RN21] a mailbox says what is wrong with its name, port, certificate, password and folder, and reads on when it is mended', async () => {
  await world.settled(1)
  const { password } = world.imap.account()
  const right = { id: 'inbox', name: 'Inbox', kind: 'imap', host: '127.0.0.1', port: world.imap.port, security: 'none', user: 'u0', password }
  const mailbox = () => world.product.api<MailboxesView>('GET', '/api/mailboxes').then((view) => view.mailboxes[0])
  const says = (words: RegExp): Promise<MailboxStatus | undefined> => until(mailbox, (one) => one !== undefined && words.test(one.say))
  const give = (more: object) => world.product.api('PUT', '/api/connections/inbox', { ...right, ...more })

  await give({ host: 'no-such-server.invalid' })
  expect(await says(/no-such-server\.invalid/)).toMatchObject({ health: 'backing-off' })
  const port = await closedPort()
  await give({ port })
  expect((await says(new RegExp(`nothing listens on port ${port}`)))?.health).toBe('backing-off')
  const certified = await smtpServer({ tls: selfSigned(['IP:127.0.0.1']), implicitTls: true })
  try {
    await give({ port: certified.port, security: 'tls' })
    expect((await says(/certificate of 127\.0\.0\.1 is not signed by an authority/))?.health).toBe('needs-attention')
  } finally {
    await certified.stop()
  }
  await give({ password: 'canary-wrong' })
  expect((await says(/refused this user name or password/))?.say).not.toContain('canary')
  await give({})
  await world.product.deploy(forwardFlow({ folder: 'Nowhere' }))
  expect((await says(/no folder named Nowhere/))?.health).toBe('needs-attention')
  await world.product.deploy(forwardFlow())
  world.arrive(letter('Order 2'))
  const runs = await world.settled(2)
  expect(runs.map((run) => run.state)).toEqual(['done', 'done'])
  expect(world.subjects()).toEqual(['Fwd: Order 1', 'Fwd: Order 2'])
})

test('[SE89] connections login says where to sign in, waits until it is done there, and fails in the provider\'s words', async () => {
  const oauth = await oauthServer({ backTo: [`${world.product.url.replace('127.0.0.1', 'localhost')}/api/oauth/callback`] })
  try {
    const app = (id: string, grant: OAuth['grant'], more: object = {}) => ({ ...connection(id, 143, { kind: 'imap', user: 'u0' }), login: 'oauth2', oauth: oauth.oauth(grant), clientSecret: oauth.clientSecret, ...more })
    for (const [id, value] of [['app', app('app', 'client-credentials')], ['wrong', app('wrong', 'client-credentials', { clientSecret: 'wrong' })], ['browser', app('browser', 'authorization-code')], ['device', app('device', 'device-code')]] as const) {
      expect((await mailweave('connections', 'put', await put(`${id}.json`, value))).code).toBe(0)
    }
    expect(await mailweave('connections', 'login', 'app')).toEqual({ code: 0, out: 'app: signed in\n', err: '' })
    expect(await mailweave('connections', 'login', 'wrong')).toMatchObject({ code: 1, err: expect.stringContaining('invalid_client') as string })
    expect((await mailweave('connections', 'login', 'nobody')).code).toBe(1)

    let heard = ''
    const browser = callMailweave(world.folder, ['connections', 'login', 'browser'], { MAILWEAVE_URL: world.product.url, MAILWEAVE_TOKEN: world.product.token }, (text) => { heard += text })
    const back = await oauth.signIn(await until(() => /http\S+/.exec(heard)?.[0] ?? ''))
    expect((await fetch(back.href.replace('localhost', '127.0.0.1'))).status).toBe(200)
    expect(await browser).toMatchObject({ code: 0, out: expect.stringContaining('browser: signed in') as string })

    heard = ''
    const device = callMailweave(world.folder, ['connections', 'login', 'device'], { MAILWEAVE_URL: world.product.url, MAILWEAVE_TOKEN: world.product.token }, (text) => { heard += text })
    const [, page = '', code = ''] = await until(() => /^Open (\S+) and type the code (\S+)$/m.exec(heard) ?? [], (found) => found.length > 0)
    await oauth.typeCode(page, code, 'u0')
    expect(await device).toMatchObject({ code: 0, out: expect.stringContaining('device: signed in') as string })
  } finally {
    await oauth.stop()
  }
})

test('[AP70] people are added with a token and a link, listed, changed and removed; each needs its words', async () => {
  expect((await mailweave('people')).out).toBe('Nobody but the administrator.\n')
  const added = await mailweave('people', 'add', 'Anna Meyer', '--may', 'edit, deploy')
  const [, token = ''] = /this once: {2}(\S+)\n/.exec(added.out) ?? []
  expect(added).toEqual({ code: 0, err: '', out: `Anna Meyer  may view, edit, deploy\nThe token, shown this once:  ${token}\nTo sign in with it, open:     ${world.product.url}/sign-in#${token}\n` })
  const asAnna = (...words: string[]) => callMailweave(world.folder, words, { MAILWEAVE_URL: world.product.url, MAILWEAVE_TOKEN: token })
  expect((await asAnna('stop', 'nothing')).err).toContain('There is no flow named nothing')
  expect((await asAnna('people')).err).toContain('look after people')
  expect((await mailweave('people', 'change', 'Anna Meyer', '--may', 'view')).out).toBe('Anna Meyer  may view\n')
  expect((await asAnna('stop', 'nothing')).err).toContain('may not deploy')
  expect((await mailweave('people', 'list')).out).toBe('Anna Meyer  may view\n')
  expect((await mailweave('people', 'remove', 'Anna Meyer')).out).toBe('Anna Meyer: removed, signed out everywhere\n')
  expect((await asAnna('runs')).err).toContain('Sign in first')
  expect(await mailweave('people', 'add', 'Bob')).toMatchObject({ code: 1, err: expect.stringContaining('--may view,edit,deploy,secrets') as string })
  expect(await mailweave('people', 'add', 'Bob', '--may', 'everything')).toMatchObject({ code: 1, out: '' })
})
