/** Canaries: secrets are put in everywhere, the product works, fails, is killed and starts again; then everything it left is searched. */
import { execFileSync } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { get } from 'node:http'
import path from 'node:path'
import { expect, test } from 'vitest'
import { routes } from '#shared/api.ts'
import { connectionInputSchema } from '#shared/connection.ts'
import { forwardFlow, letter } from '../world.ts'
import { dropFolder, makeFolder, type Product, startProduct } from '../product.ts'
import { imapServer } from '../servers/imap-server.ts'
import { smtpServer } from '../servers/smtp-server.ts'
import { until } from '../until.ts'

const canary = (name: string): string => `canary-${name}-7c1e9b42`
const wrongPassword = canary('wrong')
const wrongLogin = Buffer.from(`\0u1\0${wrongPassword}`).toString('base64')
const outPassword = canary('out')
const unsavedPassword = canary('unsaved')
const key = Buffer.alloc(32, 0xc4).toString('base64')

test('[SE61] no secret is in the data folder, the flows folder, the log, the process list, any API answer or the live stream', async () => {
  // Both servers repeat what they hear.
  const imap = await imapServer({ capabilities: ['IMAP4rev1', 'IDLE', 'UIDPLUS'], onCommand: ({ line, tag }, wire) => line.includes(wrongPassword) && wire.write(`${tag} NO you said ${line} or ${wrongLogin}\r\n`) })
  const smtp = await smtpServer({ password: outPassword, rcpt: (_, n) => (n % 2 === 0 ? `451 4.0.0 ${outPassword} is busy` : undefined) })
  const folder = await makeFolder()
  let product: Product = await startProduct(folder, { env: { MAILWEAVE_KEY: key, MAILWEAVE_LOG: 'debug' } })
  let log = ''
  try {
    const inbox = imap.account()
    const base = { host: '127.0.0.1', security: 'none', user: 'u0' } as const
    const put = (id: string, more: object) => product.api('PUT', `/api/connections/${id}`, connectionInputSchema.parse({ id, name: id, ...base, ...more }))
    await put('inbox', { kind: 'imap', port: imap.port, password: inbox.password })
    await put('wrong', { kind: 'imap', port: imap.port, user: 'u1', password: wrongPassword })
    await put('outbox', { kind: 'smtp', port: smtp.port, password: outPassword })
    const cookie = await cookieOf(product)
    const live = listen(product)

    imap.store.deliver('u0', letter('One'))
    imap.store.deliver('u0', letter('Two'))
    await product.deploy(forwardFlow())
    await product.deploy({ ...forwardFlow({ connection: 'wrong' }), id: 'wrong' as ReturnType<typeof forwardFlow>['id'] })
    await until(() => smtp.accepted.length >= 1)
    const { mailboxes } = await until(() => product.api<{ mailboxes: { connection: string; health: string; say: string }[] }>('GET', '/api/mailboxes'), (view) => view.mailboxes.some((one) => one.connection === 'wrong' && one.say !== ''))
    expect(mailboxes.find((one) => one.connection === 'wrong')?.say).toContain('(password)')

    const answers: string[] = []
    const ask = async (method: string, where: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<void> => {
      const answer = await fetch(product.url + where, { method, headers: { authorization: `Bearer ${product.token}`, 'content-type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
      answers.push(`${method} ${where} ${JSON.stringify([...answer.headers])} ${await answer.text()}`)
    }
    const [run] = await product.runs()
    const [send] = (await product.outbox()).sends
    for (const route of Object.keys(routes)) {
      const [method = '', template = ''] = route.split(' ')
      if (method !== 'GET' || template === '/api/events') continue
      const id = template.includes('/runs/') ? run?.id : template.includes('/outbox/') ? send?.id : template.includes('/connections/') ? 'outbox' : 'forward'
      await ask('GET', template.replace(':version', '1').replace(':id', id ?? 'none'))
    }
    for (const id of ['inbox', 'wrong', 'outbox']) await ask('POST', `/api/connections/${id}/test`, {})
    await ask('GET', '/api/connections/wrong/folders')
    // Refused bodies are not repeated, whatever is wrong with them.
    await ask('PUT', '/api/connections/bad', { id: 'bad', kind: 'imap', password: unsavedPassword, extra: unsavedPassword })
    await ask('PUT', '/api/connections/bad', { ...base, name: 'bad', kind: 'imap', port: 'x', password: { very: unsavedPassword } })
    await ask('POST', '/api/connections/new/test', { ...base, name: 'new', kind: 'imap', port: imap.port, password: unsavedPassword })
    await ask('PUT', '/api/connections/outbox', connectionInputSchema.parse({ id: 'outbox', name: 'outbox', ...base, kind: 'smtp', host: 'localhost', port: smtp.port }))
    await ask('POST', '/api/session', { token: `${product.token}x` })
    await ask('GET', '/api/me', undefined, { authorization: '', cookie })

    const everything = { answers: answers.join('\n'), live: live.text(), log: product.log(), processes: execFileSync('ps', ['-ww', '-eo', 'args']).toString() }
    // What the test itself holds true: the search would find what is there.
    expect(everything.answers).toContain('hasPassword')
    expect(everything.live).toContain('data:')
    live.stop()
    log = product.log()
    await product.kill('SIGKILL')
    product = await startProduct(folder, { env: { MAILWEAVE_KEY: key, MAILWEAVE_LOG: 'debug' } })
    await product.api('GET', '/api/flows')
    await product.kill('SIGTERM')
    log += product.log()

    const secrets = [inbox.password, wrongPassword, outPassword, unsavedPassword, product.token, key, cookie.split('=')[1] ?? '']
    const places = new Map<string, string>([...Object.entries(everything), ['log of both', log], ...await filesIn(folder)])
    const found: string[] = []
    for (const [place, text] of places) for (const secret of secrets) for (const form of formsOf(secret)) if (text.includes(form)) found.push(`${secret} as ${form} in ${place}`)
    expect(found).toEqual([])
    console.log(`figure: ${secrets.length} secrets in ${formsOf('x').length} spellings searched in ${places.size} places, ${answers.length} API answers`)
  } finally {
    await product.kill('SIGKILL')
    await smtp.stop()
    await imap.stop()
    await dropFolder(folder)
  }
})

test('[SE62] every file of the data folder is its owner\'s alone, whatever the umask and wherever large mails pass through', async () => {
  const imap = await imapServer()
  const smtp = await smtpServer()
  const folder = await makeFolder()
  const before = process.umask(0)
  const product = await startProduct(folder, { env: { MAILWEAVE_TOKEN: '' } }).finally(() => process.umask(before))
  try {
    const token = (await readFile(path.join(folder, 'data', 'token'), 'utf8')).trim()
    const api = (method: string, where: string, body: unknown) => fetch(product.url + where, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
    await api('PUT', '/api/connections/inbox', { name: 'in', kind: 'imap', host: '127.0.0.1', port: imap.port, security: 'none', user: 'u0', password: imap.account().password })
    await api('PUT', '/api/connections/outbox', { name: 'out', kind: 'smtp', host: '127.0.0.1', port: smtp.port, security: 'none' })
    imap.store.deliver('u0', letter('Large', { body: 'A line of a large mail.\r\n'.repeat(40_000) }))
    await api('PUT', '/api/flows/forward', forwardFlow())
    await api('POST', '/api/flows/forward/deploy', {})
    await until(() => smtp.accepted.length === 1)
    const open: string[] = []
    const seen: string[] = []
    for (const file of await readdir(path.join(folder, 'data'), { recursive: true })) {
      const { mode } = await stat(path.join(folder, 'data', file))
      seen.push(file)
      if ((mode & 0o077) !== 0) open.push(`${file} ${(mode & 0o777).toString(8)}`)
    }
    expect(open).toEqual([])
    expect((await stat(path.join(folder, 'data'))).mode & 0o777).toBe(0o700)
    expect(seen).toEqual(expect.arrayContaining(['token', 'keys.json', 'ledger.sqlite', expect.stringMatching(/^blobs\/[0-9a-f]{2}\/[0-9a-f]{64}$/)]))
  } finally {
    await product.kill('SIGTERM')
    await smtp.stop()
    await imap.stop()
    await dropFolder(folder)
  }
})

/** As it stands, and as a careless hand could have kept it. */
const formsOf = (secret: string): readonly string[] => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('hex'), JSON.stringify(secret).slice(1, -1)]

async function filesIn(folder: string): Promise<readonly (readonly [string, string])[]> {
  const files: (readonly [string, string])[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    const file = path.join(folder, name)
    if ((await stat(file)).isFile()) files.push([name, await readFile(file, 'latin1')])
  }
  return files
}

async function cookieOf(product: Product): Promise<string> {
  const answer = await fetch(`${product.url}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: product.token }) })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

function listen(product: Product): { text(): string; stop(): void } {
  let text = ''
  const request = get(`${product.url}/api/events`, { headers: { authorization: `Bearer ${product.token}` } }, (answer) => { answer.on('data', (bytes: Buffer) => { text += bytes.toString() }).on('error', () => {}) })
  request.on('error', () => {})
  return { text: () => text, stop: () => { request.destroy() } }
}
