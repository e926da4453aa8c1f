/** "Delete after so many days" is kept on its day: over restarts, redeploys and by either protocol, and never before. */
import { expect, onTestFinished, test } from 'vitest'
import { makeEventStream } from '#shared/events.ts'
import { connectionId } from '#shared/ids.ts'
import type { After } from '#shared/nodes/receive-email.ts'
import { settleDue } from '#runtime/scheduler/settle.ts'
import { mailboxes } from '../contracts/mailbox-beds.ts'
import { letter } from '../contracts/mailbox.contract.ts'
import { imapServer } from '../servers/imap-server.ts'
import { pop3Server } from '../servers/pop3-server.ts'
import { lookWorld } from './look-world.ts'

const dayMs = 24 * 3600_000

for (const [kind, start] of [['IMAP', imapServer], ['POP3', pop3Server]] as const) {
  test(`[RN48] mails that ran are deleted on their day, after restarts and though the flow says otherwise by then: ${kind}`, async () => {
    const server = await start()
    onTestFinished(() => server.stop())
    const world = await lookWorld()
    onTestFinished(() => world.stop())
    const afterOf = new Map<number, After>([[1, { do: 'delete', days: 3 }], [2, { do: 'leave' }]])
    const trigger = (version: number) => world.trigger({ unseenOnly: false, maxEmails: -1 }, { version })
    const left = () => (server.store.folder('u0', 'INBOX')?.mails ?? []).map((mail) => /Subject: (.*)\r/.exec(mail.bytes.toString())?.[1])
    /** One look and the last steps that are due, on a line of its own as after a restart. */
    async function visit(version: number): Promise<void> {
      const mailbox = await mailboxes.open(server.account(), 'INBOX', new AbortController().signal)
      await world.look(trigger(version), mailbox)
      await world.finish(() => '')
      await settleDue(mailbox, connectionId('inbox'), 'INBOX', {
        store: world.store(), clock: world.clock, events: makeEventStream(),
        versions: { get: (flow, of) => Promise.resolve({ id: flow, name: flow, edges: [], nodes: [{ id: trigger(of).node, kind: 'receive-email', name: '', config: { ...trigger(of).config, after: afterOf.get(of) ?? { do: 'leave' } } }] }) },
      })
      await mailbox.close()
    }
    const settles = () => Promise.all(world.begun.map(async (run) => (await world.store().run(run.id))?.settle.state))

    server.store.deliver('u0', letter('One'))
    server.store.deliver('u0', letter('Two'))
    await visit(1)
    expect([left(), await settles()]).toEqual([['One', 'Two'], ['pending', 'pending']])

    await world.restart()
    world.clock.jump(2 * dayMs)
    server.store.deliver('u0', letter('Of the second version'))
    await visit(2)
    expect([left(), await settles()]).toEqual([['One', 'Two', 'Of the second version'], ['pending', 'pending', 'done']])

    await world.restart()
    world.clock.jump(dayMs + 1)
    await visit(2)
    expect([left(), await settles()]).toEqual([['Of the second version'], ['done', 'done', 'done']])
    expect(world.begun).toHaveLength(3)
  })
}
