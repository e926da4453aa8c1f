/** What one look takes: each mail once, oldest first, from where the flow was told to start. */
import { cp, rm } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { flowId } from '#shared/ids.ts'
import { makeHand } from '#runtime/engine/hand.ts'
import { fetchChunk } from '#runtime/limits.ts'
import { acceptReset, type Looked, lookFor } from '#runtime/scheduler/look.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import { keyOf, type Trigger, triggersOf } from '#runtime/scheduler/trigger.ts'
import { dropFolder, makeFolder } from '../product.ts'
import { until } from '../until.ts'
import { fakeMailbox, type FakeMailbox } from './fake-mailbox.ts'
import { type LookWorld, lookWorld } from './look-world.ts'

let world: LookWorld
let mailbox: FakeMailbox
beforeEach(async () => {
  world = await lookWorld()
  mailbox = fakeMailbox()
})
afterEach(() => world.stop())
const trigger: LookWorld['trigger'] = (...about) => world.trigger(...about)
const look = (which: Trigger) => world.look(which, mailbox)
const uids = () => world.uids()

test('[RN4] at most 5 per look, the oldest first, the rest at the next look even if newer mail came', async () => {
  for (let n = 1; n <= 10; n += 1) mailbox.arrive(`mail ${n}`)
  const five = trigger({ maxEmails: 5 })
  expect(await look(five)).toMatchObject({ runs: 5, more: 5 })
  expect(uids()).toEqual([1, 2, 3, 4, 5])
  mailbox.arrive('newer')
  await look(five)
  expect(uids()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  await look(five)
  expect(uids().at(-1)).toBe(11)
})

test('[RN1] a mail still unread, or marked unread again, makes no second run; nor does a second look or a restart', async () => {
  mailbox.arrive('one')
  await look(trigger())
  await look(trigger())
  await world.restart()
  await look(trigger())
  expect(uids()).toEqual([1])
})

test('[RN1] two flows on one mailbox each get their run of the mail', async () => {
  await world.store().deployFlow({ flow: flowId('g'), name: 'G', json: '{}', at: world.clock.now() })
  mailbox.arrive('one')
  await look(trigger())
  await look(trigger({}, { flow: flowId('g') }))
  expect(world.begun.map((run) => run.flow)).toEqual(['f', 'g'])
  expect(new Set(world.begun.map((run) => run.mail)).size).toBe(1)
})

test('[RN1] without the unread filter everything behind the cursor runs once, read or not', async () => {
  mailbox.arrive('read', { seen: true })
  mailbox.arrive('unread')
  const all = trigger({ unseenOnly: false })
  await look(all)
  await look(all)
  expect(uids()).toEqual([1, 2])
})

test('[RN5] now: what waited before the first look stays as it is; what comes later runs', async () => {
  mailbox.arrive('old')
  const fromNow = trigger({ startFrom: 'now' })
  expect(await look(fromNow)).toMatchObject({ runs: 0, more: 0 })
  mailbox.arrive('new')
  await look(fromNow)
  expect(uids()).toEqual([2])
})

test('[RN30] in a mailbox whose mails have names and no order, what waited at the start is passed over by name', async () => {
  for (const subject of ['a', 'b', 'c']) mailbox.arrive(subject)
  // No first UID, a cursor means nothing, and the list may come in any order.
  const ordered = mailbox.look
  mailbox.baseline = async () => ({ firstUid: '', passed: (await mailbox.look({ unseenOnly: false, firstUid: '', cursor: '', since: '' })).map((uid) => ({ uid, size: 40 })) })
  mailbox.look = async (filter) => (await ordered({ ...filter, cursor: '' })).toReversed()
  const fromNow = trigger({ startFrom: 'now', unseenOnly: false })
  expect(await look(fromNow)).toMatchObject({ runs: 0, more: 0 })
  mailbox.arrive('d')
  mailbox.arrive('e')
  await look(fromNow)
  await look(trigger({ startFrom: 'now', unseenOnly: false }))
  expect(uids()).toEqual([5, 4])
  await look(trigger({ startFrom: 'all', unseenOnly: false }))
  expect(uids().toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4, 5])
})

/** As POP3: names without order, and a size with each. */
function unordered(): void {
  const bySize = new Map<string, number>()
  const look = mailbox.look
  mailbox.look = async (filter) => {
    const uids = await look({ ...filter, firstUid: '', cursor: '' })
    for await (const { uid, size } of mailbox.fingerprints(uids)) bySize.set(uid, size)
    return uids
  }
  mailbox.sizeOf = (uid) => bySize.get(uid) ?? 0
}
/** The server gives the name of its n-th mail to another one. */
const rename = (n: number, subject: string): void => { mailbox.mails[n] = { uid: n + 1, subject, seen: false, receivedAt: '2026-11-20T11:30:00.000Z' } }

test('[RN35] a name that the server gave to another mail is found by its size: the other mail runs once and is settled, the first one is let be', async () => {
  unordered()
  for (const subject of ['a', 'b', 'c']) mailbox.arrive(subject)
  const flow = () => trigger({ unseenOnly: false, maxEmails: -1, after: { do: 'flag' } })
  await look(flow())
  rename(1, 'a longer one')
  await look(flow())
  await look(flow())
  await world.restart()
  await look(flow())
  expect(world.begun.map((run) => run.uid.slice(0, 7))).toEqual(['1', '2', '3', 'sha256:'])
  expect(new Set(world.begun.map((run) => run.mail)).size).toBe(4)
  await world.finish(() => '')
  await world.settle(flow(), mailbox)
  expect(mailbox.settled.flatMap((one) => one.uids).toSorted()).toEqual(['1', '2', '3'])
  const settles = await Promise.all(world.begun.map(async (run) => (await world.store().run(run.id))?.settle))
  expect(settles.map((one) => one?.state)).toEqual(['done', 'gone', 'done', 'done'])
})

test('[RN35] a name that was passed over at the start and is another mail now runs', async () => {
  unordered()
  mailbox.arrive('old')
  mailbox.baseline = async () => ({ firstUid: '', passed: (await mailbox.look({ unseenOnly: false, firstUid: '', cursor: '', since: '' })).map((uid) => ({ uid, size: mailbox.sizeOf(uid) ?? 0 })) })
  const fromNow = () => trigger({ startFrom: 'now', unseenOnly: false })
  await look(fromNow())
  await look(fromNow())
  expect(world.begun).toEqual([])
  rename(0, 'something new')
  await look(fromNow())
  await look(fromNow())
  expect(world.begun).toHaveLength(1)
})

test('[RN35] a server whose sizes are estimates costs a few fetches a start, and no second run', async () => {
  unordered()
  for (let n = 0; n < 100; n += 1) mailbox.arrive(`mail ${n}`)
  mailbox.sizeOf = () => 1000
  let fetched = 0
  const fetch = mailbox.fetch
  mailbox.fetch = (uids, ...more) => { fetched += uids.length; return fetch(uids, ...more) }
  const every = trigger({ unseenOnly: false, maxEmails: -1 })
  for (let n = 0; n < 20; n += 1) await look(every)
  expect(world.begun).toHaveLength(100)
  expect(fetched).toBeLessThan(130)
})

test('[RN36] a restored older copy of the data folder runs again only what it does not know and what still waits unread, under the same run id', async () => {
  mailbox.arrive('before the copy')
  await look(trigger())
  const copy = await makeFolder()
  await world.restart(() => cp(world.folder, copy, { recursive: true }))
  mailbox.arrive('after it, read since')
  mailbox.arrive('after it, unread')
  await look(trigger())
  const [, read, unread] = mailbox.mails
  if (read) read.seen = true
  await world.restart(async () => {
    await rm(world.folder, { recursive: true })
    await cp(copy, world.folder, { recursive: true })
  })
  await look(trigger())
  await dropFolder(copy)
  expect(uids()).toEqual([1, 2, 3, unread?.uid])
  expect(world.begun[3]?.id).toBe(world.begun[2]?.id)
})

test('[RN37] a flow deployed on another folder and back goes on where it was: what came meanwhile runs, what ran does not', async () => {
  const other = fakeMailbox()
  mailbox.arrive('one')
  other.arrive('elsewhere')
  await look(trigger())
  await world.look(trigger({ folder: 'Other' }, { version: 2 }), other)
  mailbox.arrive('two')
  await look(trigger({}, { version: 3 }))
  expect(world.begun.map((run) => `${run.folder} ${run.uid}`)).toEqual(['INBOX 1', 'Other 1', 'INBOX 2'])
})

test('[RN39] the newest first: a look takes the newest, the rest follows, and none is passed by', async () => {
  for (let n = 1; n <= 7; n += 1) mailbox.arrive(`mail ${n}`)
  const newest = () => trigger({ order: 'newest', maxEmails: 3, unseenOnly: false })
  await look(newest())
  await world.restart()
  mailbox.arrive('newer')
  await look(newest())
  await look(newest())
  expect(uids()).toEqual([7, 6, 5, 8, 4, 3, 2, 1])
})

test('[RN40] unseen: what is unread at the start runs, what has been read does not, even marked unread later; then all that comes', async () => {
  mailbox.arrive('read', { seen: true })
  mailbox.arrive('unread')
  const unseen = () => trigger({ startFrom: 'unseen' })
  await look(unseen())
  for (const mail of mailbox.mails) mail.seen = false
  mailbox.arrive('new')
  await look(unseen())
  expect(uids()).toEqual([2, 3])
})

test('[RN41] one receive step on several mailboxes is one trigger for each, with the same settings', () => {
  const config = receiveEmail.config.parse({ connection: 'inbox', maxEmails: 7, also: [{ connection: 'inbox', folder: 'Orders' }, { connection: 'other' }] })
  const made = triggersOf({ id: flowId('f'), name: 'F', edges: [], nodes: [{ id: trigger().node, kind: 'receive-email', name: '', config }] }, 1, '')
  expect(made.map((one) => `${keyOf(one).connection} ${keyOf(one).folder} ${one.config.maxEmails}`)).toEqual(['inbox INBOX 7', 'inbox Orders 7', 'other INBOX 7'])
})

test('[RN5] a date takes what was received since; a new start in a later deploy begins anew without running a mail twice', async () => {
  mailbox.arrive('old', { receivedAt: '2026-11-01T10:00:00.000Z' })
  mailbox.arrive('new', { receivedAt: '2026-11-19T10:00:00.000Z' })
  await look(trigger({ startFrom: '2026-11-10' }))
  expect(uids()).toEqual([2])
  await look(trigger({ startFrom: 'all' }))
  expect(uids()).toEqual([2, 1])
})

test('[RN3] a mail over the limit shows as a failed run and the next one flows', async () => {
  mailbox.arrive('huge', { size: 200 * 1024 * 1024 })
  mailbox.arrive('small')
  await look(trigger())
  await look(trigger())
  expect(uids()).toEqual([2])
  const { runs } = await world.store().runs({ limit: 10 })
  expect(runs.find((run) => run.state === 'failed')).toMatchObject({ problem: { code: 'MAIL_TOO_LARGE', say: expect.stringContaining('200 MB') as string } })
  expect(world.told.filter((event) => event.type === 'run.finished')).toHaveLength(1)
})

test('[RN1] when the line breaks in the middle of a fetch, what came whole runs at once and the rest at the next look', async () => {
  for (let n = 1; n <= 6; n += 1) mailbox.arrive(`mail ${n}`)
  const unbroken = mailbox.fetch
  mailbox.fetch = async function* fetch(...asked) {
    for await (const mail of unbroken(...asked)) {
      if (mail.uid === '4') throw fault('MAIL_CONNECTION_LOST', { host: 'x' })
      yield mail
    }
  }
  const all = trigger({ unseenOnly: false, maxEmails: -1 })
  await expect(look(all)).rejects.toMatchObject({ code: 'MAIL_CONNECTION_LOST' })
  expect(uids()).toEqual([1, 2, 3])
  expect((await world.store().trigger(keyOf(all)))?.cursor).toBe('3')
  mailbox.fetch = unbroken
  await look(all)
  expect(uids()).toEqual([1, 2, 3, 4, 5, 6])
})

test('[RN1] a mail that the server would not send is asked for again after a restart, however far the others have come', async () => {
  mailbox.arrive('one')
  mailbox.arrive('two')
  const honest = mailbox.fetch
  mailbox.fetch = async function* fetch(...asked) {
    for await (const mail of honest(...asked)) yield mail.uid === '1' ? { uid: '1', size: 9, code: 'MAIL_PROTOCOL', reason: 'not sent' } : mail
  }
  const all = trigger({ unseenOnly: false })
  await look(all)
  mailbox.arrive('three')
  await look(all)
  expect(uids()).toEqual([2, 3])
  mailbox.fetch = honest
  await look(trigger({ unseenOnly: false }))
  expect(uids()).toEqual([2, 3, 1])
})

test('[RN15] a folder with none of the known mails under a new UIDVALIDITY stops the reading; stopped and deployed again it goes on from now', async () => {
  mailbox.arrive('one')
  await look(trigger())
  mailbox.uidValidity = '8'
  mailbox.mails.splice(0)
  mailbox.arrive('of another folder', { receivedAt: '2025-01-01T10:00:00.000Z' })
  await expect(look(trigger())).rejects.toMatchObject({ code: 'MAIL_UID_RESET' })
  await expect(look(trigger())).rejects.toMatchObject({ code: 'MAIL_UID_RESET' })
  expect((await world.store().trigger(keyOf(trigger())))?.resetSeen).toBe('8')
  await acceptReset(trigger(), world.store())
  const again = trigger()
  expect((await look(again)).runs).toBe(0)
  mailbox.arrive('after')
  await look(again)
  expect(uids()).toEqual([1, 3])
})

test('[RX114] a server that names a mail it never had does not move the cursor past the mail to come', async () => {
  mailbox.arrive('one')
  const honest = mailbox.look
  mailbox.look = async (filter) => [...await honest(filter), '4294967295']
  await look(trigger())
  await world.restart()
  mailbox.look = honest
  mailbox.arrive('two')
  await look(trigger())
  expect(uids()).toEqual([1, 2])
})

test('[RN49] "all" drains a mailbox in one look, oldest first, and each chunk is fetched only when the engine has room', async () => {
  const mails = 4 * fetchChunk + 7
  for (let count = 0; count < mails; count += 1) mailbox.arrive(`mail ${count}`)
  const hand = makeHand({ runs: fetchChunk + 10, bytes: 1e9 })
  const begun: number[] = []
  const chunks: { readonly mails: number; readonly inHand: number; readonly begun: number }[] = []
  const { fetch } = mailbox
  mailbox.fetch = (asked, ...how) => {
    chunks.push({ mails: asked.length, inHand: hand.count(), begun: begun.length })
    return fetch(asked, ...how)
  }
  const whole = trigger({ maxEmails: -1 })
  let looked: Looked | null = null
  const looking = lookFor(whole, mailbox, {
    store: world.store(), clock: world.clock, events: makeEventStream(), signal: new AbortController().signal, alive: () => {}, between: () => Promise.resolve(),
    engine: { hand, begin: (runs) => { for (const run of runs) { hand.take(1); begun.push(Number(run.uid)) } } },
  }).then((result) => { looked = result })
  // Mails go out only when nothing more is taken in.
  while (looked === null) {
    await until(() => looked !== null || hand.count() >= fetchChunk + 10)
    while (hand.count() >= fetchChunk) hand.release(1)
  }
  await looking
  expect(looked).toMatchObject({ runs: mails, more: 0 })
  expect(begun).toEqual(Array.from({ length: mails }, (_, index) => index + 1))
  expect(chunks.map((chunk) => chunk.mails)).toEqual([fetchChunk, fetchChunk, fetchChunk, fetchChunk, 7])
  expect(chunks.map((chunk) => chunk.begun)).toEqual([0, 1, 2, 3, 4].map((count) => count * fetchChunk))
  expect(Math.max(...chunks.map((chunk) => chunk.inHand))).toBeLessThan(fetchChunk + 10)
})
