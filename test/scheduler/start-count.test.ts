/** What each start would mean, counted without taking anything: the numbers are those of the looks that follow. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { countStart } from '#runtime/scheduler/start-count.ts'
import { pop3Server } from '../servers/pop3-server.ts'
import { letter } from '../contracts/mailbox.contract.ts'
import { openOn } from '../mail/pop3/world.ts'
import { fakeMailbox } from './fake-mailbox.ts'
import { lookWorld, type LookWorld } from './look-world.ts'

let world: LookWorld
beforeEach(async () => { world = await lookWorld() })
afterEach(() => world.stop())
const count = (mailbox: Parameters<typeof countStart>[1], config: Parameters<LookWorld['trigger']>[0]) =>
  countStart(world.trigger(config), mailbox, world.store(), world.clock.now())

test('[RN143] a first start is counted for each answer: what is there, unread, taken by the step, and since its day', async () => {
  const mailbox = fakeMailbox()
  mailbox.arrive('old and read', { seen: true, receivedAt: '2026-10-01T00:00:00.000Z' })
  mailbox.arrive('old', { receivedAt: '2026-10-01T00:00:00.000Z' })
  mailbox.arrive('read', { seen: true })
  mailbox.arrive('new')
  const fresh = { saved: null, waiting: null, there: 4 }
  expect(await count(mailbox, { startFrom: 'now' })).toEqual({ ...fresh, unseen: 2, all: 2, since: null })
  expect(await count(mailbox, { unseenOnly: false, startFrom: '2026-11-01' })).toEqual({ ...fresh, unseen: 2, all: 4, since: 2 })
  expect(await count(mailbox, { startFrom: '2026-11-01' })).toMatchObject({ since: 1 })
  // As many as then run.
  const trigger = world.trigger({ startFrom: '2026-11-01', unseenOnly: false })
  await world.look(trigger, mailbox)
  expect(world.begun).toHaveLength(2)
})

test('[RN143] a step that ran before goes on: the mails that came since are counted, and the start it ran with is told', async () => {
  const mailbox = fakeMailbox()
  mailbox.arrive('before')
  await world.look(world.trigger({ startFrom: 'now' }), mailbox)
  expect(await count(mailbox, { startFrom: 'now' })).toMatchObject({ saved: 'now', waiting: 0 })
  mailbox.arrive('one')
  mailbox.arrive('two')
  expect(await count(mailbox, { startFrom: 'all' })).toEqual({ saved: 'now', waiting: 2, there: 3, unseen: 3, all: 3, since: null })
  await world.look(world.trigger({ startFrom: 'now' }), mailbox)
  expect(world.begun).toHaveLength(2)
  expect(await count(mailbox, { startFrom: 'now' })).toMatchObject({ waiting: 0 })
  mailbox.uidValidity = '8'
  expect(await count(mailbox, { startFrom: 'now' })).toMatchObject({ saved: 'now', waiting: null })
})

test('[RN143] a POP3 mailbox is counted too; all of its mail counts as unread, and none is deleted', async () => {
  const pop3 = await pop3Server({})
  try {
    for (const day of ['01 Oct', '20 Nov']) pop3.store.deliver('u0', letter('Mail', 'x', `Received: from a by b; ${day} 2026 10:00:00 +0000\r\n`))
    const mailbox = await openOn(pop3.account())
    expect(await count(mailbox, { startFrom: '2026-11-01', after: { do: 'leave' } })).toEqual({ saved: null, waiting: null, there: 2, unseen: 2, all: 2, since: 1 })
    expect(pop3.store.folder('u0', 'INBOX')?.mails).toHaveLength(2)
  } finally {
    await pop3.stop()
  }
})
