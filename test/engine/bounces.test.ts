/** A mail that was sent comes back, through the whole product: the run that sent it says so. */
import { afterEach, expect, test } from 'vitest'
import { until } from '../until.ts'
import { letter, mailWorld, type World } from '../world.ts'

let world: World
afterEach(async () => { await world.stop() })

const idOf = (bytes: Buffer): string => /^Message-ID: (.*)$/im.exec(bytes.toString())?.[1]?.trim() ?? ''
/** As a server writes it (RFC 3464). */
const report = (messageId: string, action: 'failed' | 'delayed', more: { readonly to?: string } = {}): Buffer => Buffer.from([
  'From: Mail Delivery System <MAILER-DAEMON@mx.dest.example>', 'To: desk@example.org', 'Subject: Undelivered Mail Returned to Sender', 'Auto-Submitted: auto-replied', 'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=delivery-status; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'I could not deliver it.',
  '--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.dest.example', '', `Final-Recipient: rfc822; ${more.to ?? 'tickets@dest.example'}`, `Action: ${action}`, `Status: ${action === 'failed' ? '5.2.2' : '4.2.2'}`, 'Diagnostic-Code: smtp; 552 mailbox full',
  '--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${messageId}`, '', '--b--', '',
].join('\r\n'))

/** A flow that would send bounces on, so that a bounce in the same mailbox is a run of its own. */
async function sentOnce(receive: Readonly<Record<string, unknown>> = {}): Promise<{ readonly run: string; readonly messageId: string }> {
  world = await mailWorld({ inbox: [letter('Order 1')], receive })
  const [run] = await world.settled(1)
  return { run: run?.id ?? '', messageId: idOf(world.smtp.accepted[0]?.bytes ?? Buffer.alloc(0)) }
}

test('[SX161] the run that sent the mail becomes bounced with the server\'s words, and links to the run of the bounce', async () => {
  const { run, messageId } = await sentOnce()
  world.arrive(report(messageId, 'failed'))
  await until(() => world.product.runs(), (runs) => runs.some(({ state }) => state === 'bounced'))
  const [bounce, sent] = await world.product.runs()
  expect(sent).toMatchObject({ id: run, state: 'bounced', problem: { code: 'SEND_BOUNCED', where: 'send' } })
  expect(sent?.problem?.say).toContain('tickets@dest.example: 5.2.2 552 mailbox full')
  const detail = await world.product.run(run)
  expect(detail.sends[0]).toMatchObject({ state: 'bounced', recipients: [{ address: 'tickets@dest.example', state: 'bounced' }] })
  expect(detail.sends[0]?.history.at(-1)).toMatchObject({ what: 'bounced', run: bounce?.id })
  expect(detail.steps.find(({ node }) => node === 'send')).toMatchObject({ state: 'bounced' })
  // The bounce ran the flow like any other mail, and nothing was sent again.
  await until(() => world.product.runs(), (runs) => runs.every(({ state }) => state === 'done' || state === 'bounced'))
  expect(world.subjects()).toEqual(['Fwd: Order 1', 'Fwd: Undelivered Mail Returned to Sender'])
  expect((await world.product.outbox('state=bounced')).sends).toHaveLength(1)
  expect(await (await fetch(`${world.product.url}/metrics`, { headers: { authorization: `Bearer ${world.product.token}` } })).text()).toContain('mailweave_sends_total{outcome="bounced"} 1')
  // It outlives a restart.
  await world.restart('SIGTERM')
  expect((await world.product.runs('state=bounced')).map(({ id }) => id)).toEqual([run])
})

test('[SX165] a mailbox that is watched for bounces only notes them: the steps behind are left out, other mail runs', async () => {
  const { run, messageId } = await sentOnce({ bounces: 'note' })
  world.arrive(report(messageId, 'delayed'))
  world.arrive(report(messageId, 'failed'))
  world.arrive(report('<somebody@else.example>', 'failed'))
  const runs = await until(() => world.product.runs(), (all) => all.length === 4 && all.every(({ state }) => state === 'done' || state === 'bounced'))
  expect(runs.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'bounced'])
  expect(world.subjects()).toEqual(['Fwd: Order 1', 'Fwd: Undelivered Mail Returned to Sender'])
  expect((await world.product.run(run)).sends[0]?.history.map(({ what }) => what)).toEqual(['sent', 'delayed', 'bounced'])
  const noted = runs[2]?.id ?? ''
  expect((await world.product.run(noted)).steps.map(({ node, state }) => `${node} ${state}`)).toEqual(['receive done', 'map skipped', 'send skipped'])
})
