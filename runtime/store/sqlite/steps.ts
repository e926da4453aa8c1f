/** The steps of a run: their keys follow from the run's, so they lie side by side and need no index of their own. */
import { nodeId } from '#shared/ids.ts'
import type { Problem } from '#shared/errors.ts'
import type { StepState } from '#shared/run.ts'
import type { StepRecord } from '../store.ts'

/** A flow has at most 200 nodes (shared/flow.ts). */
export const stepsPerRun = 256
export const stepKey = (run: number, position: number): number => run * stepsPerRun + position

/** The steps of a run's result lie where its actions lay until then. */
export const insertStepSql = 'INSERT OR REPLACE INTO step (key, node, state, started_at, duration_ms, problem, output) VALUES (?, ?, ?, ?, ?, ?, ?)'
export const stepsOfRunSql = 'SELECT node, state, started_at, duration_ms, problem, output FROM step WHERE key BETWEEN ? AND ? ORDER BY key'

export interface StepRow {
  readonly node: string; readonly state: StepState; readonly started_at: string; readonly duration_ms: number
  readonly problem: string | null; readonly output: string
}

export const stepOf = (row: StepRow): StepRecord => ({
  node: nodeId(row.node), state: row.state, startedAt: row.started_at, durationMs: row.duration_ms, outputJson: row.output, problem: problemOfText(row.problem),
})

// Written by running.ts alone.
export const problemOfText = (text: string | null): Problem | null => (text === null ? null : (JSON.parse(text) as Problem))
