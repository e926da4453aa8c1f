/** A search on a trigger: what matches later runs later, what ran never again, and a changed search asks anew. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fakeMailbox, type FakeMailbox } from './fake-mailbox.ts'
import { lookWorld, type LookWorld } from './look-world.ts'

let world: LookWorld
let mailbox: FakeMailbox
beforeEach(async () => { world = await lookWorld(); mailbox = fakeMailbox() })
afterEach(() => world.stop())

const flag = (uid: number, flagged = true): void => { for (const mail of mailbox.mails) if (mail.uid === uid) mail.flagged = flagged }
const cursors = (): readonly string[] => mailbox.asked.map((filter) => filter.cursor)

test('[RX141] a mail that is flagged later runs then, also behind newer ones that ran; taking the flag off and on runs it no second time', async () => {
  const flagged = world.trigger({ unseenOnly: false, search: { flagged: true } })
  for (const subject of ['one', 'two', 'three']) mailbox.arrive(subject)
  flag(3)
  await world.look(flagged, mailbox)
  flag(1)
  await world.look(flagged, mailbox)
  expect(world.uids()).toEqual([3, 1])
  flag(3, false)
  await world.look(flagged, mailbox)
  flag(3)
  await world.restart()
  await world.look(flagged, mailbox)
  expect(world.uids()).toEqual([3, 1])
})

test('[RX141] with "only unread" a mail marked unread again later is searched too, and runs once', async () => {
  const unread = world.trigger({ search: { subject: 'order' } })
  mailbox.arrive('order 1', { seen: true })
  mailbox.arrive('order 2')
  await world.look(unread, mailbox)
  for (const mail of mailbox.mails) mail.seen = false
  await world.look(unread, mailbox)
  await world.look(unread, mailbox)
  expect(world.uids()).toEqual([2, 1])
})

test('[RX142] what of a mail never changes is asked once: a look goes on behind what was judged, and from the start after a restart', async () => {
  const orders = world.trigger({ unseenOnly: false, maxEmails: 2, search: { subject: 'order' } })
  for (const subject of ['order 1', 'other', 'order 3', 'order 4']) mailbox.arrive(subject)
  await world.look(orders, mailbox)
  await world.look(orders, mailbox)
  await world.look(orders, mailbox)
  mailbox.arrive('order 5')
  await world.look(orders, mailbox)
  expect(world.uids()).toEqual([1, 3, 4, 5])
  expect(cursors()).toEqual(['', '3', '4', '4'])
  await world.restart()
  await world.look(world.trigger({ unseenOnly: false, search: { subject: 'order' } }), mailbox)
  expect(world.uids()).toEqual([1, 3, 4, 5])
  expect(cursors().at(-1)).toBe('')
})

test('[RX143] a changed search, or none, takes the mails since the start of the flow that have not run', async () => {
  for (const subject of ['order 1', 'invoice 2', 'order 3']) mailbox.arrive(subject)
  await world.look(world.trigger({ unseenOnly: false, search: { subject: 'order' } }), mailbox)
  await world.look(world.trigger({ unseenOnly: false, search: { subject: 'invoice' } }, { version: 2 }), mailbox)
  expect(world.uids()).toEqual([1, 3, 2])
  mailbox.arrive('other 4')
  await world.look(world.trigger({ unseenOnly: false, search: { subject: 'invoice' } }, { version: 2 }), mailbox)
  await world.look(world.trigger({ unseenOnly: false }, { version: 3 }), mailbox)
  expect(world.uids()).toEqual([1, 3, 2, 4])
})

test('[RX143] mail that was there before a flow that starts now runs neither when it is flagged later nor by another search', async () => {
  mailbox.arrive('order 1')
  await world.look(world.trigger({ unseenOnly: false, startFrom: 'now', search: { flagged: true } }), mailbox)
  flag(1)
  await world.look(world.trigger({ unseenOnly: false, startFrom: 'now', search: { flagged: true } }), mailbox)
  await world.look(world.trigger({ unseenOnly: false, startFrom: 'now', search: { subject: 'order' } }, { version: 2 }), mailbox)
  expect(world.uids()).toEqual([])
})

test('[RX142] the last so many days are counted anew at each look, in the UTC calendar', async () => {
  const recent = world.trigger({ unseenOnly: false, search: { withinDays: 2 } })
  await world.look(recent, mailbox)
  world.clock.pass(3 * 24 * 3600_000)
  await world.look(recent, mailbox)
  const [first = '', second = ''] = mailbox.asked.map((filter) => filter.search?.since ?? '')
  expect(Date.parse(second) - Date.parse(first)).toBe(3 * 24 * 3600_000)
})
