/** The blast shield over real sockets: flows that answer each other or a machine, first looks, a pause, and a kill in between. */
import { afterEach, expect, test } from 'vitest'
import type { FlowView, HeldDecided } from '#shared/api.ts'
import type { Flow } from '#shared/flow.ts'
import type { SendingSettings } from '#shared/sending/safety.ts'
import type { AcceptedMail } from '../servers/smtp-server.ts'
import { until } from '../until.ts'
import { flowThrough, letter, mailWorld, rowsTo, type World } from '../world.ts'

let world: World
afterEach(() => world.stop())

const flowView = (id: string) => world.product.api<FlowView>('GET', `/api/flows/${id}`)
const paused = (id: string) => until(() => flowView(id), (flow) => flow.paused !== null)
/** To whoever wrote the mail. */
const answering = (id = 'answer', sending: SendingSettings = {}, receive = {}, send = {}): Flow =>
  ({ ...flowThrough(id, [{ to: 'to', from: ['receive.from'] }, { to: 'subject', value: 'Thank you' }, { to: 'text', value: 'We read it.' }], receive, send), sending })
const forwarding = (sending: SendingSettings): Flow => ({ ...flowThrough('forward', rowsTo('tickets@dest.example', 'Fwd: ')), sending })
const states = async () => (await world.product.runs()).map((run) => `${run.mail.subject} ${run.state}`).sort((a, b) => a.localeCompare(b))

/** Mails between two flows on one server: each reads its own folder, and what is sent to one lands there. */
async function twoFlows(send: Readonly<Record<string, unknown>>): Promise<void> {
  const partner = { folder: 'Partner' }
  const deliver = ({ to, bytes }: AcceptedMail) => {
    if (to.includes('desk@example.org')) world.arrive(bytes)
    else if (to.includes('b@partner.example')) world.imap.store.deliver('u0', bytes, partner)
  }
  world = await mailWorld({ smtp: { onAccepted: deliver }, flow: flowThrough('ours', rowsTo('b@partner.example', 'Fwd: '), {}, { from: 'desk@example.org', ...send }) })
  world.imap.store.makeFolder('u0', 'Partner')
  await world.product.deploy(answering('theirs', {}, partner, { from: 'b@partner.example', ...send }))
}

test('[SX143] two flows that answer each other send two mails; then the one whose mail came back is paused, and says so', async () => {
  await twoFlows({ answerMachines: true })
  world.arrive(letter('Order 1'))
  const view = await paused('ours')
  expect(view).toMatchObject({ running: null, paused: { problem: { code: 'SEND_CAME_BACK', say: 'The flow is paused. Not sent: this mail was sent by this same flow and came back.' } } })
  expect(world.smtp.accepted.map(({ to }) => to.join())).toEqual(['b@partner.example', 'desk@example.org'])
  expect((await flowView('theirs')).running).toBe(1)
  // Mail that comes now waits in its mailbox.
  expect(await until(states, (all) => all.length === 3)).toEqual(['Fwd: Order 1 done', 'Order 1 done', 'Thank you failed'])
  expect(await world.product.api<HeldDecided>('POST', '/api/flows/ours/resume', {})).toEqual({ mails: 0 })
  expect(await flowView('ours')).toMatchObject({ running: 1, paused: null })
  world.arrive(letter('Order 2'))
  await until(() => world.smtp.accepted.length, (count) => count >= 3)
})

test('[SX142, SX143] as flows are by default, the second of them answers no automatic mail; a made-up header pauses nobody', async () => {
  await twoFlows({})
  world.arrive(letter('Order 1'))
  expect(await until(states, (all) => all.join().includes('failed'))).toEqual(['Fwd: Order 1 failed', 'Order 1 done'])
  world.arrive(letter('Forged', { headers: ['X-Mailweave-Flow: ours', 'X-Mailweave-Passed: ours/0123456789abcdef01234567'] }))
  expect(await until(states, (all) => all.includes('Forged failed'))).toHaveLength(3)
  expect((await flowView('ours')).running).toBe(1)
  expect(world.smtp.accepted).toHaveLength(1)
})

test('[SX143, SX141] a machine that answers everything and says nothing of itself gets two mails; the third is held and the flow paused, over a kill too', async () => {
  let answers = 0
  world = await mailWorld({
    flow: answering(),
    smtp: { onAccepted: () => { world.arrive(letter(`Robot ${(answers += 1)}`, { from: 'robot@client.example' })) } },
  })
  world.arrive(letter('Robot 0', { from: 'robot@client.example' }))
  expect((await paused('answer')).paused?.problem).toMatchObject({ code: 'SEND_PING_PONG', say: expect.stringContaining('robot@client.example') })
  expect(world.smtp.accepted).toHaveLength(2)
  const held = await until(() => world.product.outbox('state=held'), ({ sends }) => sends.length === 1)
  expect(held.sends[0]).toMatchObject({ state: 'held', history: [{ what: 'held', say: expect.stringContaining('answers each of its mails at once') }] })
  expect(await states()).toEqual(['Robot 0 done', 'Robot 1 done', 'Robot 2 waiting'])
  await world.restart('SIGKILL')
  expect(await flowView('answer')).toMatchObject({ running: null, held: 1, paused: { problem: { code: 'SEND_PING_PONG' } } })
  expect(await world.product.api('POST', '/api/flows/answer/resume', { held: 'discard' })).toEqual({ mails: 1 })
  expect(await until(states, (all) => all.includes('Robot 2 failed'))).toHaveLength(3)
  expect((await world.product.runs())[0]?.problem).toMatchObject({ code: 'SEND_DISCARDED' })
  expect([world.smtp.accepted.length, (await flowView('answer')).running]).toEqual([2, 1])
})

test('[SX149, SX140] the first mails of a version wait for a look, one by one or all at once; a kill lets none go and loses none', async () => {
  world = await mailWorld({ flow: forwarding({ approveFirst: 2 }), inbox: [letter('One'), letter('Two'), letter('Three')] })
  const held = async (count: number) => (await until(() => world.product.outbox('state=held'), ({ sends }) => sends.length === count)).sends
  await held(3)
  await world.restart('SIGKILL')
  const [newest] = await held(3)
  expect([world.smtp.accepted, world.unread()]).toEqual([[], 3])
  await world.product.api('POST', `/api/outbox/${newest?.id ?? ''}/decide`, { do: 'approve' })
  await until(() => world.smtp.accepted.length, (count) => count === 1)
  await held(2)
  world.arrive(letter('Four'))
  await held(3)
  expect(await world.product.api('POST', '/api/flows/forward/held', { do: 'approve', stopAsking: true })).toEqual({ mails: 3 })
  world.arrive(letter('Five'))
  await world.settled(5)
  expect([...world.subjects()].sort((a, b) => a.localeCompare(b))).toEqual(['Fwd: Five', 'Fwd: Four', 'Fwd: One', 'Fwd: Three', 'Fwd: Two'])
  // Another version is asked about anew.
  await world.product.deploy({ ...forwarding({ approveFirst: 2 }), name: 'Changed' })
  world.arrive(letter('Six'))
  await held(1)
})

test.each(['after-compute', 'after-record-computed', 'after-mark-sending', 'after-record-outcome'] as const)('[SX140] killed at %s, a held mail is held and a mail let go goes once', async (point) => {
  world = await mailWorld({ flow: forwarding({ approveFirst: 1 }), inbox: [letter('One')], ...(point.includes('comput') ? { crashAt: point } : {}) })
  if (point.includes('comput')) await world.startAgain()
  const [row] = (await until(() => world.product.outbox('state=held'), ({ sends }) => sends.length === 1)).sends
  expect(world.smtp.accepted).toEqual([])
  if (!point.includes('comput')) await world.restart('SIGTERM', { MAILWEAVE_FAULT: point })
  const decided = world.product.api('POST', `/api/outbox/${row?.id ?? ''}/decide`, { do: 'approve' })
  // It may die before it can answer.
  await (point.includes('comput') ? decided : decided.catch(() => null))
  if (!point.includes('comput')) await world.startAgain()
  await world.settled(1)
  expect(new Set(world.subjects())).toEqual(new Set(['Fwd: One']))
  expect(world.smtp.accepted.length).toBe(1)
})

test('[SX144, SX141] over its budget a flow is paused, its mails are held, and one act lets them go', async () => {
  world = await mailWorld({ flow: forwarding({ perHour: 2 }), inbox: [letter('One'), letter('Two'), letter('Three'), letter('Four')] })
  expect((await paused('forward')).paused?.problem.code).toBe('SEND_BUDGET')
  await until(() => world.product.runs(), (runs) => runs.length > 2 && runs.every(({ state }) => state === 'done' || state === 'waiting'))
  // What stood in line at that moment stays there.
  expect(world.smtp.accepted.length).toBeLessThanOrEqual(2)
  const { held } = await flowView('forward')
  expect(await world.product.api('POST', '/api/flows/forward/resume', { held: 'approve' })).toEqual({ mails: held })
  await world.settled(4)
  expect(world.smtp.accepted).toHaveLength(4)
})
