/** The outbox's line and its alarm on a clock that stands still: nothing is passed over, and a server that hangs holds up its own line only. */
import { beforeEach, expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { connectionId, flowId, nodeId, runId, type SendId, sendId } from '#shared/ids.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import { sendEmail } from '#shared/nodes/send-email.ts'
import { makeHand, type Hand } from '#runtime/engine/hand.ts'
import { makeInsist } from '#runtime/engine/insist.ts'
import { makeOutbox, type Outbox } from '#runtime/engine/outbox.ts'
import { silentLog } from '#runtime/log.ts'
import type { Delivery } from '#runtime/mail/smtp/sender.ts'
import type { ClaimedSend, SendOutcome, Store } from '#runtime/store/store.ts'
import { type FakeClock, fakeClock } from '../servers/fake-clock.ts'
import { until } from '../until.ts'

type Server = (send: string) => Promise<Delivery>
/** A row as the ledger keeps it; `dueAt` null: being sent, or at its end. */
interface Row { readonly send: ClaimedSend; dueAt: string | null; outcomes: string[] }

let clock: FakeClock
let hand: Hand
let rows: Map<SendId, Row>
let servers: Record<string, Server>
let outbox: Outbox
let held: string[]
let isDiskFull: boolean

const flow: CheckedFlow = {
  id: flowId('f'), name: 'F', edges: [],
  nodes: [{ id: nodeId('send'), kind: 'send-email', name: '', config: sendEmail.config.parse({ connection: 'a', from: 'a@example.org', retry: { firstSeconds: 100, factor: 1, maxSeconds: 100, giveUpHours: 1 } }) }],
}
const answered = (send: ClaimedSend, state: 'sent' | 'deferred'): Delivery => ({ recipients: send.recipients.map((address) => ({ address, state, answer: state === 'sent' ? '250 ok' : '451 later' })), stage: 'answered' })

const row = (id: string, connection: string): ClaimedSend => {
  const send: ClaimedSend = {
    id: sendId(id), run: runId(`run-${id}`), flow: flow.id, version: 1, node: nodeId('send'), connection: connectionId(connection), messageId: `<${id}@x>`, from: 'a@example.org',
    recipients: [`${id}@dest.example`], attempts: 0, createdAt: clock.now(), giveUpAt: '2027-01-01T00:00:00.000Z', unknown: false, looks: 0, raw: { kind: 'bytes', bytes: new Uint8Array(10) },
  }
  rows.set(send.id, { send, dueAt: clock.now(), outcomes: [] })
  return send
}
const put = (count: number, connection: string): void => { outbox.add(Array.from({ length: count }, (_, index) => row(`${connection}${index}`, connection))) }
const outcomesOf = (id: string): readonly string[] => rows.get(sendId(id))?.outcomes ?? []
const sentOf = (connection: string): number => [...rows.values()].filter(({ send, outcomes }) => send.connection === connection && outcomes.at(-1) === 'sent').length
const rowOf = (id: SendId): Row => {
  const found = rows.get(id)
  if (!found) throw new Error(`no row ${id}`)
  return found
}

/** What the outbox asks of the ledger, with the order and the times of the real one. */
const ledger = {
  markSending: (ids: readonly SendId[]) => { for (const id of ids) rowOf(id).dueAt = null; return Promise.resolve() },
  recordOutcome: (outcome: SendOutcome) => {
    if (isDiskFull) return Promise.reject(fault('DISK_FULL'))
    const known = rowOf(outcome.send)
    known.outcomes.push(outcome.event.what)
    known.dueAt = outcome.recipients.some(({ state }) => state === 'ready') ? outcome.at : outcome.nextAttemptAt
    return Promise.resolve()
  },
  dueSends: (now: string, limit: number, skip: ReadonlySet<SendId>, paused: ReadonlySet<string>) => Promise.resolve([...rows.values()]
    .filter(({ send, dueAt }) => dueAt !== null && dueAt <= now && !skip.has(send.id) && !paused.has(send.connection)).map(({ send }) => send).slice(0, limit)),
  nextSendAt: (after: string) => Promise.resolve([...rows.values()].flatMap(({ dueAt }) => (dueAt !== null && dueAt > after ? [dueAt] : [])).sort()[0] ?? null),
}

beforeEach(() => {
  clock = fakeClock()
  hand = makeHand({ runs: 40, bytes: 1e9 })
  rows = new Map()
  servers = {}
  held = []
  isDiskFull = false
  const busy = new Map<string, number>()
  outbox = makeOutbox({
    // The outbox needs these four of the ledger.
    store: ledger as unknown as Store,
    hand, clock, log: silentLog, random: () => 0.5, insist: makeInsist({ clock, log: silentLog }),
    versions: { get: () => Promise.resolve(flow) },
    barred: () => null, choose: () => Promise.resolve('send'),
    onOutcome: (_send, _outcome, recorded) => recorded,
    onHeld: (send) => { held.push(send.id) },
    sender: (connection) => Promise.resolve({
      free: () => 5 - (busy.get(connection) ?? 0),
      deliver: async ({ to }) => {
        busy.set(connection, (busy.get(connection) ?? 0) + 1)
        try {
          return await servers[connection]?.(to[0] ?? '') ?? fail()
        } finally {
          busy.set(connection, (busy.get(connection) ?? 1) - 1)
        }
      },
      close: () => Promise.resolve(),
    }),
  })
})
const fail = (): never => { throw new Error('no such server') }
const byAddress = (address: string): ClaimedSend => rowOf(sendId(address.split('@')[0] ?? '')).send

test('[RN7] a row whose time has come is tried then, whatever is put off behind it meanwhile', async () => {
  let answers: 'sent' | 'deferred' = 'deferred'
  servers['a'] = (address) => Promise.resolve(answered(byAddress(address), answers))
  outbox.add([row('first', 'a')])
  await until(() => outcomesOf('first').length === 1)
  clock.pass(60_000)
  outbox.add([row('second', 'a')])
  await until(() => outcomesOf('second').length === 1)
  answers = 'sent'
  clock.pass(45_000)
  await until(() => outcomesOf('first').length === 2)
  expect(outcomesOf('first')).toEqual(['deferred', 'sent'])
  expect(outcomesOf('second')).toEqual(['deferred'])
  clock.pass(60_000)
  await until(() => outcomesOf('second').length === 2)
  await outbox.stop()
  expect(hand.count()).toBe(0)
})

test('[RN9] mails that meet the same broken line count as one failure; after a second they are tried again', async () => {
  let isUp = false
  servers['a'] = (address) => (isUp ? Promise.resolve(answered(byAddress(address), 'sent')) : Promise.reject(fault('MAIL_UNREACHABLE', { host: 'x', port: 25 })))
  put(20, 'a')
  await until(() => held.length >= 20)
  await until(() => hand.count() === 0)
  isUp = true
  clock.pass(1001)
  await until(() => sentOf('a') === 20)
  await outbox.stop()
  expect(hand.count()).toBe(0)
})

test('[RN9] a server that failed and then hangs holds a few mails in hand, not the whole hand; all go when it answers', async () => {
  let answer = (_: 'go') => {}
  let server: 'down' | 'hangs' = 'down'
  const gate = new Promise<'go'>((resolve) => { answer = resolve })
  let asked = 0
  servers['a'] = async (address) => {
    if (server === 'down') throw fault('MAIL_UNREACHABLE', { host: 'x', port: 25 })
    asked += 1
    await gate
    return answered(byAddress(address), 'sent')
  }
  servers['b'] = (address) => Promise.resolve(answered(byAddress(address), 'sent'))
  put(30, 'a')
  await until(() => held.length >= 30)
  await until(() => hand.count() === 0)
  server = 'hangs'
  clock.pass(1001)
  await until(() => asked === 5)
  expect(hand.count()).toBe(5)
  put(30, 'b')
  await until(() => sentOf('b') === 30)
  expect(sentOf('a')).toBe(0)
  answer('go')
  await until(() => sentOf('a') === 30)
  await outbox.stop()
  expect(hand.count()).toBe(0)
})

test('[RN18] an answer that the full disk did not take is written when there is room, and the mail is not sent again', async () => {
  let times = 0
  servers['a'] = (address) => { times += 1; return Promise.resolve(answered(byAddress(address), 'sent')) }
  isDiskFull = true
  outbox.add([row('first', 'a')])
  await until(() => times === 1)
  await clock.untilWaits(2000)
  expect(outbox.reserve(sendId('first'))).toBeNull()
  isDiskFull = false
  clock.pass(2000)
  await until(() => sentOf('a') === 1)
  await outbox.stop()
  expect(times).toBe(1)
  expect(hand.count()).toBe(0)
})

test('[LG53] a row is taken out of its line and kept from everybody until it is released; one on the wire can\'t be had', async () => {
  let answer = (_: 'go') => {}
  const gone = new Promise<'go'>((resolve) => { answer = resolve })
  servers['a'] = async (address) => {
    await gone
    return answered(byAddress(address), 'sent')
  }
  put(6, 'a')
  await until(() => rowOf(sendId('a4')).dueAt === null)
  expect(outbox.reserve(sendId('a0'))).toBeNull()
  const release = outbox.reserve(sendId('a5'))
  outbox.add([rowOf(sendId('a5')).send])
  outbox.wake()
  answer('go')
  await until(() => sentOf('a') === 5)
  expect(outcomesOf('a5')).toEqual([])
  release?.()
  outbox.wake()
  await until(() => sentOf('a') === 6)
  await outbox.stop()
  expect(hand.count()).toBe(0)
})
