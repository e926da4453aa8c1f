/** What one look takes: each mail once, oldest first, from where the flow was told to start. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeEventStream, type MailweaveEvent } from '#shared/events.ts'
import { fault } from '#shared/errors.ts'
import { flowId, nodeId } from '#shared/ids.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import { makeHand } from '#runtime/engine/hand.ts'
import { silentLog } from '#runtime/log.ts'
import { acceptReset, lookFor } from '#runtime/scheduler/look.ts'
import { keyOf, type Trigger } from '#runtime/scheduler/trigger.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { ClaimedRun, Store } from '#runtime/store/store.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { dropFolder, makeFolder } from '../product.ts'
import { fakeMailbox, type FakeMailbox } from './fake-mailbox.ts'

const clock = fakeClock()
let folder: string
let store: Store
let mailbox: FakeMailbox
let begun: ClaimedRun[]
let told: MailweaveEvent[]

beforeEach(async () => {
  folder = await makeFolder()
  store = await openSqliteStore(folder, { clock, log: silentLog })
  await store.deployFlow({ flow: flowId('f'), name: 'F', json: '{}', at: clock.now() })
  mailbox = fakeMailbox()
  begun = []
  told = []
})
afterEach(async () => {
  await store.close()
  await dropFolder(folder)
})

const trigger = (config: Partial<Trigger['config']> = {}, over: Partial<Trigger> = {}): Trigger => ({
  flow: flowId('f'), node: nodeId('receive'), version: 1, deployedAt: clock.now(), leftOut: new Map(),
  config: receiveEmail.config.parse({ connection: 'inbox', startFrom: 'all', ...config }), ...over,
})
const look = (which: Trigger) => {
  const events = makeEventStream()
  events.subscribe((event) => { told.push(event) })
  const hand = makeHand({ runs: 100, bytes: 1e9 })
  return lookFor(which, mailbox, { store, events, clock, engine: { hand, begin: (runs) => { begun.push(...runs) } }, signal: new AbortController().signal, alive: () => {}, between: () => Promise.resolve() })
}
const uids = () => begun.map((run) => Number(run.uid))

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
  await store.close()
  store = await openSqliteStore(folder, { clock, log: silentLog })
  await look(trigger())
  expect(uids()).toEqual([1])
})

test('[RN1] two flows on one mailbox each get their run of the mail', async () => {
  await store.deployFlow({ flow: flowId('g'), name: 'G', json: '{}', at: clock.now() })
  mailbox.arrive('one')
  await look(trigger())
  await look(trigger({}, { flow: flowId('g') }))
  expect(begun.map((run) => run.flow)).toEqual(['f', 'g'])
  expect(new Set(begun.map((run) => run.mail)).size).toBe(1)
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
  // As POP3: no first UID, a cursor means nothing, and the list may come in any order.
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
  const { runs } = await store.runs({ limit: 10 })
  expect(runs.find((run) => run.state === 'failed')).toMatchObject({ problem: { code: 'MAIL_TOO_LARGE', say: expect.stringContaining('200 MB') as string } })
  expect(told.filter((event) => event.type === 'run.finished')).toHaveLength(1)
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
  expect((await store.trigger(keyOf(all)))?.cursor).toBe('3')
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

test('[RN15] a changed UIDVALIDITY stops the reading; stopped and deployed again it goes on from now', async () => {
  mailbox.arrive('one')
  await look(trigger())
  mailbox.uidValidity = '8'
  await expect(look(trigger())).rejects.toMatchObject({ code: 'MAIL_UID_RESET' })
  await expect(look(trigger())).rejects.toMatchObject({ code: 'MAIL_UID_RESET' })
  const saved = await store.trigger({ flow: flowId('f'), node: nodeId('receive'), connection: begun[0]?.connection ?? trigger().config.connection, folder: 'INBOX' })
  expect(saved?.resetSeen).toBe('8')
  await acceptReset(trigger(), store)
  const again = trigger()
  expect((await look(again)).runs).toBe(0)
  mailbox.arrive('after')
  await look(again)
  expect(begun.at(-1)?.uid).toBe('2')
})
