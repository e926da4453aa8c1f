/** Stops, crashes and deploys in the middle of the work: what was begun ends as it began, and nothing is lost or doubled. */
import { afterEach, expect, test } from 'vitest'
import { flowSchema } from '#shared/flow.ts'
import { runsInHand } from '#runtime/limits.ts'
import { until } from '../until.ts'
import { forwardFlow, letter, mailWorld, messageIds, type World } from '../world.ts'

let world: World
afterEach(async () => { await world.stop() })

const dies = { MAILWEAVE_FAULT: 'before-compute' } as const
const saysLater = () => {
  let answer = (_: '250 2.0.0 queued') => {}
  const later = new Promise<'250 2.0.0 queued'>((resolve) => { answer = resolve })
  return { later, answer: () => { answer('250 2.0.0 queued') } }
}
const begunToStop = () => until(() => world.product.log().includes('stop.begun'))

test('[RN10] a mail that stops the program again and again is put aside; its neighbours are not, and new mail flows', async () => {
  world = await mailWorld({ inbox: [letter('Poison'), letter('Neighbour 1'), letter('Neighbour 2')], crashAt: 'before-compute' })
  await world.startAgain(dies)
  // From here on each is computed alone, those that died alone behind the others.
  await world.startAgain(dies)
  await world.startAgain({ MAILWEAVE_FAULT: 'before-compute:3' })
  await world.startAgain(dies)
  await world.startAgain()
  await world.settled(3)
  world.arrive(letter('Behind it'))
  const runs = await world.settled(4)
  const [poison, ...others] = [...runs].reverse()
  expect(poison).toMatchObject({ state: 'failed', problem: { code: 'RUN_QUARANTINED' } })
  expect(poison?.problem?.say).toContain('5 times')
  expect(others.map((run) => run.state)).toEqual(['done', 'done', 'done'])
  const copies = (subject: string) => world.subjects().filter((one) => one === `Fwd: ${subject}`).length
  expect(copies('Poison')).toBe(0)
  for (const run of others) {
    // Where a death met its mail on the wire, history says that it was sent again.
    expect(copies(run.mail.subject)).toBeGreaterThanOrEqual(1)
    expect(copies(run.mail.subject)).toBeLessThanOrEqual(1 + run.resent)
  }
})

test('[RN11] a mail that was put off before a deploy goes out as the version before composed it', async () => {
  world = await mailWorld({ inbox: [letter('Order 1')], smtp: { dot: (_, n) => (n === 1 ? '451 4.3.0 later' : undefined) }, send: { retry: { firstSeconds: 2, factor: 1, maxSeconds: 2, giveUpHours: 1 } } })
  await until(() => world.product.runs(), (runs) => runs[0]?.state === 'waiting')
  const first = forwardFlow()
  const rows = [{ to: 'to', value: 'new@dest.example' }, { to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: 'New: ' }] }, { to: 'text', from: ['receive.text'] }]
  expect(await world.product.deploy(flowSchema.parse({ ...first, nodes: first.nodes.map((node) => (node.kind === 'map-data' ? { ...node, config: { rows } } : node)) }))).toBe(2)
  world.arrive(letter('Order 2'))
  const runs = await world.settled(2)
  expect(runs.map((run) => `${run.mail.subject}: version ${run.version}, ${run.state}`).sort()).toEqual(['Order 1: version 1, done', 'Order 2: version 2, done'])
  expect([...world.subjects()].sort()).toEqual(['Fwd: Order 1', 'New: Order 2'])
})

test('[RN17] SIGTERM waits for the answer that is outstanding; the mail is not sent again', async () => {
  const { later, answer } = saysLater()
  world = await mailWorld({ inbox: [letter('Order 1')], smtp: { dot: (_, n) => (n === 1 ? { later } : undefined), keepAtDot: true } })
  await world.smtp.untilDots(1)
  const ended = world.product.kill('SIGTERM')
  await begunToStop()
  answer()
  expect(await ended).toBe(0)
  await world.startAgain()
  const [run] = await world.settled(1)
  expect(run?.state).toBe('done')
  expect((await world.product.run(run?.id ?? '')).sends.flatMap((send) => send.history.map((event) => event.what))).toEqual(['sent'])
  expect(world.smtp.accepted).toHaveLength(1)
})

test('[RN17] a server that hangs before the mail is handed over does not make it unknown at a stop', async () => {
  world = await mailWorld({ inbox: [letter('Order 1')], smtp: { mail: (_, n) => (n === 1 ? 'hang' : undefined) }, send: { onUnknown: 'park' } })
  await world.smtp.untilCommand(/^MAIL/)
  expect(await world.product.kill('SIGTERM')).toBe(0)
  await world.startAgain()
  const [run] = await world.settled(1)
  expect(run?.state).toBe('done')
  expect(world.smtp.accepted).toHaveLength(1)
})

test('[RN17] a stop while hundreds of mails wait for a server that hangs is not held up by them, and loses none', async () => {
  const mails = 200
  const { later, answer } = saysLater()
  world = await mailWorld({ inbox: Array.from({ length: mails }, (_, index) => letter(`Order ${index + 1}`)), smtp: { dot: (_, n) => (n <= 5 ? { later } : undefined), keepAtDot: true } })
  await world.smtp.untilDots(5)
  await until(() => world.product.runs(), (runs) => runs.length >= runsInHand)
  const ended = world.product.kill('SIGTERM')
  await begunToStop()
  answer()
  expect(await ended).toBe(0)
  await world.startAgain()
  await world.settled(mails)
  expect(world.smtp.accepted).toHaveLength(mails)
  expect(messageIds(world.smtp).size).toBe(mails)
})

test('[RN17] stopped again and again in the middle of a drain, each mail arrives once', async () => {
  const mails = 200
  world = await mailWorld({ inbox: Array.from({ length: mails }, (_, index) => letter(`Order ${index + 1}`)) })
  for (const accepted of [20, 80, 140]) {
    await until(() => world.smtp.accepted.length >= accepted)
    expect(await world.product.kill('SIGTERM')).toBe(0)
    await world.startAgain()
  }
  const runs = await world.settled(mails)
  expect(new Set(runs.map((run) => run.state))).toEqual(new Set(['done']))
  expect(world.smtp.accepted).toHaveLength(mails)
  expect(messageIds(world.smtp).size).toBe(mails)
  await until(() => world.unread() === 0)
})
