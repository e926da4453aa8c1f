/** Finds rows of the outbox by what people ask for: through the index that holds fewest others, and a text in bounded stretches. */
import type { SQLInputValue } from 'node:sqlite'
import { connectionId, flowId } from '#shared/ids.ts'
import type { RecipientState } from '#shared/run.ts'
import { ledger } from '#runtime/limits.ts'
import type { OutboxFilter, OutboxPages, SendGroup } from '../outbox-pages.ts'
import { query, type Query } from './database.ts'
import { isLongBefore } from './history.ts'
import type { Parts } from './parts.ts'

export interface OutboxSearch extends Pick<OutboxPages, 'countSends'> {
  /** Keys of at most so many rows below `before`, newest first. */
  readonly find: (filter: OutboxFilter, before: number, limit: number) => Promise<readonly number[]>
}
interface Key { readonly key: number }
interface GroupRow { readonly flow: string; readonly version: number; readonly connection: string; readonly source: string; readonly rows: number }

/** The index is named: SQLite knows nothing of how many rows are in which state, and a wrong guess reads all of them. */
function indexOf({ state, flow, connection }: OutboxFilter): string {
  if (state === 'sending') return 'INDEXED BY outbox_open'
  if (state !== undefined && state !== 'sent') return 'INDEXED BY outbox_left'
  return flow !== undefined ? 'INDEXED BY outbox_flow' : connection !== undefined ? 'INDEXED BY outbox_connection' : 'NOT INDEXED'
}

/** A partial index is used only where its own condition is said again (sqlite.org/partialindex.html). */
const saidAgain = (state: RecipientState): string => (state === 'sent' ? '' : state === 'sending' ? ` AND outbox.state <> 'sent'` : ` AND outbox.state NOT IN ('sent', 'sending')`)

/** Rows that are read to judge them are read a stretch at a time; what an index has judged already is not. */
const isJudgedRowByRow = ({ state, text, since, flow, connection }: OutboxFilter): boolean =>
  text !== undefined || since !== undefined || (state === 'sent' && (flow !== undefined || connection !== undefined)) || (flow !== undefined && connection !== undefined)

export function makeOutboxSearch({ db, keys }: Pick<Parts, 'db' | 'keys'>): OutboxSearch {
  const newest = query<{ key: number | null }>(db, 'SELECT max(key) AS key FROM outbox')
  const createdBefore = query<{ created_at: string }>(db, 'SELECT created_at FROM outbox WHERE key < ? ORDER BY key DESC LIMIT 1')
  const known = new Map<string, Query<unknown>>()
  const prepared = <Row>(sql: string): Query<Row> => {
    const found = known.get(sql) ?? query<unknown>(db, sql)
    known.set(sql, found)
    // The row type is written beside each statement's columns, below.
    return found as Query<Row>
  }

  /** null: a flow that nobody knows, so nothing can match. */
  const conditions = (filter: OutboxFilter): { readonly where: string; readonly values: readonly SQLInputValue[] } | null => {
    const flow = filter.flow === undefined ? undefined : keys.knownFlow(filter.flow)
    if (flow === null) return null
    const text = filter.text?.toLowerCase()
    const asked: readonly (readonly [string, readonly SQLInputValue[] | undefined])[] = [
      [filter.state === undefined ? '' : `outbox.state = ?${saidAgain(filter.state)}`, filter.state && [filter.state]],
      ['outbox.flow = ?', flow === undefined ? undefined : [flow]],
      ['outbox.connection = ?', filter.connection && [filter.connection]],
      ['created_at >= ?', filter.since === undefined ? undefined : [filter.since]],
      [`(contains(outbox.subject, ?) OR EXISTS (SELECT 1 FROM json_each(recipients) WHERE contains(json_extract(value, '$.address'), ?)))`, text === undefined ? undefined : [text, text]],
    ]
    const given = asked.flatMap(([where, values]) => (values === undefined ? [] : [{ where, values }]))
    return { where: ['outbox.key < ?', 'outbox.key >= ?', ...given.map(({ where }) => where)].join(' AND '), values: given.flatMap(({ values }) => values) }
  }

  /** Walks down from `before`, each stretch in a turn of its own, until `take` has enough. */
  async function walk(filter: OutboxFilter, before: number, rowByRow: boolean, take: (from: number, until: number) => boolean): Promise<void> {
    for (let from = before; from > 0;) {
      const until = rowByRow ? Math.max(0, from - ledger.searchRows) : 0
      if (!take(from, until)) return
      from = until
      const at = filter.since === undefined || from === 0 ? undefined : createdBefore.one(from)?.created_at
      if (at !== undefined && filter.since !== undefined && isLongBefore(at, filter.since)) return
      if (from > 0) await new Promise(setImmediate)
    }
  }
  const last = (): number => (newest.one()?.key ?? 0) + 1
  const bound = (upTo: string | undefined): number => (upTo === undefined ? last() : Number.parseInt(upTo, 10) + 1)

  return {
    find: async (filter, before, limit) => {
      const asked = conditions(filter)
      if (asked === null) return []
      const rows = prepared<Key>(`SELECT outbox.key AS key FROM outbox ${indexOf(filter)} WHERE ${asked.where} ORDER BY outbox.key DESC LIMIT ?`)
      const found: number[] = []
      await walk(filter, Math.min(before, bound(filter.upTo)), isJudgedRowByRow(filter), (from, until) => {
        found.push(...rows.all(from, until, ...asked.values, limit - found.length).map(({ key }) => key))
        return found.length < limit
      })
      return found
    },

    countSends: async (filter) => {
      const upTo = bound(filter.upTo)
      const asked = conditions(filter)
      const groups = new Map<string, SendGroup>()
      if (asked !== null) {
        const rows = prepared<GroupRow>(`SELECT flow.id AS flow, run.version AS version, outbox.connection AS connection, mailbox.connection AS source, count(*) AS rows
          FROM outbox ${indexOf(filter)} JOIN run ON run.key = outbox.run JOIN mailbox ON mailbox.key = run.mailbox JOIN flow ON flow.key = run.flow
          WHERE ${asked.where} GROUP BY 1, 2, 3, 4`)
        await walk(filter, upTo, true, (from, until) => {
          for (const { flow, version, connection, source, rows: count } of rows.all(from, until, ...asked.values)) {
            const name = [flow, version, connection, source].join('\0')
            groups.set(name, { flow: flowId(flow), version, connection: connectionId(connection), source: connectionId(source), rows: count + (groups.get(name)?.rows ?? 0) })
          }
          return true
        })
      }
      return { groups: [...groups.values()], upTo: String(upTo - 1) }
    },
  }
}
