/** A run as people see it: each step with what went in and what came out, the sends, and what became of the mail on its server. */
import type { Flow } from '#shared/flow.ts'
import { fault } from '#shared/errors.ts'
import { readFlow } from '#shared/flow-check.ts'
import { nodesBefore } from '#shared/flow-order.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { isJsonObject, type Json } from '#shared/json.ts'
import type { NodeId, RunId } from '#shared/ids.ts'
import { hasEnded, type RunDetail, type StepView } from '#shared/run.ts'
import type { RunRecord, StepRecord, Store } from '../store/store.ts'

/** RUN_NOT_FOUND. */
export async function viewRun(store: Store, id: RunId): Promise<RunDetail> {
  const record = await findRun(store, id)
  const [version, sends] = await Promise.all([store.flowVersion(record.flow, record.version), store.sendsOfRun(id)])
  const { steps: records, trigger: _, uid: __, uidValidity: ___, flags: ____, receivedAt: _____, ...seen } = record
  const { flow } = readFlow(version?.json ?? '')
  return { ...seen, steps: flow ? stepViews(flow, records, record) : [], sends }
}

export async function findRun(store: Store, id: RunId): Promise<RunRecord> {
  const record = await store.run(id)
  if (!record) throw fault('RUN_NOT_FOUND', { id })
  return record
}

/** The steps that ran, in their order; of an ended run also those behind its trigger that were never reached. */
function stepViews(flow: Flow, records: readonly StepRecord[], { state, trigger }: Pick<RunRecord, 'state' | 'trigger'>): readonly StepView[] {
  const asked = new Map<NodeId, Json>()
  const outputs = new Map(records.map((record) => {
    const output = jsonOr(record.outputJson)
    const kind = flow.nodes.find((node) => node.id === record.node)?.kind
    // A step that works in a mailbox is written with its question (mailbox-action.ts ActionRecord).
    if (kind === undefined || nodeDescriptions[kind].family !== 'mailbox' || !isJsonObject(output)) return [record.node, output]
    asked.set(record.node, output['asked'] ?? null)
    return [record.node, output['answer'] ?? null]
  }))
  const ended = hasEnded(state)
  const reached = new Set(records.map((record) => record.node))
  const skipped = ended ? flow.nodes.filter((node) => !reached.has(node.id) && (node.id === trigger || nodesBefore(flow, node.id).has(trigger))).map((node) => node.id) : []
  return [...records, ...skipped.map(skippedStep)].flatMap((record) => {
    const node = flow.nodes.find((candidate) => candidate.id === record.node)
    return node ? [{
      node: node.id, kind: node.kind, name: node.name ?? nodeDescriptions[node.kind].title, state: record.state,
      startedAt: record.startedAt === '' ? null : record.startedAt, durationMs: record.startedAt === '' ? null : record.durationMs,
      input: asked.get(node.id) ?? inputOf(flow, node.id, outputs), output: outputs.get(node.id) ?? null, problem: record.problem,
    }] : []
  })
}

const skippedStep = (node: NodeId): StepRecord => ({ node, state: 'skipped', startedAt: '', durationMs: 0, outputJson: '', problem: null })

/** Inputs are not stored: what goes in is what the nodes right before it left. */
function inputOf(flow: Flow, node: NodeId, outputs: ReadonlyMap<NodeId, Json>): Json {
  const before = flow.edges.filter((edge) => edge.to === node).map((edge) => edge.from)
  const [only, ...more] = before
  if (only === undefined) return null
  return more.length === 0 ? (outputs.get(only) ?? null) : Object.fromEntries(before.map((id) => [id, outputs.get(id) ?? null]))
}

function jsonOr(text: string): Json {
  if (text === '') return null
  try {
    // Written by the engine with JSON.stringify, so it is Json.
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}
