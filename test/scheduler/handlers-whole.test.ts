/** From a mailbox in trouble to the mail that tells of it, through the whole product. */
import { expect, test } from 'vitest'
import { flowSchema } from '#shared/flow.ts'
import { until } from '../until.ts'
import { mailWorld } from '../world.ts'

test('[RN100] the end of the program is told by mail, at the next start if not at once', async () => {
  const world = await mailWorld()
  try {
    await world.product.deploy(flowSchema.parse({
      format: 1, id: 'alarm', name: 'Alarm',
      nodes: [
        { id: 'trouble', kind: 'mailbox-event', config: { mailboxes: 'all' } },
        { id: 'map', kind: 'map-data', config: { rows: [{ to: 'to', value: 'ops@dest.example' }, { to: 'subject', from: ['trouble.summary'] }, { to: 'text', from: ['trouble.say'] }] } },
        { id: 'send', kind: 'send-email', config: { connection: 'outbox', from: 'desk@example.org' } },
      ],
      edges: [{ from: 'trouble', to: 'map' }, { from: 'map', to: 'send' }],
    }))
    await world.restart('SIGTERM')
    await until(() => world.subjects().length, (count) => count === 1)
    expect(world.subjects()).toEqual(['Mailbox inbox / INBOX is no longer watched'])
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ start: 'event', flow: 'alarm', state: 'done', mail: { subject: 'Mailbox inbox / INBOX is no longer watched' } })
    expect(String(world.smtp.accepted[0]?.bytes)).toContain('Mailweave is being stopped.')
  } finally {
    await world.stop()
  }
})
