/** Answers that get lost after the dot, with a folder to look in: each mail arrives once, however late its server files it. */
import { afterEach, expect, test } from 'vitest'
import { until } from '../until.ts'
import { letter, mailWorld, messageIds, type World } from '../world.ts'

let world: World
afterEach(async () => { await world.stop() })

const probe = { onUnknown: 'probe', probe: { connection: 'inbox', forSeconds: 12 } }
/** Fewer than make the line rest, so that each is looked for at its time. */
const mails = 3

test('[SX166] the server takes each mail, breaks the line after the dot and files it late: none is sent twice', async () => {
  world = await mailWorld({ inbox: Array.from({ length: mails }, (_, at) => letter(`Order ${at + 1}`)), smtp: { dot: 'drop', keepAtDot: true }, send: probe })
  // Each was looked for in vain before the first is filed.
  await until(() => world.product.outbox(), ({ sends }) => sends.length === mails && sends.every(({ history }) => history.some(({ what }) => what === 'looked')))
  for (const { bytes } of world.smtp.accepted) world.imap.store.deliver('u0', bytes, { folder: 'Sent' })
  const runs = await world.settled(mails)
  expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['done']))
  expect(world.smtp.accepted).toHaveLength(mails)
  const { sends } = await world.product.outbox()
  expect(new Set(sends.map(({ history }) => history.at(-1)?.what))).toEqual(new Set(['probed']))
})

test('[SX166] where the server had not taken them, they are sent again after the last look, and arrive once', async () => {
  world = await mailWorld({ inbox: [letter('Order 1'), letter('Order 2')], smtp: { dot: (_, n) => (n <= 2 ? 'drop' : undefined) }, send: { ...probe, probe: { ...probe.probe, forSeconds: 1 } } })
  await world.settled(2)
  expect([...messageIds(world.smtp).values()]).toEqual([1, 1])
  const { sends } = await world.product.outbox()
  expect(sends.map(({ history }) => history.map(({ what }) => what))).toEqual(sends.map(() => ['unknown', 'looked', 'looked', 'looked', 'resent']))
})
