/** The outbox as people read it: its rows newest first, how many stand in each state, one row, its bytes. */
import { flowId, nodeId, runId, sendId } from '#shared/ids.ts'
import type { RecipientState, SendView, SentCopy } from '#shared/run.ts'
import { ledger } from '#runtime/limits.ts'
import type { Store } from '../store.ts'
import { query } from './database.ts'
import { historyOf, recipientsOf } from './outbox.ts'
import { runOfSend } from './keys.ts'
import { makeOutboxSearch } from './outbox-search.ts'
import type { Parts } from './parts.ts'
import { type Place, type RawColumns, rawOf } from './raws.ts'

type Rooms = Pick<Store, 'sendsOfRun' | 'outbox' | 'countSends' | 'send' | 'rawOfSend'>
interface ViewRow {
  readonly key: number; readonly id: string; readonly run: string; readonly node: string; readonly flow: string; readonly version: number; readonly connection: string; readonly state: RecipientState
  readonly message_id: string; readonly sender: string; readonly subject: string; readonly recipients: string; readonly size: number; readonly attempts: number
  readonly created_at: string; readonly due_at: string | null; readonly history: string; readonly replaces: string; readonly place: Place
  readonly copy_state: SentCopy['state'] | null; readonly copy_connection: string; readonly copy_folder: string; readonly copy_at: string; readonly copy_say: string
}

const view = `SELECT outbox.key, outbox.id, run.id AS run, node, flow.id AS flow, run.version, outbox.connection, outbox.state, outbox.message_id, outbox.sender, outbox.subject, recipients, size,
    outbox.attempts, created_at, outbox.due_at, history, replaces, place, sent_copy.state AS copy_state, sent_copy.connection AS copy_connection, sent_copy.folder AS copy_folder, sent_copy.due_at AS copy_at, say AS copy_say
  FROM outbox JOIN run ON run.key = outbox.run JOIN flow ON flow.key = run.flow LEFT JOIN sent_copy ON sent_copy.outbox = outbox.key`

export function makeOutboxHistory({ db, tally, blobs, keys }: Parts): Rooms {
  const { find, countSends } = makeOutboxSearch({ db, keys })
  const ofRun = query<ViewRow>(db, `${view} WHERE outbox.run = (SELECT key FROM run WHERE id = ?) ORDER BY outbox.key`)
  const one = query<ViewRow>(db, `${view} WHERE run.id = ? AND outbox.id = ?`)
  const byKey = query<ViewRow>(db, `${view} WHERE outbox.key = ?`)
  const raw = query<RawColumns>(db, 'SELECT sha256, size, place, bytes FROM outbox LEFT JOIN outbox_raw ON outbox_raw.outbox = outbox.key WHERE run = (SELECT key FROM run WHERE id = ?) AND id = ?')

  return {
    sendsOfRun: async (run) => ofRun.all(run).map(viewOf),
    outbox: async (filter) => {
      const limit = Math.min(Math.max(1, filter.limit), ledger.pageRows)
      const found = await find(filter, filter.cursor === undefined ? Number.MAX_SAFE_INTEGER : Number.parseInt(filter.cursor, 10), limit + 1)
      const shown = found.slice(0, limit)
      return { sends: shown.flatMap((key) => byKey.all(key)).map(viewOf), next: found.length > limit ? String(shown.at(-1) ?? '') : null, counts: tally.sends() }
    },
    countSends,
    send: async (id) => {
      const row = one.one(runOfSend(id), id)
      return row === undefined ? null : viewOf(row)
    },
    rawOfSend: async (id) => {
      const row = raw.one(runOfSend(id), id)
      return row === undefined ? null : rawOf(row, blobs)
    },
  }
}

function viewOf(row: ViewRow): SendView {
  const recipients = recipientsOf(row.recipients)
  // A ready row is due from its first moment on, unless its flow wanted it later.
  const waits = recipients.some(({ state }) => state === 'deferred' || state === 'unknown' || (state === 'ready' && row.attempts === 0 && row.due_at !== row.created_at))
  return {
    id: sendId(row.id), run: runId(row.run), node: nodeId(row.node), flow: flowId(row.flow), version: row.version, connection: row.connection, state: row.state,
    messageId: row.message_id, from: row.sender, subject: row.subject, recipients, size: row.size, attempts: row.attempts, createdAt: row.created_at,
    nextAttemptAt: waits ? row.due_at : null, history: historyOf(row.history),
    ...(row.replaces === '' ? {} : { replaces: sendId(row.replaces) }), ...(row.place === 'dropped' ? { dropped: true as const } : {}),
    copy: row.copy_state === null ? null : { state: row.copy_state, connection: row.copy_connection, folder: row.copy_state === 'done' ? row.copy_say : row.copy_folder, at: row.copy_at, say: row.copy_state === 'done' ? '' : row.copy_say },
  }
}
