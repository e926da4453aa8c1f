/**
 * Mails a second through STARTTLS and a login: the kept sessions of the outbox beside a nodemailer transport made anew for each mail,
 * as the products before this one do.   node test/bench/starttls.ts [mails 2000]
 */
import { once } from 'node:events'
import { createTransport } from 'nodemailer'
import { Worker, isMainThread, parentPort } from 'node:worker_threads'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { makeSender } from '#runtime/mail/smtp/pool.ts'
import { accountOf } from '../servers/account.ts'
import { selfSigned } from '../servers/certificates.ts'
import { smtpServer } from '../servers/smtp-server.ts'
import { letter } from '../world.ts'
import { hold } from './verdict.ts'

const password = 'bench'
const leastTimes = 20

if (isMainThread) await measure(Number(process.argv[2] ?? 2000))
else {
  // A thread of its own, so that its share of TLS is not counted against the client's.
  const tls = selfSigned(['IP:127.0.0.1'])
  const { port } = await smtpServer({ tls, password })
  parentPort?.postMessage({ port, cert: tls.cert })
}

async function measure(mails: number): Promise<void> {
  const server = new Worker(new URL(import.meta.url))
  // What the thread above tells.
  const [{ port, cert }] = await once(server, 'message') as [{ port: number; cert: string }]
  const raw = letter('Invoice 7')
  const envelope = { from: 'desk@example.org', to: ['tickets@dest.example'] }
  const rate = async (count: number, work: () => Promise<unknown>): Promise<number> => {
    const begunMs = performance.now()
    await work()
    return count / (performance.now() - begunMs) * 1000
  }
  const few = Math.max(50, Math.round(mails / 20))
  const account = accountOf({ id: 'out', kind: 'smtp', port, security: 'starttls', certificate: cert, user: 'desk', password, maxConnections: 5 })
  const ratios: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const apiece = await rate(few, async () => {
      for (let nth = 0; nth < few; nth += 1) {
        const transport = createTransport({ host: '127.0.0.1', port, requireTLS: true, auth: { user: 'desk', pass: password }, tls: { ca: cert } })
        await transport.sendMail({ envelope, raw })
        transport.close()
      }
    })
    const sender = makeSender(account, { policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), log: silentLog, clock: systemClock })
    const ours = await rate(mails, () => Promise.all(Array.from({ length: mails }, () => sender.deliver(envelope, { kind: 'bytes', bytes: raw }))))
    await sender.close()
    ratios.push(ours / apiece)
    console.log(`round ${round + 1}: kept sessions ${ours.toFixed(0)} mails/s, a transport for each ${apiece.toFixed(0)} mails/s`)
  }
  const [, median = 0] = ratios.toSorted((one, other) => one - other)
  hold('times a transport for each mail, median of 3', median.toFixed(1), `≥ ${leastTimes}`, median >= leastTimes)
  await server.terminate()
}
