/**
 * The promise under kill -9: mails drain through an SMTP server in a process of its own (this one, which nobody kills and which
 * counts by Message-ID) while the product dies every 1 to 2 s.   node test/bench/kill-send.ts [resend|park|probe …] [--mails 10000]
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { allSends, doubles, said } from '../faults/sends.ts'
import type { SmtpScript } from '../servers/smtp-server.ts'
import { until } from '../until.ts'
import { letter, mailWorld, messageIds, type World } from '../world.ts'
import { hold } from './verdict.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { mails: { type: 'string', default: '10000' } } })
const mails = Number(values.mails)
/** The server has the mail this long before it says so: the window that a crash falls into. */
const answerMs = 20
const mostMinutes = 5

const policies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  resend: { onUnknown: 'resend' },
  park: { onUnknown: 'park' },
  probe: { onUnknown: 'probe', probe: { connection: 'inbox', folder: 'Sent', forSeconds: 1 } },
}

for (const policy of positionals.length > 0 ? positionals : Object.keys(policies)) await measure(policy)

async function measure(policy: string): Promise<void> {
  const send = policies[policy]
  if (!send) throw new Error(`no such choice: ${policy}`)
  let world: World | null = null
  // As at a provider: a mail that is accepted lies in Sent before its answer goes out.
  const smtp: SmtpScript = {
    keepAtDot: true, dot: () => ({ later: pause(answerMs).then(() => '250 2.0.0 queued' as const) }),
    onAccepted: (mail) => { if (policy === 'probe') world?.imap.store.deliver('u0', mail.bytes, { folder: 'Sent', flags: ['\\Seen'] }) },
  }
  world = await mailWorld({ smtp, send })
  try {
    const begunMs = performance.now()
    for (let nth = 0; nth < mails; nth += 1) world.arrive(letter(`Mail ${nth}`))
    const kills = await killUntilDone(world)
    const runs = await world.settled(mails)
    const seconds = (performance.now() - begunMs) / 1000
    const sends = await allSends(world)
    const copies = messageIds(world.smtp)
    const twice = doubles(world)
    const extra = world.smtp.accepted.length - copies.size
    const unknown = sends.filter((one) => said(one).includes('unknown'))
    const parked = runs.filter((run) => run.state === 'unknown')
    const bySend = new Map(sends.map((one) => [one.messageId, one]))
    const lost = sends.filter((one) => !copies.has(one.messageId) && one.state !== 'unknown').length + (mails - sends.length)
    console.log(`${policy}: ${mails} mails, ${kills} × kill -9, ${seconds.toFixed(0)} s`)
    hold('runs, each mail once', runs.length, `${mails}`, runs.length === mails)
    hold('lost', lost, '0', lost === 0)
    hold('ended otherwise than done or held', runs.filter((run) => run.state !== 'done' && run.state !== 'unknown').length, '0', runs.every((run) => run.state === 'done' || run.state === 'unknown'))
    if (policy === 'resend') {
      hold('second copies at the server', extra, `≤ times marked unknown`, extra <= unknown.reduce((sum, one) => sum + said(one).filter((what) => what === 'unknown').length, 0))
      hold('mails marked unknown', unknown.length, '', true)
      const silent = twice.filter((id) => !/(?:unknown,)+resent$/.test(said(bySend.get(id)).join())).length
      hold('doubled without a word in history', silent, '0', silent === 0)
    } else hold('doubled', twice.length, '0', twice.length === 0)
    if (policy === 'park') hold('held for a person, of those marked unknown', `${parked.length}/${unknown.length}`, 'all', parked.length === unknown.length)
    if (policy === 'probe') hold('found in the folder, of those marked unknown', `${sends.filter((one) => said(one).includes('probed')).length}/${unknown.length}`, '', true)
    if (policy !== 'park') hold('left unknown', parked.length, '0', parked.length === 0)
    hold('seconds', seconds.toFixed(0), `≤ ${mostMinutes * 60}`, seconds <= mostMinutes * 60)
  } finally {
    await world.stop()
  }
}

/** Every 1 to 2 s, until each mail has arrived or is held. */
async function killUntilDone(world: World): Promise<number> {
  let kills = 0
  const counts = async (): Promise<Readonly<Record<string, number>>> => (await world.product.outbox('state=unknown')).counts
  const open = async (): Promise<number> => { const states = await counts(); return mails - (states['sent'] ?? 0) - (states['unknown'] ?? 0) }
  while (await open() > 0) {
    await pause(1000 + Math.random() * 1000)
    // Nothing is in its hands any more: a kill would disturb nobody.
    if (await open() === 0) break
    await world.restart('SIGKILL')
    kills += 1
  }
  await until(async () => await open() === 0)
  return kills
}
