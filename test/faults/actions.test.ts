/** The process dies around a step that works in a mailbox: what was written is not asked again, what was not is done again and does no harm. */
import { afterEach, expect, test } from 'vitest'
import { actionFaultPoints } from '#runtime/faults.ts'
import { filingFlow } from '../engine/filing-flow.ts'
import { until } from '../until.ts'
import { letter, mailWorld, type World } from '../world.ts'

let world: World | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})

/** The flow's third such step moves or copies; the first two look and make a folder. */
const moments = actionFaultPoints.flatMap((point) => (['move', 'copy'] as const).map((action) => [`${point}:3`, action] as const))

test.each([...moments, ['after-action:2', 'move'] as const])('[RN71] killed at %s: the %s is done once, the mail is sent once', async (point, action) => {
  world = await mailWorld({ flow: filingFlow({ do: action }), inbox: [letter('Order 1')], crashAt: point })
  expect(await world.product.ended).toBe('SIGKILL')
  expect(world.smtp.accepted).toHaveLength(0)
  await world.startAgain()
  const [run] = await world.settled(1)
  expect(run?.state).toBe('done')
  expect(world.subjects()).toEqual(['Fwd: Order 1, 0 before it, the last'])
  const { imap, product } = world
  expect(imap.store.folder('u0', 'Customers/client.example')?.mails).toHaveLength(1)
  expect(imap.store.folder('u0', 'INBOX')?.mails).toHaveLength(action === 'move' ? 0 : 1)
  const { steps } = await product.run(run?.id ?? '')
  expect(steps.map(({ node, state }) => `${node} ${state}`)).toEqual(['receive done', 'find done', 'folder done', 'change done', 'map done', 'send done'])
  // What the first process had written down stands; the folder it made without writing that down is found to be there.
  expect(steps[2]?.output).toMatchObject({ made: point !== 'after-action:2' })
  await until(async () => (await product.run(run?.id ?? '')).settle.state !== 'pending')
})
