/** The command line as people call it: a process of its own, its words, its exit code. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dropFolder, makeFolder, type Product, startProduct } from '../product.ts'
import { callMailweave, type Said } from './program.ts'

let folder: string
let product: Product | null
beforeEach(async () => {
  folder = await makeFolder()
  product = null
})
afterEach(async () => {
  await product?.kill('SIGTERM')
  await dropFolder(folder)
})

const run = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> => callMailweave(folder, words, env)

const flowWith = (row: object): string => JSON.stringify({
  format: 1, id: 'f', name: 'F',
  nodes: [
    { id: 'receive', kind: 'receive-email', config: { connection: 'inbox' } },
    { id: 'map', kind: 'map-data', config: { rows: [{ to: 'to', value: 'b@example.org' }, row] } },
    { id: 'send', kind: 'send-email', config: { connection: 'outbox', from: 'a@example.org' } },
  ],
  edges: [{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }],
})

test('[AP36] a server whose port is taken says so in words and ends with exit code 1', async () => {
  product = await startProduct(folder)
  const { code, out, err } = await run(['serve', '--port', new URL(product.url).port, '--data', 'other', '--flows', 'others'])
  expect(err).toContain('is taken by another program')
  expect(code).toBe(1)
  expect(out).toBe('')
})

test('[AP36] a server on data that another one uses says which, and ends with exit code 1', async () => {
  product = await startProduct(folder)
  const { code, err } = await run(['serve', '--port', '0', '--data', 'data', '--flows', 'flows'])
  expect(err).toContain(`(process ${product.pid})`)
  expect(code).toBe(1)
})

test('[AP37] check finds a mistake in an expression; try does not run such a flow', async () => {
  const flow = path.join(folder, 'f.json')
  const mail = path.join(folder, 'm.eml')
  await writeFile(mail, 'From: c@example.org\r\nSubject: Hello\r\n\r\nbody\r\n')
  await writeFile(flow, flowWith({ to: 'subject', expression: '$uppercase(receive.subject' }))
  const checked = await run(['check', flow])
  expect(checked).toMatchObject({ code: 1, out: expect.stringContaining('error in map') as string })
  const tried = await run(['try', flow, '--mail', mail, '--json'])
  expect(tried).toMatchObject({ code: 1, out: '', err: expect.stringContaining('expression') as string })
  await writeFile(flow, flowWith({ to: 'subject', expression: '$uppercase(receive.subject)' }))
  expect(await run(['check', flow])).toMatchObject({ code: 0, out: `${flow}: fit to be deployed\n` })
  const { code, out } = await run(['try', flow, '--mail', mail, '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ state: 'done', outgoing: [{ subject: 'HELLO', envelope: { to: ['b@example.org'] } }] })
})

test('[AP38] keys are rotated by the running server, and without one by the command itself', async () => {
  product = await startProduct(folder)
  await product.api('PUT', '/api/connections/inbox', { id: 'inbox', name: 'Inbox', kind: 'imap', host: '127.0.0.1', port: 1, security: 'none', user: 'u', password: 'secret words' })
  const keyFile = path.join(folder, 'data', 'keys.json')
  const before = await readFile(keyFile, 'utf8')
  const running = await run(['keys', 'rotate', '--data', 'data'], { MAILWEAVE_URL: product.url, MAILWEAVE_TOKEN: product.token })
  expect(running).toMatchObject({ code: 0, out: expect.stringMatching(/^Key [0-9a-f]{12} is in use; 1 password sealed anew\.\n$/) as string })
  const between = await readFile(keyFile, 'utf8')
  expect(between).not.toBe(before)
  await product.kill('SIGTERM')
  const alone = await run(['keys', 'rotate', '--data', 'data'])
  expect(alone).toMatchObject({ code: 0, out: expect.stringContaining('1 password sealed anew') as string })
  expect(await readFile(keyFile, 'utf8')).not.toBe(between)
  product = await startProduct(folder)
  // The check lends the saved password, so it must open under the newest key; nobody listens on the port.
  expect(await product.api('POST', '/api/connections/inbox/test', {})).toMatchObject({ ok: false, lines: expect.arrayContaining([expect.objectContaining({ state: 'failed', say: expect.stringContaining('nothing listens') as string })]) as unknown[] })
})

test('[AP39] a wrong option is told with the usage, exit code 2; a refusal in the server\'s own words, exit code 1', async () => {
  expect(await run(['runs', '--bogus'])).toMatchObject({ code: 2, err: expect.stringMatching(/--bogus[\s\S]*mailweave serve/) as string })
  expect(await run(['fly'])).toMatchObject({ code: 2, err: expect.stringContaining('There is no command "fly"') as string })
  product = await startProduct(folder)
  const env = { MAILWEAVE_URL: product.url, MAILWEAVE_TOKEN: product.token }
  expect(await run(['stop', 'nothing'], env)).toMatchObject({ code: 1, err: 'There is no flow named nothing.\n' })
  await product.kill('SIGTERM')
  expect(await run(['stop', 'nothing'], env)).toMatchObject({ code: 1, err: expect.stringContaining('No Mailweave answers at') as string })
})

test('[SE3] names given with MAILWEAVE_NAMES are answered', async () => {
  await mkdir(path.join(folder, 'flows'), { recursive: true })
  product = await startProduct(folder, { env: { MAILWEAVE_NAMES: 'mail.example.org, mail.example.org:8443' } })
  const { port } = new URL(product.url)
  const ask = (host: string) => new Promise<number>((resolve, reject) => {
    http.get({ port, path: '/api/health', headers: { host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    }).on('error', reject)
  })
  expect(await ask('mail.example.org')).toBe(200)
  expect(await ask('mail.example.org:8443')).toBe(200)
  expect(await ask('evil.example.org')).toBe(403)
})
