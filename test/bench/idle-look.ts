/**
 * What a look costs in a folder whose unread mails stay unread, over Dovecot and a real ledger: bytes on the wire,
 * milliseconds and our CPU, looking whole and looking on. `node test/bench/idle-look.ts [mails]`.
 */
import { createServer, connect, type AddressInfo } from 'node:net'
import { usualLine, usualSending } from '#shared/connection.ts'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import type { Account, OpenMailbox } from '#runtime/mail/mailbox.ts'
import { lookWorld } from '../scheduler/look-world.ts'
import { dovecot } from '../servers/dovecot.ts'

const mails = Number(process.argv[2] ?? 20_000)
const server = await dovecot()
await server.addUser('u0')
for (let count = 0; count < mails; count += 1) await server.put('u0', Buffer.from(`Subject: Mail ${count}\r\nMessage-ID: <${count}@example.org>\r\n\r\nHello.\r\n`))

let wire = 0
const between = createServer((from) => {
  const to = connect(server.imap, '127.0.0.1')
  for (const [one, other] of [[from, to], [to, from]] as const) one.on('data', (bytes: Buffer) => { wire += bytes.length; other.write(bytes) }).on('close', () => { other.destroy() }).on('error', () => {})
})
await new Promise<void>((resolve) => { between.listen(0, '127.0.0.1', resolve) })
const { port } = between.address() as AddressInfo // it listens on a port
const account: Account = { id: 'test', kind: 'imap', host: '127.0.0.1', port, security: 'none', user: 'u0', password: server.password, login: 'password', mailbox: '', tokens: null, certificate: '', trustedServers: [], ...usualLine, ...usualSending, maxConnections: 1, dkim: null }
const adapter = imapAdapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog })
const world = await lookWorld()
const mailbox = await adapter.open(account, 'INBOX', new AbortController().signal)
const { lookOn: _, ...looksWhole } = mailbox

const trigger = world.trigger({ unseenOnly: true, maxEmails: -1 })
await world.look(trigger, mailbox)
async function measure(name: string, which: OpenMailbox): Promise<void> {
  const rounds = 20
  await world.look(trigger, which)
  const before = { wire, ms: performance.now(), cpu: process.cpuUsage() }
  for (let round = 0; round < rounds; round += 1) {
    await which.refresh()
    await world.look(trigger, which)
  }
  const { user, system } = process.cpuUsage(before.cpu)
  const each = (value: number): string => (value / rounds).toFixed(1)
  process.stdout.write(`${name}: ${each(wire - before.wire)} bytes, ${each(performance.now() - before.ms)} ms, ${each((user + system) / 1000)} ms of our CPU\n`)
}
process.stdout.write(`${world.begun.length} mails ran\n`)
await measure('whole  ', looksWhole)
await measure('look on', mailbox)
await measure('whole  ', looksWhole)
await measure('look on', mailbox)

await mailbox.close()
await world.stop()
between.close()
await server.stop()
