/**
 * What waiting mails cost in memory: a thousand of 2 MB are received and composed while the outgoing server is away, then it comes
 * back and all go out.   node test/bench/queued-memory.ts [mails 1000]
 */
import { readFileSync } from 'node:fs'
import { until } from '../until.ts'
import { letter, mailWorld } from '../world.ts'
import { hold } from './verdict.ts'

const mails = Number(process.argv[2] ?? 1000)
const mostMb = 100
/** Arrive at once; the next come when these are taken. */
const together = 100
/** A file of 1.5 MB, 2 MB as it travels. */
const body = ['--b', 'Content-Type: text/plain', '', 'See the file.', '--b', 'Content-Type: application/pdf; name=a.pdf', 'Content-Disposition: attachment; filename=a.pdf', 'Content-Transfer-Encoding: base64', '', `${'QUJD'.repeat(19)}\r\n`.repeat(27_000), '--b--', ''].join('\r\n')
/** `letter` is plain text; its type gives way to ours. */
const withFile = (subject: string): Buffer => Buffer.from(letter(subject, { body }).toString('latin1').replace('Content-Type: text/plain; charset=utf-8', 'Content-Type: multipart/mixed; boundary=b'), 'latin1')

let isAway = true
const world = await mailWorld({ smtp: { greeting: () => (isAway ? 'drop' : undefined) } })
const memoryMb = (field: 'VmRSS' | 'VmHWM'): number => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${world.product.pid}/status`, 'utf8'))?.[1]) / 1024
const rows = async (): Promise<Readonly<Record<string, number>>> => (await world.product.outbox('state=refused')).counts
try {
  // The base has received and composed already: what all mails share is loaded then.
  world.arrive(withFile('First'))
  await until(async () => ((await rows())['ready'] ?? 0) === 1)
  const base = memoryMb('VmRSS')
  let peak = base
  for (let arrived = 0; arrived < mails;) {
    for (const upTo = Math.min(mails, arrived + together); arrived < upTo; arrived += 1) world.arrive(withFile(`Mail ${arrived}`))
    await until(async () => { peak = Math.max(peak, memoryMb('VmRSS')); return ((await rows())['ready'] ?? 0) === arrived + 1 })
  }
  const waiting = memoryMb('VmRSS')
  console.log(`${mails} mails of ${(body.length / 1024 / 1024).toFixed(1)} MB wait; base ${base.toFixed(0)} MB`)
  hold('MB more while they wait', (waiting - base).toFixed(0), `≤ ${mostMb}`, waiting - base <= mostMb)
  hold('MB more at most while they came in', (peak - base).toFixed(0), '', true)
  isAway = false
  await world.product.api('PUT', '/api/connections/outbox', { id: 'outbox', name: 'Outbox', kind: 'smtp', host: '127.0.0.1', port: world.smtp.port, security: 'none' })
  await until(async () => ((await rows())['sent'] ?? 0) === mails + 1)
  hold('arrived', world.smtp.accepted.length, `${mails + 1}`, world.smtp.accepted.length === mails + 1)
  hold('MB at most over the whole', memoryMb('VmHWM').toFixed(0), '', true)
} finally {
  await world.stop()
}
