/** `now` on a mailbox that another flow has long been watching: what came since it was opened is not the new flow's business. */
import { expect, test } from 'vitest'
import type { MailboxStatus } from '#shared/connection.ts'
import { flowId } from '#shared/ids.ts'
import { until } from '../until.ts'
import { forwardFlow, letter, mailWorld } from '../world.ts'

test('[RN22] a flow that starts from now leaves alone what came before its deploy, though the mailbox was open all the while', async () => {
  const world = await mailWorld()
  const mailbox = async (): Promise<MailboxStatus | undefined> => (await world.product.api<{ mailboxes: readonly MailboxStatus[] }>('GET', '/api/mailboxes')).mailboxes[0]
  const looked = async (): Promise<void> => {
    const before = (await mailbox())?.lastLookAt
    await until(mailbox, (now) => now?.lastLookAt !== before)
  }
  try {
    await until(mailbox, (now) => typeof now?.lastLookAt === 'string')
    world.arrive(letter('before the second flow'))
    await world.settled(1)
    await world.product.deploy({ ...forwardFlow({ startFrom: 'now', unseenOnly: false }), id: flowId('second') })
    await until(mailbox, (now) => now?.flows.includes('second') === true)
    // The first of these may have begun before the deploy.
    await looked()
    await looked()
    world.arrive(letter('after it'))
    const runs = await until(() => world.product.runs(), (all) => all.length >= 3 && all.every((run) => run.state === 'done'))
    expect(runs.map((run) => `${run.flow}: ${run.mail.subject}`).toSorted()).toEqual(['forward: after it', 'forward: before the second flow', 'second: after it'])
  } finally {
    await world.stop()
  }
})
