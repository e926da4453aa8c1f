/** A run's way through the engine: claimed, computed with its steps and sends, ended; and taken up again after a crash. */
import { fault, type Problem } from '#shared/errors.ts'
import { connectionId, flowId, nodeId, type RunId, runId } from '#shared/ids.ts'
import { hasEnded, type RunState } from '#shared/run.ts'
import { ledger, suspectAttempts } from '#runtime/limits.ts'
import type { Reported } from '../after-sending.ts'
import type { ClaimedRun, ComputedRun, RunEnd, StepRecord, Store } from '../store.ts'
import { command, query } from './database.ts'
import { makeFetched } from './fetched.ts'
import { mailIdOf, runIdOf, startOf } from './keys.ts'
import type { NewRows } from './outbox.ts'
import type { Parts } from './parts.ts'
import { type Place, type RawColumns, rawOf } from './raws.ts'
import type { TakeReport } from './reports.ts'
import { insertStepSql, stepKey, stepOf, stepsOfRunSql, stepsPerRun, type StepRow } from './steps.ts'
import { endingOf } from './tally.ts'

type Rooms = Pick<Store, 'claimRuns' | 'recordComputed' | 'recordAction' | 'actionsOf' | 'fetchedOf' | 'recordStep' | 'setRunState' | 'replay'>
interface RunRow { readonly key: number; readonly flow: number; readonly state: RunState; readonly queued_at: string; readonly subject: string | null }
interface QueuedRow extends RawColumns {
  readonly key: number; readonly id: string; readonly uid_validity: string; readonly flow: string; readonly version: number; readonly trigger_node: string
  readonly connection: string; readonly folder: string; readonly uid: number | string; readonly flags: string; readonly received_at: string | null
  readonly queued_at: string; readonly attempts: number
}
interface ReplayedRow {
  readonly mail: number; readonly flow: number; readonly flow_id: string; readonly mailbox: number; readonly trigger_node: string; readonly place: Place
  readonly connection: string; readonly folder: string; readonly uid_validity: string; readonly uid: number | string
}

const problemText = (problem: Problem | null): string | null => (problem === null ? null : JSON.stringify(problem))
const cut = (text: string): string => (text.length > ledger.textChars ? text.slice(0, ledger.textChars) : text)

export function makeRunning({ db, write, keys, tally, blobs }: Parts, rows: NewRows, takeReport: TakeReport): Rooms {
  const findRun = query<RunRow>(db, 'SELECT key, flow, state, queued_at, subject FROM run WHERE id = ?')
  const queued = (which: string) => query<QueuedRow>(db, `SELECT run.key, run.id, flow.id AS flow, version, trigger_node, connection, folder, uid_validity, uid, flags,
      received_at, queued_at, attempts, sha256, size, place, bytes
    FROM run JOIN mail ON mail.key = run.mail JOIN mailbox ON mailbox.key = run.mailbox JOIN flow ON flow.key = run.flow
    WHERE run.state = 'queued' AND finished_at IS NULL AND ${which} LIMIT ?`)
  const innocent = queued(`attempts < ${suspectAttempts} ORDER BY run.key`)
  // Alone: whoever is in hand beside it at its next crash would count as party to it. The least suspect first, so that no mail is unlucky twice.
  const suspect = queued(`run.key = (SELECT key FROM run WHERE state = 'queued' AND finished_at IS NULL AND attempts >= ${suspectAttempts} ORDER BY attempts, key LIMIT 1)`)
  const claim = command(db, `UPDATE run SET state = 'running' WHERE key = ?`)
  const compute = command(db, 'UPDATE run SET state = ?, finished_at = ?, problem = ?, subject = ?, sender = ?, message_id = ? WHERE key = ?')
  const end = command(db, 'UPDATE run SET state = ?, finished_at = ?, problem = ? WHERE key = ?')
  const fetched = makeFetched({ db, blobs })
  const insertStep = command(db, insertStepSql)
  const findStep = query<{ key: number; state: string }>(db, 'SELECT key, state FROM step WHERE key BETWEEN ? AND ? AND node = ?')
  const lastStep = query<{ key: number | null }>(db, 'SELECT max(key) AS key FROM step WHERE key BETWEEN ? AND ?')
  const stepsOfRun = query<StepRow>(db, stepsOfRunSql)
  const putStep = command(db, 'UPDATE step SET state = ?, started_at = ?, duration_ms = ?, problem = ?, output = ? WHERE key = ?')
  // How a send ended is added to what is known of it since it was composed.
  const endStep = command(db, "UPDATE step SET state = ?1, started_at = ?2, duration_ms = ?3, problem = ?4, output = CASE WHEN output LIKE '{%' AND ?5 LIKE '{%' THEN json_patch(output, ?5) ELSE ?5 END WHERE key = ?6")
  const replayed = query<ReplayedRow>(db, `SELECT run.mail, run.flow, flow.id AS flow_id, run.mailbox, trigger_node, place, connection, folder, uid_validity, uid
    FROM run JOIN mail ON mail.key = run.mail JOIN mailbox ON mailbox.key = run.mailbox JOIN flow ON flow.key = run.flow WHERE run.id = ?`)
  const lastReplay = query<{ replay: number }>(db, 'SELECT max(replay) AS replay FROM run WHERE mail = ? AND flow = ?')
  const insertReplay = command(db, `INSERT INTO run (id, mail, flow, replay, mailbox, version, trigger_node, state, queued_at, settle, settle_say)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, 'done', 'A run made again leaves the mail on its server as it is.')`)

  const runRow = (id: RunId): RunRow => {
    const row = findRun.one(id)
    if (row === undefined) throw fault('RUN_NOT_FOUND', { id })
    return row
  }

  const countStep = (run: RunRow, node: string, state: string, by: 1 | -1): void => {
    const ending = endingOf(state)
    if (ending !== null) tally.count(run.flow, run.queued_at, node, ending, by)
  }

  const writeStep = (key: number, step: StepRecord): void => {
    insertStep.run(key, step.node, step.state, step.startedAt, step.durationMs, problemText(step.problem), step.outputJson)
  }

  const addStep = (run: RunRow, key: number, step: StepRecord): void => {
    writeStep(key, step)
    countStep(run, step.node, step.state, 1)
  }

  const record = (computed: ComputedRun): Reported | null => {
    const run = runRow(computed.run)
    // The first result stands: a worker's answer that comes after its time was up must not be written over it.
    if (run.state !== 'running' || run.subject !== null) return null
    const { subject, from, messageId } = computed.mail
    compute.run(computed.state, hasEnded(computed.state) ? computed.at : null, problemText(computed.problem), cut(subject), cut(from), cut(messageId), run.key)
    for (const [position, step] of computed.steps.entries()) addStep(run, stepKey(run.key, position), step)
    for (const send of computed.sends) rows.add(run, send, computed.at)
    fetched.drop(run.key)
    tally.turn(run.flow, run.queued_at, run.state, computed.state)
    return computed.report ? takeReport(computed.report, computed.run, computed.at) : null
  }

  /** An action is counted with the run's result, which brings it again. */
  const setStep = (id: RunId, step: StepRecord, counted: boolean): void => {
    const run = runRow(id)
    const first = stepKey(run.key, 0)
    const last = first + stepsPerRun - 1
    const known = findStep.one(first, last, step.node)
    if (known === undefined) {
      const next = (lastStep.one(first, last)?.key ?? first - 1) + 1
      if (counted) addStep(run, next, step)
      else writeStep(next, step)
      return
    }
    (counted ? endStep : putStep).run(step.state, step.startedAt, step.durationMs, problemText(step.problem), step.outputJson, known.key)
    if (!counted || known.state === step.state) return
    countStep(run, step.node, known.state, -1)
    countStep(run, step.node, step.state, 1)
  }

  const setState = ({ run: id, state, problem, at }: RunEnd): void => {
    const run = runRow(id)
    end.run(state, hasEnded(state) ? at : null, problemText(problem), run.key)
    tally.turn(run.flow, run.queued_at, run.state, state)
  }

  return {
    claimRuns: (limit) => write(() => {
      const rows = innocent.all(limit)
      const claimed = rows.length > 0 ? rows : suspect.all(1)
      for (const row of claimed) claim.run(row.key)
      return claimed.map((row): ClaimedRun => ({
        id: runId(row.id), mail: mailIdOf(row.connection, row.folder, row.uid_validity, String(row.uid)), flow: flowId(row.flow), version: row.version, trigger: nodeId(row.trigger_node), start: startOf(row.uid_validity),
        connection: connectionId(row.connection), folder: row.folder, uid: String(row.uid), uidValidity: row.uid_validity, flags: JSON.parse(row.flags) as string[],
        receivedAt: row.received_at, queuedAt: row.queued_at, attempts: row.attempts,
        // prune() drops bytes of finished runs only, and replay() refuses dropped ones.
        raw: rawOf(row, blobs) ?? { kind: 'bytes', bytes: new Uint8Array() },
      }))
    }),

    recordComputed: async (computed) => {
      const reported = await write(() => record(computed))
      for (const { raw } of computed.sends) if (raw.kind === 'file') blobs.release(raw.sha256)
      return reported
    },

    recordAction: async (id, step, raw) => {
      await write(() => {
        const run = runRow(id)
        if (run.subject !== null) return
        setStep(id, step, false)
        if (raw) fetched.put(run.key, step.node, raw)
      })
      if (raw?.kind === 'file') blobs.release(raw.sha256)
    },
    fetchedOf: async (id) => fetched.of(runRow(id).key),
    actionsOf: async (id) => {
      const first = stepKey(runRow(id).key, 0)
      return stepsOfRun.all(first, first + stepsPerRun - 1).map(stepOf).filter((step) => step.state === 'done')
    },
    recordStep: (id, step) => write(() => { setStep(id, step, true) }),
    setRunState: (runEnd) => write(() => { setState(runEnd) }),

    replay: (id, version, at) => write(() => {
      const first = replayed.one(id)
      if (first === undefined) throw fault('RUN_NOT_FOUND', { id })
      if (first.place === 'dropped') throw fault('RUN_BYTES_DROPPED')
      const number = (lastReplay.one(first.mail, first.flow)?.replay ?? 0) + 1
      const flow = flowId(first.flow_id)
      const run = runIdOf(mailIdOf(first.connection, first.folder, first.uid_validity, String(first.uid)), flow, number)
      insertReplay.run(run, first.mail, first.flow, number, first.mailbox, version, first.trigger_node, at)
      tally.count(keys.flow(flow), at, '', 'made', 1)
      return run
    }),
  }
}
