/** The way in: bytes, ledger row, run and cursor of a batch are one transaction, and a mail makes one run a flow for ever. */
import type { Raw } from '#runtime/raw.ts'
import type { RunId } from '#shared/ids.ts'
import type { ClaimedRun, FreshMail, IngestBatch, LeftMail, Store, TriggerState } from '../store.ts'
import { command, query } from './database.ts'
import { mailIdOf, runIdOf, startOf, uidColumn } from './keys.ts'
import { makeKnown } from './known.ts'
import { hourOf } from './mailbox-care.ts'
import type { Parts } from './parts.ts'
import { columnsOf, type RawColumns, rawOf } from './raws.ts'

type Rooms = Pick<Store, 'trigger' | 'putTrigger' | 'beginTrigger' | 'knownUids' | 'ingest' | 'leaveMail'>
interface TriggerRow {
  readonly uid_validity: string; readonly first_uid: string; readonly since: string; readonly cursor: string
  readonly start_from: string; readonly reset_seen: string; readonly reset_version: number; readonly former: string; readonly former_until: string
}

export function makeReceiving({ db, write, keys, tally, blobs }: Parts): Rooms {
  const trigger = query<TriggerRow>(db, 'SELECT * FROM trigger_state WHERE flow = ? AND node = ? AND connection = ? AND folder = ?')
  const putTrigger = command(db, `INSERT OR REPLACE INTO trigger_state
    (flow, node, connection, folder, uid_validity, first_uid, since, cursor, start_from, reset_seen, reset_version, former, former_until)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const moveCursor = command(db, 'UPDATE trigger_state SET cursor = ? WHERE flow = ? AND node = ? AND connection = ? AND folder = ? AND uid_validity = ?')
  const insertMail = command(db, `INSERT INTO mail (mailbox, uid, flags, received_at, sha256, size, place, bytes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
  const insertAlias = command(db, 'INSERT OR REPLACE INTO alias (mailbox, uid, mail) VALUES (?, ?, ?)')
  const mailKey = query<{ key: number }>(db, 'SELECT key FROM mail WHERE mailbox = ? AND uid = ?')
  const mailRaw = query<RawColumns>(db, 'SELECT place, bytes, sha256, size FROM mail WHERE key = ?')
  const bringBack = command(db, 'UPDATE mail SET sha256 = ?, size = ?, place = ?, bytes = ? WHERE key = ?')
  const countMails = command(db, `INSERT INTO mailbox_hour (connection, folder, hour, mails) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET mails = mails + excluded.mails`)
  const insertRun = command(db, `INSERT INTO run (id, mail, flow, replay, mailbox, version, trigger_node, state, queued_at, settle)
    VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
  const insertLeft = command(db, `INSERT INTO run (id, mail, flow, replay, mailbox, version, trigger_node, state, queued_at, finished_at, problem, subject, settle, settle_say)
    VALUES (?, ?, ?, 0, ?, ?, ?, 'failed', ?, ?, ?, ?, 'done', 'The mail was not taken, so it stays as it is.') ON CONFLICT DO NOTHING`)
  const known = makeKnown(db)
  const forgetPassed = command(db, 'DELETE FROM passed WHERE mailbox = ? AND flow = ?')
  const insertPassed = command(db, `INSERT OR IGNORE INTO passed (mailbox, flow, uid, size)
    SELECT ?, ?, value ->> 0, value ->> 1 FROM json_each(?)`)

  /** Of a mail that was known already: the bytes of the first time count, should the server show others now. */
  const firstRaw = (key: number, mail: FreshMail): Raw => {
    const first = mailRaw.one(key)
    const kept = first === undefined ? null : rawOf(first, blobs)
    if (kept !== null) return first?.sha256 === mail.sha256 ? mail.raw : kept
    const raw = columnsOf(mail.raw, mail.sha256, blobs)
    bringBack.run(raw.sha256, raw.size, raw.place, raw.bytes, key)
    return mail.raw
  }

  const ingest = (batch: IngestBatch): readonly ClaimedRun[] => {
    const { flow, node, connection, folder, uidValidity, version, at } = batch
    const flowKey = keys.flow(flow)
    const mailbox = keys.mailbox(connection, folder, uidValidity)
    const state = batch.claim ? 'running' : 'queued'
    const start = startOf(uidValidity)
    const settle = start === 'event' ? 'done' : 'pending'
    const runs: ClaimedRun[] = []
    let fresh = 0
    for (const mail of batch.mails) {
      const uid = uidColumn(mail.uid)
      const flags = mail.flags.length === 0 ? '[]' : JSON.stringify(mail.flags)
      const bytes = columnsOf(mail.raw, mail.sha256, blobs)
      const made = insertMail.run(mailbox, uid, flags, mail.receivedAt, bytes.sha256, bytes.size, bytes.place, bytes.bytes)
      const key = made.changes === 1 ? Number(made.lastInsertRowid) : (mailKey.one(mailbox, uid)?.key ?? 0)
      if (start === 'mail') fresh += made.changes === 1 ? 1 : 0
      if (mail.listedAs !== undefined) insertAlias.run(mailbox, uidColumn(mail.listedAs), key)
      const id = mailIdOf(connection, folder, uidValidity, mail.uid)
      const run = runIdOf(id, flow, 0)
      if (insertRun.run(run, key, flowKey, mailbox, version, node, state, at, settle).changes === 0) continue
      tally.count(flowKey, at, '', 'made', 1)
      runs.push({
        id: run, mail: id, flow, version, trigger: node, start, connection, folder, uid: mail.uid, uidValidity, flags: mail.flags,
        receivedAt: mail.receivedAt, queuedAt: at, attempts: 0, raw: made.changes === 1 ? mail.raw : firstRaw(key, mail),
      })
    }
    if (fresh > 0) countMails.run(connection, folder, hourOf(at), fresh)
    // A batch of a folder that was rebuilt meanwhile must not move the cursor of the new UIDs.
    moveCursor.run(batch.cursor, flow, node, connection, folder, uidValidity)
    return runs
  }

  const leave = ({ flow, node, connection, folder, uidValidity, version, at, uid, size, subject, problem }: LeftMail): RunId | null => {
    const flowKey = keys.flow(flow)
    const mailbox = keys.mailbox(connection, folder, uidValidity)
    const made = insertMail.run(mailbox, uidColumn(uid), '[]', null, '', size, 'dropped', null)
    const key = made.changes === 1 ? Number(made.lastInsertRowid) : (mailKey.one(mailbox, uidColumn(uid))?.key ?? 0)
    const run = runIdOf(mailIdOf(connection, folder, uidValidity, uid), flow, 0)
    if (insertLeft.run(run, key, flowKey, mailbox, version, node, at, at, JSON.stringify(problem), subject).changes === 0) return null
    for (const ending of ['made', 'failed'] as const) tally.count(flowKey, at, '', ending, 1)
    return run
  }

  const put = (state: TriggerState): void => {
    putTrigger.run(state.flow, state.node, state.connection, state.folder, state.uidValidity, state.firstUid, state.since,
      state.cursor, state.startFrom, state.resetSeen, state.resetVersion, state.former, state.formerUntil)
  }

  return {
    trigger: async (key) => {
      const row = trigger.one(key.flow, key.node, key.connection, key.folder)
      return row === undefined ? null : triggerOf({ flow: key.flow, node: key.node, connection: key.connection, folder: key.folder }, row)
    },
    putTrigger: (state) => write(() => { put(state) }),
    beginTrigger: (state, passed) => write(() => {
      const mailbox = keys.mailbox(state.connection, state.folder, state.uidValidity)
      const flow = keys.flow(state.flow)
      forgetPassed.run(mailbox, flow)
      if (passed.length > 0) insertPassed.run(mailbox, flow, JSON.stringify(passed.map(({ uid, size }) => [uidColumn(uid), size])))
      put(state)
    }),
    knownUids: async (key, uidValidity, uids) => {
      const flow = keys.knownFlow(key.flow)
      const mailbox = keys.knownMailbox(key.connection, key.folder, uidValidity)
      return flow === null || mailbox === null ? new Set() : known(mailbox, flow, uids)
    },
    ingest: async (batch) => {
      const runs = await write(() => ingest(batch))
      for (const mail of batch.mails) if (mail.raw.kind === 'file') blobs.release(mail.raw.sha256)
      return runs
    },
    leaveMail: (mail) => write(() => leave(mail)),
  }
}

const triggerOf = (key: Pick<TriggerState, 'flow' | 'node' | 'connection' | 'folder'>, row: TriggerRow): TriggerState => ({
  ...key, uidValidity: row.uid_validity, firstUid: row.first_uid, since: row.since, cursor: row.cursor,
  startFrom: row.start_from, resetSeen: row.reset_seen, resetVersion: row.reset_version, former: row.former, formerUntil: row.former_until,
})
