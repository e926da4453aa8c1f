/** Flows hear what happens to mailboxes: once, durably, and never in a flood. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeEventStream, type EventStream } from '#shared/events.ts'
import { connectionId, flowId, nodeId } from '#shared/ids.ts'
import { type MailboxEvent, readMailboxEvent } from '#shared/mailbox-event.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { silentLog } from '#runtime/log.ts'
import { type Handler, type Handlers, handlersOf, makeHandlers } from '#runtime/scheduler/handlers.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { Store } from '#runtime/store/store.ts'
import { dropFolder, makeFolder } from '../product.ts'
import { type FakeClock, fakeClock } from '../servers/fake-clock.ts'

let folder: string
let store: Store
let clock: FakeClock
let events: EventStream
let handlers: Handlers
let woken: number

const inbox = { connection: 'inbox', folder: 'INBOX' }
const config = (over: Record<string, unknown> = {}) => nodeDescriptions['mailbox-event'].config.parse(over)
const handler = (over: Record<string, unknown> = {}, node = 'trouble'): Handler =>
  ({ flow: flowId('alarm'), version: 1, node: nodeId(node), config: config(over), own: [inbox] })
const make = (ledger: Partial<Pick<Store, 'ingest'>> = {}) => makeHandlers({ store: { ingest: store.ingest, troubles: store.troubles, putTrouble: store.putTrouble, dropTrouble: store.dropTrouble, eventsOf: store.eventsOf, ...ledger }, engine: { wake: () => { woken += 1 } }, events, clock, log: silentLog })
const fail = (repeats: number, mailbox = inbox) => { events.emit({ type: 'mailbox.failed', ...mailbox, code: 'MAIL_UNREACHABLE', say: 'No answer.', since: '2026-11-20T12:00:00.000Z', repeats, lastSuccess: '2026-11-20T11:59:00.000Z' }) }
const look = (mailbox = inbox) => { events.emit({ type: 'mailbox.looked', ...mailbox, fresh: 0, ms: 1 }) }
const close = (mailbox = inbox) => { events.emit({ type: 'mailbox.closed', ...mailbox, code: 'paused', say: 'admin paused it.', only: null, lastSuccess: null }) }
const hourMs = 3600_000

/** The program ends in the midst of it, or says its goodbye first, and starts again. */
async function restart(goodbye: 'crash' | 'program-ends', ...next: readonly Handler[]): Promise<void> {
  if (goodbye === 'program-ends') events.emit({ type: 'mailbox.closed', ...inbox, code: goodbye, say: 'Mailweave is being stopped.', only: null, lastSuccess: null })
  await handlers.stop()
  await store.close()
  store = await openSqliteStore(folder, { clock, log: silentLog })
  handlers = make()
  await handlers.start()
  handlers.set(next)
}

/** What was told so far, oldest first, from the ledger. */
async function told(): Promise<readonly MailboxEvent[]> {
  await handlers.stop()
  const { runs } = await store.runs({ limit: 200 })
  return Promise.all(runs.toReversed().map(async (run) => {
    const raw = await store.rawOfMail(run.mail.id)
    const event = raw?.kind === 'bytes' ? readMailboxEvent(Buffer.from(raw.bytes).toString()) : null
    if (event === null) throw new Error('an event run without its event')
    return event
  }))
}
const names = (all: readonly MailboxEvent[]) => all.map(({ event, repeats }) => `${event} ${repeats}`)

beforeEach(async () => {
  folder = await makeFolder()
  clock = fakeClock()
  store = await openSqliteStore(folder, { clock, log: silentLog })
  await store.deployFlow({ flow: flowId('alarm'), name: 'Alarm', json: '{}', at: clock.now() })
  events = makeEventStream()
  woken = 0
  handlers = make()
})
afterEach(async () => {
  await handlers.stop()
  await store.close()
  await dropFolder(folder)
})

test('[RN104] the first try in vain is told, then every so many, and the first look that goes well', async () => {
  handlers.set([handler({ again: 3 })])
  for (const repeats of [1, 2, 3, 4]) fail(repeats)
  look()
  look()
  const all = await told()
  expect(names(all)).toEqual(['error 1', 'error 3', 'recovered 4'])
  expect(all[0]).toEqual({ event: 'error', ...inbox, summary: 'Mailbox inbox / INBOX can\'t be read', say: 'No answer.', code: 'MAIL_UNREACHABLE', since: '2026-11-20T12:00:00.000Z', repeats: 1, lastSuccess: '2026-11-20T11:59:00.000Z', at: clock.now() })
  expect(woken).toBe(3)
})

test('[RN104] a handler hears the events and the mailboxes it asked for and no others', async () => {
  const sales = { connection: 'sales', folder: 'Orders' }
  handlers.set([
    handler({ events: ['recovered'] }, 'own'), handler({ mailboxes: 'all', events: ['error'] }, 'all'),
    handler({ mailboxes: 'chosen', chosen: [{ connection: 'sales' }], events: ['stopped'] }, 'chosen'), handler({ mailboxes: 'chosen', chosen: [{ connection: 'sales', folder: 'INBOX' }] }, 'other'),
  ])
  fail(1, sales)
  fail(1)
  look()
  close(sales)
  await told()
  const { runs } = await store.runs({ limit: 50 })
  const heard = await Promise.all(runs.map(async ({ id }) => store.run(id)))
  expect(heard.map((run) => `${run?.trigger} ${run?.mail.connection}`).toSorted()).toEqual(['all inbox', 'all sales', 'chosen sales', 'own inbox'])
})

test('[RN104] the mailboxes of a flow are all that its receive steps watch, those of "also watch" too', () => {
  const receive = nodeDescriptions['receive-email'].config.parse({ connection: 'inbox', also: [{ connection: 'inbox', folder: 'Orders' }, { connection: 'sales' }] })
  const nodes = [{ id: nodeId('receive'), kind: 'receive-email' as const, name: '', config: receive }, { id: nodeId('trouble'), kind: 'mailbox-event' as const, name: '', config: config() }]
  expect(handlersOf({ id: flowId('f'), name: 'F', nodes, edges: [] }, 1).map(({ own }) => own)).toEqual([[inbox, { connection: 'inbox', folder: 'Orders' }, { connection: 'sales', folder: 'INBOX' }]])
})

test('[RN105] a mailbox that comes and goes is told once an hour and kind; what still holds in the next hour is told then', async () => {
  handlers.set([handler()])
  for (let round = 0; round < 20; round += 1) {
    fail(1)
    look()
  }
  fail(1)
  clock.pass(hourMs)
  fail(2)
  look()
  expect(names(await told())).toEqual(['error 1', 'recovered 1', 'error 2', 'recovered 2'])
})

test('[RN105] a recovery that had no room in its hour is told in the next one', async () => {
  handlers.set([handler()])
  fail(1)
  look()
  clock.pass(hourMs)
  fail(1)
  look()
  clock.pass(1000)
  fail(1)
  clock.pass(hourMs)
  fail(2)
  look()
  clock.pass(hourMs)
  look()
  expect(names(await told())).toEqual(['error 1', 'recovered 1', 'error 1', 'recovered 1', 'error 2', 'recovered 2'])
})

test('[RN105] many mailboxes that fail together are no flood: a handler hears of twenty an hour', async () => {
  handlers.set([handler({ mailboxes: 'all' })])
  for (let n = 0; n < 500; n += 1) fail(1, { connection: `box${n}`, folder: 'INBOX' })
  expect(await told()).toHaveLength(20)
})

test('[RN105] the same event is not told again by a program that starts again within the hour', async () => {
  handlers.set([handler()])
  fail(1)
  close()
  await handlers.stop()
  handlers = make()
  handlers.set([handler()])
  fail(1)
  close()
  expect(names(await told())).toEqual(['error 1', 'stopped 0'])
})

test('[RN106] what could not be written is told at the next try', async () => {
  let full = true
  handlers = make({ ingest: (batch) => (full ? Promise.reject(new Error('disk full')) : store.ingest(batch)) })
  handlers.set([handler()])
  fail(1)
  await new Promise(setImmediate)
  full = false
  fail(2)
  expect(names(await told())).toEqual(['error 2'])
})

test('[RN106] stopping waits until what was told lies in the ledger', async () => {
  handlers.set([handler()])
  close()
  await handlers.stop()
  const [run] = (await store.runs({ limit: 5 })).runs
  expect(run).toMatchObject({ start: 'event', state: 'queued', mail: { connection: connectionId('inbox') } })
})

test.each(['crash', 'program-ends'] as const)('[RN144] a recovery after a restart in the midst of trouble (%s) is told, once, with the trouble as it began', async (goodbye) => {
  handlers.set([handler()])
  fail(1)
  fail(2)
  await restart(goodbye, handler())
  look()
  look()
  const all = await told()
  expect(names(all).filter((name) => !name.startsWith('stopped'))).toEqual(['error 1', 'recovered 2'])
  expect(all.at(-1)?.since).toBe('2026-11-20T12:00:00.000Z')
  await restart('crash', handler())
  clock.pass(hourMs)
  look()
  expect(await told()).toHaveLength(all.length)
})

test('[RN144] a trouble that goes on over a restart is no new one, and a handler that asked for the end alone hears of it', async () => {
  const ends = handler({ events: ['recovered'] }, 'ends')
  handlers.set([handler({ again: 3 }), ends])
  fail(1)
  await restart('crash', handler({ again: 3 }), ends)
  clock.pass(hourMs)
  fail(1)
  fail(3)
  look()
  expect(names(await told())).toEqual(['error 1', 'error 3', 'recovered 3', 'recovered 3'])
  expect(await store.troubles()).toEqual([])
})

test('[RN145] the twenty events an hour that a handler is told hold over restarts', async () => {
  const all = handler({ mailboxes: 'all' })
  handlers.set([all])
  for (let n = 0; n < 15; n += 1) fail(1, { connection: `box${n}`, folder: 'INBOX' })
  await restart('crash', all)
  for (let n = 15; n < 30; n += 1) fail(1, { connection: `box${n}`, folder: 'INBOX' })
  expect(await told()).toHaveLength(20)
  await restart('crash', all)
  clock.pass(hourMs)
  fail(1, { connection: 'box29', folder: 'INBOX' })
  expect(await told()).toHaveLength(21)
})
