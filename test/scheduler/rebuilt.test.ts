/** Folders that were rebuilt, restored or moved: what ran never runs again, what is new runs, and mails are settled by their new names. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { flowId } from '#shared/ids.ts'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import type { OpenMailbox } from '#runtime/mail/mailbox.ts'
import { letter } from '../contracts/mailbox.contract.ts'
import { imapServer, type ImapServer } from '../servers/imap-server.ts'
import { fakeMailbox, type FakeMailbox } from './fake-mailbox.ts'
import { type LookWorld, lookWorld } from './look-world.ts'

let world: LookWorld
const cleanups: (() => Promise<void>)[] = []
beforeEach(async () => { world = await lookWorld() })
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  await world.stop()
})

async function serve(): Promise<ImapServer> {
  const server = await imapServer()
  cleanups.push(() => server.stop())
  return server
}
async function open(server: ImapServer, user: string): Promise<OpenMailbox> {
  const mailbox = await imapAdapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog }).open(server.account({ user }), 'INBOX', new AbortController().signal)
  cleanups.push(() => mailbox.close())
  return mailbox
}
/** The same mails under another UIDVALIDITY, numbered anew behind these. */
function rebuild(mailbox: FakeMailbox, before: readonly string[] = []): void {
  const mails = mailbox.mails.splice(0)
  mailbox.uidValidity = `${Number(mailbox.uidValidity) + 1}`
  for (const subject of before) mailbox.arrive(subject, { receivedAt: '2020-01-01T00:00:00.000Z' })
  for (const { subject, seen, receivedAt, messageId = '' } of mails) mailbox.arrive(subject, { seen, receivedAt, messageId })
}
const arriveMany = (mailbox: FakeMailbox, count: number, from = 1): void => {
  for (let n = from; n < from + count; n += 1) mailbox.arrive(`Mail ${n}`, { messageId: `m${n}@example.org`, receivedAt: new Date(Date.UTC(2026, 10, 20, 8, 0, n)).toISOString() })
}
const everything = { unseenOnly: false, maxEmails: -1 } as const
const nameOf = (mailbox: FakeMailbox) => ({ uid }: { readonly uid: string }) => `<${mailbox.mails.find((mail) => String(mail.uid) === uid)?.messageId ?? ''}>`

test('[RN31] a rebuilt folder of 3,000 mails is recognised: only what is new runs, and mails are settled under their new UIDs', async () => {
  const server = await serve()
  const letters = Array.from({ length: 3000 }, (_, n) => letter(`Mail ${n}`))
  for (const [n, bytes] of letters.entries()) server.store.deliver('u0', bytes, { receivedAt: new Date(Date.UTC(2026, 9, 1, 0, 0, n)).toISOString() })
  const trigger = world.trigger({ ...everything, after: { do: 'flag' } })
  expect((await world.look(trigger, await open(server, 'u0'))).runs).toBe(3000)
  await world.finish((run) => `<mail-${Number(run.uid) - 1}@example.org>`)

  // Old mail that never ran lies before, three new ones behind, and the server lost the times of arrival.
  server.store.deliver('u1', letter('Something old'))
  for (const bytes of letters) server.store.deliver('u1', bytes)
  for (const subject of ['New 1', 'New 2', 'New 3']) server.store.deliver('u1', letter(subject))
  const rebuilt = await open(server, 'u1')
  const first = world.trigger({ ...everything, startFrom: 'all', after: { do: 'flag' } })
  expect((await world.look(first, rebuilt)).runs).toBe(4)
  expect(world.uids().slice(3000)).toEqual([1, 3002, 3003, 3004])
  await world.restart()
  expect((await world.look(first, rebuilt)).runs).toBe(0)
  await world.settle(trigger, rebuilt)
  const flagged = server.store.folder('u1', 'INBOX')?.mails.filter((mail) => mail.flags.has('\\Flagged')).map((mail) => mail.uid) ?? []
  expect([flagged.length, flagged[0], flagged.at(-1)]).toEqual([3000, 2, 3001])
})

test('[RN31] what lay in the folder before the flow was switched on stays none of its business, wherever the new UIDs put it', async () => {
  const mailbox = fakeMailbox()
  arriveMany(mailbox, 100)
  const trigger = world.trigger({ ...everything, startFrom: 'now' })
  await world.look(trigger, mailbox)
  arriveMany(mailbox, 5, 101)
  await world.look(trigger, mailbox)
  await world.finish(nameOf(mailbox))
  rebuild(mailbox, ['even older'])
  arriveMany(mailbox, 1, 106)
  expect((await world.look(trigger, mailbox)).runs).toBe(1)
  expect(world.begun).toHaveLength(6)
  expect((await world.look(trigger, mailbox)).runs).toBe(0)
})

test('[RN31] two rebuilds in a row, and two flows that share the mailbox: none runs a mail again', async () => {
  const mailbox = fakeMailbox()
  arriveMany(mailbox, 30)
  await world.store().deployFlow({ flow: flowId('g'), name: 'G', json: '{}', at: world.clock.now() })
  const flows = [world.trigger(everything), world.trigger(everything, { flow: flowId('g') })]
  const runs = async () => {
    let made = 0
    for (const trigger of flows) made += (await world.look(trigger, mailbox)).runs
    await world.finish(nameOf(mailbox))
    return made
  }
  expect(await runs()).toBe(60)
  rebuild(mailbox)
  expect(await runs()).toBe(0)
  rebuild(mailbox)
  arriveMany(mailbox, 1, 31)
  expect(await runs()).toBe(2)
})

test.for<[string, (mailbox: FakeMailbox) => void]>([
  ['mails nobody knows', (mailbox) => { mailbox.mails.splice(0); for (let n = 0; n < 10; n += 1) mailbox.arrive(`Other ${n}`, { messageId: `o${n}@example.org`, receivedAt: '2026-01-01T00:00:00.000Z' }) }],
  ['a forged Message-ID on other bytes', (mailbox) => { mailbox.mails.splice(0); for (let n = 1; n <= 10; n += 1) mailbox.arrive(`Forged number ${n}`, { messageId: `m${n}@example.org`, receivedAt: '2026-01-01T00:00:00.000Z' }) }],
  ['too few of the known', (mailbox) => { mailbox.mails.splice(5); for (let n = 0; n < 10; n += 1) mailbox.arrive(`Other ${n}`, { messageId: `o${n}@example.org`, receivedAt: '2026-01-01T00:00:00.000Z' }) }],
  ['thousands more than are known', (mailbox) => { arriveMany(mailbox, 2000, 100) }],
])('[RN32] a folder with %s is not taken for the one we know: nothing runs until a person says so', async ([, change]) => {
  const mailbox = fakeMailbox()
  arriveMany(mailbox, 10)
  await world.look(world.trigger(everything), mailbox)
  await world.finish(nameOf(mailbox))
  change(mailbox)
  mailbox.uidValidity = '8'
  await expect(world.look(world.trigger(everything), mailbox)).rejects.toMatchObject({ code: 'MAIL_UID_RESET' })
  await expect(world.look(world.trigger(everything), mailbox)).rejects.toMatchObject({ code: 'MAIL_UID_RESET' })
  expect(world.begun).toHaveLength(10)
})

test('[RN33] a folder that is looked at while it is being restored is recognised as it fills, and what is restored later does not run again', async () => {
  const mailbox = fakeMailbox()
  arriveMany(mailbox, 60)
  await world.look(world.trigger(everything), mailbox)
  await world.finish(nameOf(mailbox))
  const mails = mailbox.mails.splice(0)
  const restore = (from: number, to: number) => { for (const { subject, receivedAt, messageId = '' } of mails.slice(from, to)) mailbox.arrive(subject, { receivedAt, messageId }) }
  mailbox.uidValidity = '8'
  await expect(world.look(world.trigger(everything), mailbox)).rejects.toMatchObject({ code: 'MAIL_UID_RESET' })
  restore(0, 25)
  expect((await world.look(world.trigger(everything), mailbox)).runs).toBe(0)
  restore(25, 60)
  arriveMany(mailbox, 1, 61)
  expect((await world.look(world.trigger(everything), mailbox)).runs).toBe(1)
  expect((await world.look(world.trigger(everything), mailbox)).runs).toBe(0)
  // Names that were learnt late are kept.
  await world.restart()
  world.clock.pass(25 * 3600_000)
  expect((await world.look(world.trigger(everything), mailbox)).runs).toBe(0)
})
