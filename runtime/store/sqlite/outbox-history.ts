/** The outbox as people read it: its rows newest first, how many stand in each state, one row, its bytes. */
import { flowId, nodeId, runId, sendId } from '#shared/ids.ts'
import type { RecipientState, SendView } from '#shared/run.ts'
import { ledger } from '#runtime/limits.ts'
import type { Store } from '../store.ts'
import { query } from './database.ts'
import { historyOf, recipientsOf } from './outbox.ts'
import { runOfSend } from './keys.ts'
import type { Parts } from './parts.ts'
import { type RawColumns, rawOf } from './raws.ts'

type Rooms = Pick<Store, 'sendsOfRun' | 'outbox' | 'send' | 'rawOfSend'>
interface ViewRow {
  readonly key: number; readonly id: string; readonly run: string; readonly node: string; readonly flow: string; readonly connection: string; readonly state: RecipientState
  readonly message_id: string; readonly sender: string; readonly subject: string; readonly recipients: string; readonly size: number; readonly attempts: number
  readonly created_at: string; readonly due_at: string | null; readonly history: string
}

const view = `SELECT outbox.key, outbox.id, run.id AS run, node, flow.id AS flow, connection, outbox.state, outbox.message_id, outbox.sender, outbox.subject, recipients, size,
    outbox.attempts, created_at, due_at, history
  FROM outbox JOIN run ON run.key = outbox.run JOIN flow ON flow.key = run.flow`

export function makeOutboxHistory({ db, tally, blobs }: Parts): Rooms {
  const ofRun = query<ViewRow>(db, `${view} WHERE outbox.run = (SELECT key FROM run WHERE id = ?) ORDER BY outbox.key`)
  const one = query<ViewRow>(db, `${view} WHERE run.id = ? AND outbox.id = ?`)
  const all = query<ViewRow>(db, `${view} WHERE outbox.key < ? ORDER BY outbox.key DESC LIMIT ?`)
  // Sent rows are nearly all rows and are found walking back; of all others the index knows where they are.
  const sent = query<ViewRow>(db, `${view} WHERE outbox.key < ? AND outbox.state = 'sent' ORDER BY outbox.key DESC LIMIT ?`)
  const open = query<ViewRow>(db, `${view} WHERE outbox.key IN
    (SELECT key FROM outbox WHERE key < ? AND state = ? AND state <> 'sent' ORDER BY key DESC LIMIT ?) ORDER BY outbox.key DESC`)
  const raw = query<RawColumns>(db, 'SELECT sha256, size, place, bytes FROM outbox LEFT JOIN outbox_raw ON outbox_raw.outbox = outbox.key WHERE run = (SELECT key FROM run WHERE id = ?) AND id = ?')

  const page = (state: RecipientState | undefined, before: number, limit: number): readonly ViewRow[] => {
    if (state === undefined) return all.all(before, limit)
    return state === 'sent' ? sent.all(before, limit) : open.all(before, state, limit)
  }

  return {
    sendsOfRun: async (run) => ofRun.all(run).map(viewOf),
    outbox: async (filter) => {
      const limit = Math.min(Math.max(1, filter.limit), ledger.pageRows)
      const found = page(filter.state, filter.cursor === undefined ? Number.MAX_SAFE_INTEGER : Number.parseInt(filter.cursor, 10), limit + 1)
      const shown = found.slice(0, limit)
      return { sends: shown.map(viewOf), next: found.length > limit ? String(shown.at(-1)?.key ?? '') : null, counts: tally.sends() }
    },
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
  const waits = recipients.some(({ state }) => state === 'deferred' || state === 'unknown')
  return {
    id: sendId(row.id), run: runId(row.run), node: nodeId(row.node), flow: flowId(row.flow), connection: row.connection, state: row.state,
    messageId: row.message_id, from: row.sender, subject: row.subject, recipients, size: row.size, attempts: row.attempts, createdAt: row.created_at,
    nextAttemptAt: waits ? row.due_at : null, history: historyOf(row.history),
  }
}
