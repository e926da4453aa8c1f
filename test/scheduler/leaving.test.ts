/** A mailbox that no flow reads any more still owes its mails their last step: a mail that was sent is not left unread for the next flow. */
import { expect, test } from 'vitest'
import { until } from '../until.ts'
import { type Act } from '../servers/smtp-server.ts'
import { forwardFlow, letter, mailWorld } from '../world.ts'

for (const [what, leave] of [
  ['stopped', (world: Awaited<ReturnType<typeof mailWorld>>) => world.product.api('POST', '/api/flows/forward/stop', {})],
  ['deployed on another folder', (world: Awaited<ReturnType<typeof mailWorld>>) => world.product.deploy(forwardFlow({ folder: 'Archive' }))],
] as const) {
  test(`[RN23] a flow that is ${what} while a mail is on its way still marks that mail`, async () => {
    const { promise: later, resolve: answer } = Promise.withResolvers<Act>()
    const world = await mailWorld({ inbox: [letter('Order 1')], smtp: { dot: () => ({ later }) } })
    try {
      world.imap.store.makeFolder('u0', 'Archive')
      await world.smtp.untilDots(1)
      await leave(world)
      answer('250 ok')
      await world.settled(1)
      await until(() => world.unread() === 0)
      expect((await world.product.runs()).map((run) => run.state)).toEqual(['done'])
    } finally {
      await world.stop()
    }
  })
}
