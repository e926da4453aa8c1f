/** An outbox on a clock that stands still, with a ledger in memory that has the order and the times of the real one, and servers that a test scripts. */
import { fault } from '#shared/errors.ts'
import { connectionId, flowId, nodeId, runId, type SendId, sendId } from '#shared/ids.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import { sendEmail } from '#shared/nodes/send-email.ts'
import { type Limits, noLimits } from '#shared/sending/pace.ts'
import { type Hand, makeHand } from '#runtime/engine/hand.ts'
import { makeInsist } from '#runtime/engine/insist.ts'
import { makeOutbox, type Outbox } from '#runtime/engine/outbox.ts'
import type { UnknownChoice } from '#runtime/engine/unknown.ts'
import { silentLog } from '#runtime/log.ts'
import type { Delivery } from '#runtime/mail/smtp/sender.ts'
import type { HandedLately, SendQueue } from '#runtime/store/due-sends.ts'
import type { ClaimedSend, SendOutcome, Store } from '#runtime/store/store.ts'
import { type FakeClock, fakeClock } from '../servers/fake-clock.ts'

/** A row as the ledger keeps it; `dueAt` null: being sent, or at its end. */
export interface Row { send: ClaimedSend; dueAt: string | null; readonly outcomes: string[]; last: SendOutcome | null }

export interface OutboxBed {
  readonly clock: FakeClock
  readonly hand: Hand
  readonly outbox: Outbox
  readonly rows: ReadonlyMap<SendId, Row>
  /** What each connection's server makes of a mail; told by its recipient. */
  readonly servers: Record<string, (address: string) => Promise<Delivery>>
  /** What each connection may send, and over how many sessions. */
  readonly limits: Record<string, Limits>
  readonly sessions: Record<string, number>
  /** What each flow's Send Email says. */
  readonly configs: Record<string, Readonly<Record<string, unknown>>>
  /** Names in the order in which the servers were given them. */
  readonly handed: string[]
  /** Ids held back, with why. */
  readonly held: { readonly id: string; readonly code: string }[]
  /** Connections whose line told of another state. */
  readonly changed: string[]
  /** Looks into the ledger for rows, and how many rows they brought. */
  readonly fetched: { looks: number; rows: number }
  readonly lately: HandedLately[]
  isDiskFull: boolean
  /** What becomes of rows of which nobody knows; sent again unless told. */
  choose: UnknownChoice
  row(id: string, connection: string, flow?: string): ClaimedSend
  put(count: number, connection: string, flow?: string): void
  rowOf(id: string): Row
  outcomesOf(id: string): readonly string[]
  sentOf(connection: string): number
  /** The process dies and starts again: another outbox on the same ledger. */
  again(): Outbox
}

const rhythm = { firstSeconds: 100, factor: 1, maxSeconds: 100, giveUpHours: 1 }

const answerOf = (send: ClaimedSend, state: 'sent' | 'deferred'): Delivery =>
  ({ recipients: send.recipients.map((address) => ({ address, state, answer: state === 'sent' ? '250 ok' : '451 later' })), stage: 'answered' })

export function outboxBed(startAt?: string): OutboxBed {
  const clock = fakeClock(startAt)
  const hand = makeHand({ runs: 40, bytes: 1e9 })
  const rows = new Map<SendId, Row>()
  const busy = new Map<string, number>()
  const handed: string[] = []
  const held: { id: string; code: string }[] = []
  const lately: HandedLately[] = []
  const changed: string[] = []
  const fetched = { looks: 0, rows: 0 }
  const servers: OutboxBed['servers'] = {}
  const limits: OutboxBed['limits'] = {}
  const sessions: OutboxBed['sessions'] = {}
  const configs: OutboxBed['configs'] = {}

  const rowOf = (id: SendId): Row => {
    const found = rows.get(id)
    if (!found) throw new Error(`no row ${id}`)
    return found
  }
  const dueRows = (now: string): readonly ClaimedSend[] =>
    [...rows.values()].filter(({ dueAt }) => dueAt !== null && dueAt <= now).sort((one, other) => ((one.dueAt ?? '') < (other.dueAt ?? '') ? -1 : 1)).map(({ send }) => send)
  const ledger = {
    markSending: (ids: readonly SendId[]) => {
      for (const id of ids) {
        const row = rowOf(id)
        row.dueAt = null
        row.send = { ...row.send, attempts: row.send.attempts + 1 }
      }
      return Promise.resolve()
    },
    recordOutcome: (outcome: SendOutcome) => {
      if (bed.isDiskFull) return Promise.reject(fault('DISK_FULL'))
      const known = rowOf(outcome.send)
      known.outcomes.push(outcome.event.what)
      known.last = outcome
      known.dueAt = outcome.recipients.some(({ state }) => state === 'ready') ? outcome.at : outcome.nextAttemptAt
      return Promise.resolve()
    },
    dueQueues: (now: string) => Promise.resolve([...new Map(dueRows(now).map(({ connection, flow }) => [`${connection} ${flow}`, { connection, flow }])).values()]),
    dueSends: (now: string, queue: SendQueue, limit: number, skip: ReadonlySet<SendId>) => {
      const found = dueRows(now).filter((send) => send.connection === queue.connection && send.flow === queue.flow && !skip.has(send.id)).slice(0, limit)
      fetched.looks += 1
      fetched.rows += found.length
      return Promise.resolve(found)
    },
    nextSendAt: (after: string) => Promise.resolve([...rows.values()].flatMap(({ dueAt }) => (dueAt !== null && dueAt > after ? [dueAt] : [])).sort()[0] ?? null),
    handedLately: () => Promise.resolve(lately),
  }
  const flowOf = (id: string): CheckedFlow => ({
    id: flowId(id), name: id, edges: [],
    nodes: [{ id: nodeId('send'), kind: 'send-email', name: '', config: sendEmail.config.parse({ connection: 'a', from: 'a@example.org', retry: rhythm, ...configs[id] }) }],
  })
  const makeOne = (): Outbox => makeOutbox({
    // What the outbox needs of the ledger.
    store: ledger as unknown as Store,
    hand, clock, log: silentLog, random: () => 0.5, insist: makeInsist({ clock, log: silentLog }),
    versions: { get: (flow) => Promise.resolve(flowOf(flow)) },
    barred: () => null, choose: (send) => bed.choose(send),
    onOutcome: (_send, _outcome, recorded) => recorded,
    onLine: (connection) => { changed.push(connection) },
    onHeld: (send, { code }) => { held.push({ id: send.id, code }) },
    sender: (connection) => Promise.resolve({
      limits: limits[connection] ?? noLimits,
      free: () => (sessions[connection] ?? 5) - (busy.get(connection) ?? 0),
      deliver: async ({ to }) => {
        const [address = ''] = to
        handed.push(address.split('@')[0] ?? '')
        busy.set(connection, (busy.get(connection) ?? 0) + 1)
        try {
          const serve = servers[connection]
          if (!serve) throw new Error('no such server')
          return await serve(address)
        } finally {
          busy.set(connection, (busy.get(connection) ?? 1) - 1)
        }
      },
      close: () => Promise.resolve(),
    }),
  })

  const bed: OutboxBed & { outbox: Outbox } = {
    clock, hand, rows, servers, limits, sessions, configs, handed, held, changed, fetched, lately, isDiskFull: false, choose: () => Promise.resolve('send'), outbox: makeOne(),
    row: (id, connection, flow = 'f') => {
      const send: ClaimedSend = {
        id: sendId(id), run: runId(`run-${id}`), flow: flowId(flow), version: 1, node: nodeId('send'), connection: connectionId(connection), messageId: `<${id}@x>`, from: 'a@example.org',
        recipients: [`${id}@dest.example`], attempts: 0, createdAt: clock.now(), giveUpAt: '2027-01-01T00:00:00.000Z', unknown: false, looks: 0, raw: { kind: 'bytes', bytes: new Uint8Array(10) },
      }
      rows.set(send.id, { send, dueAt: clock.now(), outcomes: [], last: null })
      return send
    },
    put: (count, connection, flow = 'f') => { bed.outbox.add(Array.from({ length: count }, (_, index) => bed.row(`${connection}${flow === 'f' ? '' : flow}${index}`, connection, flow))) },
    rowOf: (id) => rowOf(sendId(id)),
    outcomesOf: (id) => rows.get(sendId(id))?.outcomes ?? [],
    sentOf: (connection) => [...rows.values()].filter(({ send, outcomes }) => send.connection === connection && outcomes.at(-1) === 'sent').length,
    again: () => {
      bed.outbox = makeOne()
      return bed.outbox
    },
  }
  return bed
}

/** A server that answers at once. */
export const answers = (bed: OutboxBed, state: () => 'sent' | 'deferred' = () => 'sent') => (address: string): Promise<Delivery> => {
  const row = bed.rows.get(sendId(address.split('@')[0] ?? ''))
  if (!row) throw new Error(`no row for ${address}`)
  return Promise.resolve(answerOf(row.send, state()))
}
