/** The outbox: rows are written ready, marked before the first SMTP byte, and keep each outcome with its words. */
import { fault } from '#shared/errors.ts'
import { connectionId, flowId, nodeId, runId, type SendId, sendId } from '#shared/ids.ts'
import type { Recipient, RecipientState, SendEvent } from '#shared/run.ts'
import type { Replacement } from '../outbox-pages.ts'
import type { ClaimedSend, NewSend, SendOutcome, Store } from '../store.ts'
import { command, query } from './database.ts'
import { runOfSend } from './keys.ts'
import type { Parts } from './parts.ts'
import { columnsOf, type RawColumns, rawOf } from './raws.ts'
import { dueAtOf, isTaken, isTryable, stateOfRow } from './recipients.ts'
import type { AddCopy } from './sent-copies.ts'

type Rooms = Pick<Store, 'dueQueues' | 'dueSends' | 'nextSendAt' | 'hasten' | 'handedLately' | 'markSending' | 'recordOutcome' | 'replaceSend'>
/** For recordComputed, inside its transaction. */
export interface NewRows { readonly add: (run: { readonly key: number; readonly flow: number }, send: NewSend, at: string) => void }

interface OpenRow { readonly key: number; readonly run: number; readonly state: RecipientState; readonly parked: number; readonly recipients: string; readonly history: string; readonly connection: string; readonly flow: number }
interface DueRow { readonly key: number; readonly id: string; readonly due_at: string }
interface DueSend extends RawColumns {
  readonly id: string; readonly run: string; readonly flow: string; readonly version: number; readonly node: string; readonly connection: string
  readonly message_id: string; readonly sender: string; readonly recipients: string; readonly attempts: number; readonly created_at: string
  readonly give_up_at: string; readonly parked: number; readonly approved: number; readonly history: string
}

const dueStates = ['ready', 'deferred', 'unknown'] as const

export function makeOutbox({ db, write, keys, tally, blobs }: Parts, addCopy: AddCopy): Rooms & NewRows {
  const insert = command(db, `INSERT INTO outbox (run, flow, id, state, due_at, recipients, history, node, connection, message_id, sender, subject, created_at, give_up_at, sha256, size, place)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
  const insertRaw = command(db, 'INSERT INTO outbox_raw (outbox, bytes) VALUES (?, ?)')
  const find = query<OpenRow>(db, 'SELECT key, run, state, parked, recipients, history, connection, flow FROM outbox WHERE run = (SELECT key FROM run WHERE id = ?) AND id = ?')
  const mark = command(db, 'UPDATE outbox SET state = ?, due_at = NULL, attempts = attempts + 1, recipients = ? WHERE key = ?')
  const settle = command(db, 'UPDATE outbox SET state = ?, due_at = ?, parked = ?, recipients = ?, history = ? WHERE key = ?')
  const approve = command(db, 'UPDATE outbox SET approved = 1 WHERE key = ?')
  const countApproved = command(db, `INSERT INTO approval (flow, version, mails, trusted) SELECT flow, version, 1, 0 FROM run WHERE key = ?
    ON CONFLICT DO UPDATE SET mails = mails + 1`)
  const extend = command(db, 'UPDATE outbox SET give_up_at = ? WHERE key = ?')
  // As its old row but for what was changed; without bytes of its own it names the same ones.
  const insertCopy = command(db, `INSERT INTO outbox (run, flow, id, state, due_at, recipients, history, node, connection, message_id, sender, subject, created_at, give_up_at, sha256, size, place, approved, replaces)
    SELECT run, flow, ?, ?, ?, ?, ?, node, ?, ?, sender, ?, ?, ?, coalesce(?, sha256), coalesce(?, size), coalesce(?, place), approved, id FROM outbox WHERE key = ?`)
  const copyRaw = command(db, 'INSERT INTO outbox_raw (outbox, bytes) SELECT ?, bytes FROM outbox_raw WHERE outbox = ?')
  const countResent = command(db, 'UPDATE run SET resent = resent + 1 WHERE key = ?')
  const hurry = command(db, 'UPDATE outbox SET due_at = ?, history = ? WHERE key = ?')
  // `state <> 'sent'` is said again so that SQLite may use the index that holds open rows only (sqlite.org/partialindex.html).
  // From one queue to the next in that index: 50,000 rows of one flow are passed over in one step.
  const nextQueue = query<{ connection: string; flow: number }>(db, `SELECT connection, flow FROM outbox
    WHERE state = ? AND state <> 'sent' AND (connection, flow) > (?, ?) ORDER BY connection, flow LIMIT 1`)
  const firstDue = query<{ at: string | null }>(db, `SELECT min(due_at) AS at FROM outbox WHERE state = ? AND state <> 'sent' AND connection = ? AND flow = ? AND due_at > ?`)
  const flowName = query<{ id: string }>(db, 'SELECT id FROM flow WHERE key = ?')
  const due = query<DueRow>(db, `SELECT key, id, due_at FROM outbox WHERE state = ? AND state <> 'sent' AND connection = ? AND flow = ? AND due_at <= ? ORDER BY due_at, key`)
  const load = query<DueSend>(db, `SELECT outbox.id, run.id AS run, flow.id AS flow, run.version, node, connection, outbox.message_id, outbox.sender, recipients,
      outbox.attempts, created_at, give_up_at, parked, approved, history, sha256, size, place, bytes
    FROM outbox JOIN run ON run.key = outbox.run JOIN flow ON flow.key = run.flow LEFT JOIN outbox_raw ON outbox_raw.outbox = outbox.key WHERE outbox.key = ?`)

  const row = (id: SendId): OpenRow => {
    const found = find.one(runOfSend(id), id)
    if (found === undefined) throw fault('INTERNAL', { reason: `no outbox row ${id}` })
    return found
  }

  const markOne = (id: SendId): void => {
    const { key, run, state, parked, recipients } = row(id)
    const before = recipientsOf(recipients)
    const after = before.map((recipient) => (isTryable(recipient.state, parked === 1) ? { ...recipient, state: 'sending' as const } : recipient))
    const now = stateOfRow(after)
    mark.run(now, JSON.stringify(after), key)
    tally.moveSend(state, now)
    if (parked === 0 && before.some((recipient) => recipient.state === 'unknown')) countResent.run(run)
  }

  const recordOne = (outcome: SendOutcome): void => {
    const { key, run, state, parked: wasParked, recipients, history, connection, flow } = row(outcome.send)
    const before = recipientsOf(recipients)
    const named = new Map(outcome.recipients.map((recipient) => [recipient.address, recipient]))
    // What came back meanwhile stays so, whatever this attempt saw of it: its server had taken it. A person may say otherwise.
    const after = before.map((recipient) => (recipient.state === 'bounced' && outcome.event.by === undefined ? recipient : named.get(recipient.address) ?? recipient))
    const { what } = outcome.event
    const parked = what === 'parked' || (wasParked === 1 && what !== 'decided')
    const now = stateOfRow(after)
    settle.run(now, dueAtOf(after, parked, outcome.nextAttemptAt, outcome.at), parked ? 1 : 0, JSON.stringify(after), appendEvent(history, outcome.event), key)
    if (outcome.giveUpAt !== undefined) extend.run(outcome.giveUpAt, key)
    tally.moveSend(state, now)
    if (outcome.copy && isTaken(after)) addCopy(key, outcome.copy, outcome.at)
    if (what === 'approved') {
      approve.run(key)
      countApproved.run(run)
    }
    if (outcome.handed === true) tally.hand(connection, flow, outcome.at, outcome.recipients.some((recipient) => recipient.state === 'sent'))
    // A person chose to send again what may be out already.
    if (before.some((recipient, index) => recipient.state === 'unknown' && after[index]?.state === 'ready')) countResent.run(run)
  }

  const replaceOne = ({ old, at, event, ended, copy }: Replacement): void => {
    const { key, state, recipients, history } = row(old)
    const ends = new Map(ended.map((one) => [one.address, one.state]))
    const after = recipientsOf(recipients).map((recipient) => ({ ...recipient, state: ends.get(recipient.address) ?? recipient.state }))
    const now = stateOfRow(after)
    settle.run(now, null, 0, JSON.stringify(after), appendEvent(history, event), key)
    tally.moveSend(state, now)
    const raw = copy.raw && columnsOf(copy.raw, '', blobs)
    const fresh = copy.recipients.map((address): Recipient => ({ address, state: 'ready', answer: '' }))
    const made = insertCopy.run(copy.id, 'ready', at, JSON.stringify(fresh), JSON.stringify([event]), copy.connection, copy.messageId, copy.subject, at, copy.giveUpAt, raw?.sha256 ?? null, raw?.size ?? null, raw?.place ?? null, key)
    if (raw === null) copyRaw.run(made.lastInsertRowid, key)
    else if (raw.bytes !== null) insertRaw.run(made.lastInsertRowid, raw.bytes)
    tally.moveSend(null, 'ready')
  }

  /** Every queue that has rows in this state, due or not. */
  const queuesOf = (state: RecipientState): readonly { readonly connection: string; readonly flow: number }[] => {
    const found = []
    for (let last = nextQueue.one(state, '', 0); last !== undefined; last = nextQueue.one(state, last.connection, last.flow)) found.push(last)
    return found
  }

  const dueRows = (now: string, connection: string, flow: number, limit: number, skip: ReadonlySet<SendId>): readonly DueRow[] => {
    const found: DueRow[] = []
    for (const state of dueStates) {
      let taken = 0
      for (const candidate of due.each(state, connection, flow, now)) {
        if (skip.has(sendId(candidate.id))) continue
        found.push(candidate)
        taken += 1
        if (taken >= limit) break
      }
    }
    return found.sort((one, other) => (one.due_at === other.due_at ? one.key - other.key : one.due_at < other.due_at ? -1 : 1)).slice(0, limit)
  }

  const loaded = (key: number): readonly ClaimedSend[] => {
    const sent = load.one(key)
    return sent === undefined ? [] : claimedOf(sent)
  }

  /** null: it is being sent, or nothing of it waits for its time. */
  const hastenOne = (id: SendId, at: string, by: string | undefined): number | null => {
    const { key, state, recipients, history } = row(id)
    if (state === 'sending' || !recipientsOf(recipients).some((recipient) => recipient.state === 'ready' || recipient.state === 'deferred')) return null
    hurry.run(at, appendEvent(history, { at, what: 'decided', say: 'To be sent now, whatever its flow says of when and how fast.', ...(by === undefined ? {} : { by }) }), key)
    return key
  }

  const claimedOf = (sent: DueSend): readonly ClaimedSend[] => {
    const raw = rawOf(sent, blobs)
    if (raw === null) return []
    const open = recipientsOf(sent.recipients).filter((recipient) => isTryable(recipient.state, sent.parked === 1))
    const unknown = open.some((recipient) => recipient.state === 'unknown')
    return [{
      id: sendId(sent.id), run: runId(sent.run), flow: flowId(sent.flow), version: sent.version, node: nodeId(sent.node), connection: connectionId(sent.connection),
      messageId: sent.message_id, from: sent.sender, recipients: open.map((recipient) => recipient.address), attempts: sent.attempts, createdAt: sent.created_at,
      giveUpAt: sent.give_up_at, unknown, looks: unknown ? looksIn(historyOf(sent.history)) : 0, raw, ...(sent.approved === 1 ? { approved: true } : {}),
    }]
  }

  return {
    add(run, send, at) {
      const raw = columnsOf(send.raw, '', blobs)
      const recipients = send.recipients.map((address): Recipient => ({ address, state: send.hold ? 'held' : 'ready', answer: '' }))
      const history = send.hold ? appendEvent('[]', { at, what: 'held', say: send.hold.say }) : '[]'
      const state = stateOfRow(recipients)
      const made = insert.run(run.key, run.flow, send.id, state, send.dueAt !== undefined && send.hold === undefined ? send.dueAt : dueAtOf(recipients, false, null, at), JSON.stringify(recipients), history, send.node, send.connection, send.messageId,
        send.from, send.subject, at, send.giveUpAt, raw.sha256, raw.size, raw.place)
      if (made.changes === 0) return
      if (raw.bytes !== null) insertRaw.run(made.lastInsertRowid, raw.bytes)
      tally.moveSend(null, state)
    },

    dueQueues: async (now) => {
      const seen = new Map<string, { readonly connection: string; readonly flow: number }>()
      for (const state of dueStates) {
        for (const queue of queuesOf(state)) {
          const at = firstDue.one(state, queue.connection, queue.flow, '')?.at ?? null
          if (at !== null && at <= now) seen.set(`${queue.flow} ${queue.connection}`, queue)
        }
      }
      return [...seen.values()].map(({ connection, flow }) => ({ connection: connectionId(connection), flow: flowId(flowName.one(flow)?.id ?? '') }))
    },

    dueSends: async (now, { connection, flow }, limit, skip) => {
      const key = keys.knownFlow(flow)
      return key === null ? [] : dueRows(now, connection, key, limit, skip).flatMap((found) => loaded(found.key))
    },

    nextSendAt: async (after) => {
      // Ready ones too: most are due at once when they are written, but the clock may be put back after that.
      const times = dueStates.flatMap((state) => queuesOf(state).flatMap(({ connection, flow }) => firstDue.one(state, connection, flow, after)?.at ?? []))
      return times.sort()[0] ?? null
    },

    hasten: (sends, at, by) => write(() => sends.flatMap((id) => hastenOne(id, at, by) ?? [])).then((hastened) => hastened.flatMap(loaded)),
    handedLately: async (since) => tally.sentSince(since).map(({ minute, connection, flow, handed, sent }) =>
      ({ at: new Date(minute * 60_000).toISOString(), connection: connectionId(connection), flow: flowId(flow), handed, sent })),
    markSending: (sends) => write(() => { for (const id of sends) markOne(id) }),
    recordOutcome: (outcome) => write(() => { recordOne(outcome) }),
    replaceSend: async (replacement) => {
      await write(() => { replaceOne(replacement) })
      if (replacement.copy.raw?.kind === 'file') blobs.release(replacement.copy.raw.sha256)
    },
  }
}

// Both texts are written by this file and by recover.ts alone.
export const recipientsOf = (text: string): readonly Recipient[] => JSON.parse(text) as Recipient[]
export const historyOf = (text: string): readonly SendEvent[] => JSON.parse(text) as SendEvent[]

const looksIn = (history: readonly SendEvent[]): number => {
  const since = history.slice(history.findLastIndex(({ what }) => what !== 'looked' && what !== 'look-failed') + 1)
  return since.filter(({ what }) => what === 'looked').length
}

/** Set at the end of the list's text: a row that was tried for five days is not read whole each time. */
export const appendEvent = (history: string, event: SendEvent): string =>
  `${history.slice(0, -1)}${history === '[]' ? '' : ','}${JSON.stringify(event)}]`
