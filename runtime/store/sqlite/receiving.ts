/** The way in: bytes, ledger row, run and cursor of a batch are one transaction, and a mail makes one run a flow for ever. */
import { ledger } from '#runtime/limits.ts'
import type { Raw } from '#runtime/raw.ts'
import type { ClaimedRun, FreshMail, IngestBatch, Store, TriggerState } from '../store.ts'
import { command, query } from './database.ts'
import { mailIdOf, runIdOf, uidColumn } from './keys.ts'
import type { Parts } from './parts.ts'
import { columnsOf, type RawColumns, rawOf } from './raws.ts'

type Rooms = Pick<Store, 'trigger' | 'putTrigger' | 'knownUids' | 'ingest'>
interface TriggerRow {
  readonly uid_validity: string; readonly first_uid: number; readonly since: string; readonly cursor_uid: number
  readonly start_from: string; readonly reset_seen: string; readonly reset_version: number
}

/** UIDs closer than this are asked for in one range: a seek costs about as much as passing this many entries. */
const nearUids = 32

export function makeReceiving({ db, write, keys, tally, blobs }: Parts): Rooms {
  const trigger = query<TriggerRow>(db, 'SELECT * FROM trigger_state WHERE flow = ? AND node = ? AND connection = ? AND folder = ?')
  const putTrigger = command(db, `INSERT OR REPLACE INTO trigger_state
    (flow, node, connection, folder, uid_validity, first_uid, since, cursor_uid, start_from, reset_seen, reset_version)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const moveCursor = command(db, 'UPDATE trigger_state SET cursor_uid = ? WHERE flow = ? AND node = ? AND connection = ? AND folder = ? AND uid_validity = ?')
  const insertMail = command(db, `INSERT INTO mail (mailbox, uid, flags, received_at, sha256, size, place, bytes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
  const mailKey = query<{ key: number }>(db, 'SELECT key FROM mail WHERE mailbox = ? AND uid = ?')
  const mailRaw = query<RawColumns>(db, 'SELECT place, bytes, sha256, size FROM mail WHERE key = ?')
  const bringBack = command(db, 'UPDATE mail SET sha256 = ?, size = ?, place = ?, bytes = ? WHERE key = ?')
  const insertRun = command(db, `INSERT INTO run (id, mail, flow, replay, mailbox, version, trigger_node, state, queued_at, settle)
    VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, 'pending') ON CONFLICT DO NOTHING`)
  const known = query<{ uid: number }>(db, `SELECT uid FROM mail WHERE mailbox = ? AND uid BETWEEN ? AND ?
    AND EXISTS (SELECT 1 FROM run WHERE run.mail = mail.key AND run.flow = ?)`)

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
    const runs: ClaimedRun[] = []
    for (const mail of batch.mails) {
      const uid = uidColumn(mail.uid)
      const flags = mail.flags.length === 0 ? '[]' : JSON.stringify(mail.flags)
      const bytes = columnsOf(mail.raw, mail.sha256, blobs)
      const made = insertMail.run(mailbox, uid, flags, mail.receivedAt, bytes.sha256, bytes.size, bytes.place, bytes.bytes)
      const key = made.changes === 1 ? Number(made.lastInsertRowid) : (mailKey.one(mailbox, uid)?.key ?? 0)
      const id = mailIdOf(connection, folder, uidValidity, mail.uid)
      const run = runIdOf(id, flow, 0)
      if (insertRun.run(run, key, flowKey, mailbox, version, node, state, at).changes === 0) continue
      tally.count(flowKey, at, '', 'made', 1)
      runs.push({
        id: run, mail: id, flow, version, trigger: node, connection, folder, uid: mail.uid, flags: mail.flags,
        receivedAt: mail.receivedAt, queuedAt: at, attempts: 0, raw: made.changes === 1 ? mail.raw : firstRaw(key, mail),
      })
    }
    // A batch of a folder that was rebuilt meanwhile must not move the cursor of the new UIDs.
    moveCursor.run(batch.cursorUid, flow, node, connection, folder, uidValidity)
    return runs
  }

  return {
    trigger: async (key) => {
      const row = trigger.one(key.flow, key.node, key.connection, key.folder)
      return row === undefined ? null : triggerOf({ flow: key.flow, node: key.node, connection: key.connection, folder: key.folder }, row)
    },
    putTrigger: (state) => write(() => {
      putTrigger.run(state.flow, state.node, state.connection, state.folder, state.uidValidity, state.firstUid, state.since,
        state.cursorUid, state.startFrom, state.resetSeen, state.resetVersion)
    }),
    knownUids: async (key, uidValidity, uids) => {
      const found = new Set<number>()
      const flow = keys.knownFlow(key.flow)
      const mailbox = keys.knownMailbox(key.connection, key.folder, uidValidity)
      if (flow === null || mailbox === null) return found
      const asked = new Set(uids)
      let read = 0
      for (const [from, to] of rangesOf(uids)) {
        for (const { uid } of known.all(mailbox, from, to, flow)) if (asked.has(uid)) found.add(uid)
        // A folder of 100,000 mails is asked about at each look: others get their turn meanwhile.
        read += to - from + 1
        if (read > ledger.searchRows) {
          read = 0
          await new Promise(setImmediate)
        }
      }
      return found
    },
    ingest: async (batch) => {
      const runs = await write(() => ingest(batch))
      for (const mail of batch.mails) if (mail.raw.kind === 'file') blobs.release(mail.raw.sha256)
      return runs
    },
  }
}

/** Neighbouring UIDs as ranges, ascending, none wider than one search step. */
function rangesOf(uids: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (const uid of [...uids].sort((one, other) => one - other)) {
    const last = ranges.at(-1)
    if (last !== undefined && uid - last[1] <= nearUids && uid - last[0] < ledger.searchRows) last[1] = uid
    else ranges.push([uid, uid])
  }
  return ranges
}

const triggerOf = (key: Pick<TriggerState, 'flow' | 'node' | 'connection' | 'folder'>, row: TriggerRow): TriggerState => ({
  ...key, uidValidity: row.uid_validity, firstUid: row.first_uid, since: row.since, cursorUid: row.cursor_uid,
  startFrom: row.start_from, resetSeen: row.reset_seen, resetVersion: row.reset_version,
})
