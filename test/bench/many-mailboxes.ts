/**
 * What a mailbox costs when there are many: node test/bench/many-mailboxes.ts [mailboxes] [idle seconds] [tls]
 * Memory over the base, processor while nothing happens, how fast all of them come up and how hard that hits the server.
 */
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createServer } from 'node:tls'
import { flowSchema } from '#shared/flow.ts'
import { systemClock } from '#runtime/clock.ts'
import { startSandboxImap } from '#runtime/sandbox/imap.ts'
import { makeMailStore } from '#runtime/sandbox/mailstore.ts'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { authority } from '../servers/certificates.ts'
import { until } from '../until.ts'

const count = Number(process.argv[2] ?? 500)
const idleSeconds = Number(process.argv[3] ?? 60)
const password = 'bench'
const users = Object.fromEntries(Array.from({ length: count }, (_, index) => [`u${index}`, password]))
const store = makeMailStore({ clock: systemClock, users, bounds: { mails: 100, bytes: 1024 * 1024 } })
const logins: number[] = []
const server = await startSandboxImap({
  store, connections: count + 50,
  onCommand: async (command) => {
    if (command.name === 'LOGIN' || command.name === 'AUTHENTICATE') logins.push(performance.now())
    return false
  },
})
const folder = await makeFolder()

/** In front of the server, where asked for: a line each, as the server behind would see it. */
const ca = process.argv[4] === 'tls' ? authority() : null
const front = ca === null ? null : createServer(ca.issue(['IP:127.0.0.1']), (line) => {
  const behind = connect(server.port, '127.0.0.1')
  line.pipe(behind).pipe(line)
  for (const end of [line, behind]) end.on('error', () => { line.destroy(); behind.destroy() })
})
if (front) await new Promise<void>((resolve) => { front.listen(0, '127.0.0.1', resolve) })
const line = front === null || ca === null ? { port: server.port, security: 'none' } : { port: (front.address() as AddressInfo).port, security: 'tls', certificate: ca.cert } // listening

// As bin/mailweave.mjs starts it.
const options = { env: { NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=256' } }

const rssMb = (product: Product): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${product.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
/** Of one core, seconds; fields 14 and 15 of proc(5) stat in hundredths. */
const cpuSeconds = (product: Product): number => {
  const fields = readFileSync(`/proc/${product.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
const flowOf = (index: number) => flowSchema.parse({
  format: 1, id: `flow-${index}`, name: `Flow ${index}`,
  nodes: [
    { id: 'receive', kind: 'receive-email', config: { connection: `inbox-${index}`, delaySeconds: 5 } },
    { id: 'map', kind: 'map-data', config: { rows: [{ to: 'to', value: 'tickets@dest.example' }, { to: 'subject', from: ['receive.subject'] }, { to: 'text', from: ['receive.text'] }] } },
    { id: 'send', kind: 'send-email', config: { connection: 'outbox', from: 'desk@example.org' } },
  ],
  edges: [{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }],
})

try {
  let product = await startProduct(folder, options)
  await product.api('PUT', '/api/connections/outbox', { id: 'outbox', name: 'Outbox', kind: 'smtp', host: '127.0.0.1', port: 9, security: 'none' })
  const watch = async (index: number) => {
    const id = `inbox-${index}`
    await product.api('PUT', `/api/connections/${id}`, { id, name: id, kind: 'imap', host: '127.0.0.1', ...line, user: `u${index}`, password })
    await product.deploy(flowOf(index))
  }
  // The base is a process that watches one mailbox: what all of them share is loaded then.
  await watch(0)
  await product.kill('SIGTERM')
  product = await startProduct(folder, options)
  await pause(idleSeconds * 1000)
  const base = rssMb(product)
  for (let index = 1; index < count; index += 1) await watch(index)
  await product.kill('SIGTERM')
  logins.length = 0
  const begun = performance.now()
  product = await startProduct(folder, options)
  const ready = performance.now()
  await until(() => logins.length >= count)
  const up = performance.now()
  const busiest = Math.max(...logins.map((at) => logins.filter((other) => other >= at && other < at + 1000).length))
  await pause(idleSeconds * 500)
  const cpuBefore = cpuSeconds(product)
  await pause(idleSeconds * 1000)
  const cpuShare = (cpuSeconds(product) - cpuBefore) / idleSeconds
  const rss = rssMb(product)
  const opened = logins.length
  console.log(`${count} mailboxes, a look each 5 s${front ? ', over TLS' : ''}:`)
  console.log(`  memory: ${Math.round(rss)} MB, base ${Math.round(base)} MB: ${Math.round((rss - base) * 1024 / (count - 1))} KB each (at most 200)`)
  console.log(`  processor while nothing happens: ${(cpuShare * 100).toFixed(1)} % of one core (at most 15)`)
  console.log(`  up: ready after ${Math.round(ready - begun)} ms, all logged in after ${Math.round(up - begun)} ms (at most 20000); at most ${busiest} logins in a second; ${opened} logins in all`)
  await product.kill('SIGTERM')
} finally {
  front?.close()
  await server.stop()
  await dropFolder(folder)
}
