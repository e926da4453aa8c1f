/** A flow's day in numbers, read from the running counts: the cost does not grow with the number of runs. */
import type { Problem } from '#shared/errors.ts'
import type { FlowCounts, Store } from '../store.ts'
import { query } from './database.ts'
import type { Parts } from './parts.ts'
import { problemOfText } from './steps.ts'
import { quarterOf, type TallyRow } from './tally.ts'

interface FailedRow { readonly key: number; readonly id: string; readonly problem: string | null; readonly finished_at: string }
const quartersPerHour = 4
const hoursShown = 24

export function makeFlowCounts({ db, keys, tally }: Parts): Pick<Store, 'flowCounts'> {
  const last = (state: 'failed' | 'bounced') => query<FailedRow>(db, `SELECT key, id, problem, finished_at FROM run WHERE flow = ? AND state = '${state}' ORDER BY key DESC LIMIT 1`)
  // Each by an index of its own that holds no other rows (sqlite.org/partialindex.html).
  const [lastFailed, lastBounced] = [last('failed'), last('bounced')]
  const lastTrouble = (flow: number): FailedRow | undefined =>
    [lastFailed, lastBounced].flatMap((kind) => kind.one(flow) ?? []).toSorted((one, other) => other.key - one.key)[0]

  return {
    flowCounts: async (id, now, dayStart) => {
      const flow = keys.knownFlow(id)
      // The hour that is running counts as the last of the 24.
      const end = quarterOf(now) + 1
      const begin = end - hoursShown * quartersPerHour
      const today = quarterOf(dayStart)
      const rows = flow === null ? [] : tally.since(flow, Math.min(begin, today))
      const failed = flow === null ? undefined : lastTrouble(flow)
      return { ...countsOf(rows, begin, today), lastProblem: failed === undefined ? null : lastProblemOf(failed) }
    },
  }
}

function countsOf(rows: readonly TallyRow[], begin: number, today: number): Omit<FlowCounts, 'lastProblem'> {
  const hours = Array.from({ length: hoursShown }, () => 0)
  const nodes = new Map<string, { done: number; failed: number }>()
  const day = { made: 0, done: 0, failed: 0 }
  for (const { quarter, node, made, done, failed } of rows) {
    if (node === '') {
      const hour = Math.floor((quarter - begin) / quartersPerHour)
      if (hour >= 0 && hour < hoursShown) hours[hour] = (hours[hour] ?? 0) + made
    }
    if (quarter < today) continue
    const sum = node === '' ? day : (nodes.get(node) ?? { done: 0, failed: 0 })
    sum.done += done
    sum.failed += failed
    if (node === '') day.made += made
    else nodes.set(node, sum)
  }
  return { today: { done: day.done, failed: day.failed, open: day.made - day.done - day.failed }, hours, nodes: Object.fromEntries(nodes) }
}

function lastProblemOf({ id, problem, finished_at }: FailedRow): FlowCounts['lastProblem'] {
  const told: Problem | null = problemOfText(problem)
  return { run: id, say: told?.say ?? '', at: finished_at }
}
