/** Run history: lists newest first in small steps that let others in between, one run whole, and its mail's bytes. */
import type { SQLInputValue } from 'node:sqlite'
import { flowId, nodeId, runId } from '#shared/ids.ts'
import { eventValidity } from '#shared/mailbox-event.ts'
import type { RunState, RunSummary } from '#shared/run.ts'
import { ledger } from '#runtime/limits.ts'
import type { RunFilter, RunRecord, Store } from '../store.ts'
import { query, type Query } from './database.ts'
import { mailIdOf, runIdOf, startOf } from './keys.ts'
import type { Parts } from './parts.ts'
import { type RawColumns, rawOf } from './raws.ts'
import { problemOfText, stepKey, stepOf, type StepRow, stepsOfRunSql, stepsPerRun } from './steps.ts'

type Rooms = Pick<Store, 'runs' | 'runSummaries' | 'run' | 'rawOfMail' | 'lastMailOf'>
interface SummaryRow {
  readonly key: number; readonly id: string; readonly flow: string; readonly flow_name: string | null; readonly version: number; readonly state: RunState
  readonly subject: string | null; readonly sender: string; readonly connection: string; readonly folder: string; readonly uid_validity: string
  readonly uid: number | string; readonly size: number
  readonly queued_at: string; readonly finished_at: string | null; readonly problem: string | null; readonly resent: number
}
interface RecordRow extends SummaryRow {
  readonly trigger_node: string; readonly flags: string; readonly received_at: string | null
  readonly attempts: number; readonly settle: RunRecord['settle']['state']; readonly settle_action: string; readonly settle_at: string | null; readonly settle_say: string
}

const summaryColumns = `run.key, run.id, flow.id AS flow, flow_version.name AS flow_name, run.version, run.state, run.subject, run.sender,
  connection, folder, uid_validity, uid, size, queued_at, finished_at, problem, resent`
const joined = `FROM run JOIN mail ON mail.key = run.mail JOIN mailbox ON mailbox.key = run.mailbox JOIN flow ON flow.key = run.flow
  LEFT JOIN flow_version ON flow_version.flow = run.flow AND flow_version.version = run.version`
const dayMs = 24 * 3600_000

export function makeHistory({ db, keys, blobs }: Parts): Rooms {
  // LIKE and lower() know ASCII only; names and subjects have more letters than that.
  db.function('contains', { deterministic: true }, (text, part) => (String(text ?? '').toLowerCase().includes(String(part)) ? 1 : 0))
  const newest = query<{ key: number | null }>(db, 'SELECT max(key) AS key FROM run')
  const queuedBefore = query<{ queued_at: string }>(db, 'SELECT queued_at FROM run WHERE key <= ? ORDER BY key DESC LIMIT 1')
  const summary = query<SummaryRow>(db, `SELECT ${summaryColumns} ${joined} WHERE run.id = ?`)
  const record = query<RecordRow>(db, `SELECT ${summaryColumns}, trigger_node, flags, received_at, attempts,
    settle, settle_action, settle_at, settle_say ${joined} WHERE run.id = ?`)
  const steps = query<StepRow>(db, stepsOfRunSql)
  const mailRaw = query<RawColumns>(db, 'SELECT sha256, size, place, bytes FROM mail WHERE key = (SELECT mail FROM run WHERE id = ?)')
  const flows = query<{ id: string }>(db, 'SELECT id FROM flow')
  const lastOfFlow = query<{ id: string }>(db, `SELECT run.id FROM run JOIN mailbox ON mailbox.key = run.mailbox
    WHERE flow = ? AND uid_validity <> '${eventValidity}' ORDER BY run.key DESC LIMIT 1`)
  const searches = new Map<string, Query<SummaryRow>>()

  const searchOf = (wheres: readonly string[]): Query<SummaryRow> => {
    const sql = `SELECT ${summaryColumns} ${joined} WHERE ${['run.key <= ?', 'run.key > ?', ...wheres].join(' AND ')} ORDER BY run.key DESC LIMIT ?`
    const known = searches.get(sql) ?? query<SummaryRow>(db, sql)
    searches.set(sql, known)
    return known
  }

  /** Reads a bounded stretch of runs at a time: a search through a million runs holds the loop for milliseconds only. */
  const search = async (filter: RunFilter, limit: number): Promise<readonly SummaryRow[]> => {
    const { wheres, values } = conditionsOf(filter, keys.knownFlow)
    if (values.includes(null)) return []
    const statement = searchOf(wheres)
    const found: SummaryRow[] = []
    let from = filter.cursor === undefined ? (newest.one()?.key ?? 0) : Number.parseInt(filter.cursor, 10) - 1
    while (from > 0 && found.length < limit) {
      const until = Math.max(0, from - ledger.searchRows)
      found.push(...statement.all(from, until, ...values, limit - found.length))
      from = until
      if (filter.since !== undefined && isLongBefore(queuedBefore.one(from)?.queued_at, filter.since)) break
      if (from > 0 && found.length < limit) await new Promise(setImmediate)
    }
    return found
  }

  return {
    runs: async (filter) => {
      const limit = Math.min(Math.max(1, filter.limit), ledger.pageRows)
      const found = await search(filter, limit + 1)
      const page = found.slice(0, limit)
      return { runs: page.map(summaryOf), next: found.length > limit ? String(page.at(-1)?.key ?? '') : null }
    },
    runSummaries: async (ids) => ids.flatMap((id) => {
      const row = summary.one(id)
      return row === undefined ? [] : [summaryOf(row)]
    }),
    run: async (id) => {
      const row = record.one(id)
      if (row === undefined) return null
      const first = stepKey(row.key, 0)
      return recordOf(row, steps.all(first, first + stepsPerRun - 1))
    },
    rawOfMail: async (id) => {
      // A mail is in the ledger because some flow ran with it, and that run's id follows from both.
      for (const flow of flows.all()) {
        const row = mailRaw.one(runIdOf(id, flowId(flow.id), 0))
        if (row !== undefined) return rawOf(row, blobs)
      }
      return null
    },
    lastMailOf: async (id) => {
      const flow = keys.knownFlow(id)
      const row = flow === null ? undefined : lastOfFlow.one(flow)
      return row === undefined ? null : runId(row.id)
    },
  }
}

/** A null among the values: a flow nobody knows, so nothing can match. */
function conditionsOf(filter: RunFilter, flowKey: (id: NonNullable<RunFilter['flow']>) => number | null): { wheres: readonly string[]; values: readonly SQLInputValue[] } {
  const conditions: readonly (readonly [string, SQLInputValue | undefined])[] = [
    ['run.flow = ?', filter.flow === undefined ? undefined : flowKey(filter.flow)],
    ['run.state = ?', filter.state],
    ['queued_at >= ?', filter.since],
    ['contains(run.sender, ?)', filter.from?.toLowerCase()],
    ['contains(run.subject, ?)', filter.subject?.toLowerCase()],
    ['run.message_id = ?', filter.messageId],
  ]
  const asked = conditions.flatMap(([where, value]) => (value === undefined ? [] : [{ where, value }]))
  return { wheres: asked.map(({ where }) => where), values: asked.map(({ value }) => value) }
}

/** Runs lie in the order they were queued but for jumps of the clock; a day's slack covers those. */
export const isLongBefore = (queuedAt: string | undefined, since: string): boolean =>
  queuedAt !== undefined && Date.parse(queuedAt) < Date.parse(since) - dayMs

const summaryOf = (row: SummaryRow): RunSummary => ({
  id: runId(row.id), flow: flowId(row.flow), flowName: row.flow_name ?? row.flow, version: row.version, state: row.state, start: startOf(row.uid_validity),
  mail: { id: mailIdOf(row.connection, row.folder, row.uid_validity, String(row.uid)), subject: row.subject ?? '', from: row.sender, connection: row.connection, folder: row.folder, size: row.size },
  queuedAt: row.queued_at, finishedAt: row.finished_at,
  durationMs: row.finished_at === null ? null : Math.max(0, Date.parse(row.finished_at) - Date.parse(row.queued_at)),
  problem: problemOfText(row.problem), resent: row.resent,
})

const recordOf = (row: RecordRow, steps: readonly StepRow[]): RunRecord => ({
  ...summaryOf(row), trigger: nodeId(row.trigger_node), uid: String(row.uid), uidValidity: row.uid_validity, flags: JSON.parse(row.flags) as string[],
  receivedAt: row.received_at, attempts: row.attempts, steps: steps.map(stepOf),
  settle: { state: row.settle, action: row.settle_action, at: row.settle_at, say: row.settle_say },
})

