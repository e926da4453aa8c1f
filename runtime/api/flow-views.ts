/** What people see of flows: the draft, what runs of it, and how it has done today. */
import type { FlowSummary, FlowVersionView, FlowView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { FlowProblem } from '#shared/flow.ts'
import type { RunningFlow } from '#shared/check-circles.ts'
import { checkFlow, readFlow } from '#shared/flow-check.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import type { FlowId } from '#shared/ids.ts'
import type { Draft } from '../drafts.ts'
import { isSameFlow } from '../engine/deploy.ts'
import { frozenText } from '../flow-text.ts'
import type { FlowCounts, FlowVersion, Store } from '../store/store.ts'
import type { ApiDeps } from './deps.ts'
import type { Sight } from './sight.ts'

export type Connections = readonly { readonly id: string; readonly kind: string; readonly shared: boolean }[]
type Parts = Pick<ApiDeps, 'store' | 'drafts' | 'registry' | 'clock'>

/** The etag of a flow whose file is gone while its version runs: writing with it makes the file anew. */
const noFile = 'none'

/** All drafts, and flows that run although their file is gone. */
export async function listFlows(parts: Parts, sight: Sight, dayStart: string): Promise<readonly FlowSummary[]> {
  const [drafts, running, connections] = await Promise.all([parts.drafts.list(), parts.store.runningFlows(), parts.registry.list().then((all) => sight.mark(all))])
  const known = new Set(drafts.map((draft) => draft.id))
  const lost = running.filter((version) => !known.has(version.flow)).map(draftOfVersion)
  return sight.flows(await Promise.all([...drafts, ...lost].map(async (draft) => summaryOf(await factsOf(parts.store, draft, parts.clock.now(), dayStart), connections))))
}

/** FLOW_NOT_FOUND. */
export async function viewFlow(parts: Parts, sight: Sight, id: FlowId, dayStart: string): Promise<FlowView> {
  const draft = await draftOrVersion(parts, id)
  const connections = sight.mark(await parts.registry.list())
  const facts = await factsOf(parts.store, draft, parts.clock.now(), dayStart)
  const [summary = summaryOf(facts, connections)] = await sight.flows([summaryOf(facts, connections)])
  return { ...summary, flow: draft.flow, text: draft.text, etag: draft.etag, flowProblems: problemsOf(draft, connections), counts: facts.counts.nodes }
}

/** The draft, else what runs of it. FLOW_NOT_FOUND. */
export async function draftOrVersion({ drafts, store }: Pick<Parts, 'drafts' | 'store'>, id: FlowId): Promise<Draft> {
  const draft = await drafts.read(id)
  if (draft) return draft
  const running = (await store.flowVersions(id)).find((version) => version.running)
  if (!running) throw fault('FLOW_NOT_FOUND', { id })
  return draftOfVersion(running)
}

/** What can be told without loading the expression engine; the check and the deploy look at everything. */
function problemsOf(draft: Draft, connections: Connections): readonly FlowProblem[] {
  return draft.flow ? [...draft.problems, ...checkFlow(draft.flow, { connections }).problems] : draft.problems
}

/** Newest first; a version this release cannot read is left out of the list and stays in the store. */
export const versionViews = (versions: readonly FlowVersion[]): readonly FlowVersionView[] =>
  versions.toSorted((a, b) => b.version - a.version).flatMap((version) => {
    const { flow } = readFlow(version.json)
    return flow ? [{ version: version.version, deployedAt: version.deployedAt, running: version.running, flow }] : []
  })

function draftOfVersion(version: FlowVersion): Draft {
  const { flow, problems } = readFlow(version.json)
  const gone: FlowProblem = { code: 'FLOW_SHAPE', severity: 'warning', node: '', field: '', advice: `The file ${version.flow}.json is gone from the flows folder; what you see is version ${version.version}, which runs. Saving writes the file again.` }
  return { id: version.flow, text: version.json, etag: noFile, flow, problems: [...problems, gone], updatedAt: version.deployedAt }
}

interface FlowFacts { readonly draft: Draft; readonly newest: FlowVersion | null; readonly running: FlowVersion | null; readonly counts: FlowCounts; readonly paused: FlowSummary['paused']; readonly held: number }

async function factsOf(store: Store, draft: Draft, now: string, dayStart: string): Promise<FlowFacts> {
  const [versions, counts, pauses, held] = await Promise.all([store.flowVersions(draft.id), store.flowCounts(draft.id, now, dayStart), store.flowPauses(), store.heldSends(draft.id)])
  const newest = versions.toSorted((a, b) => b.version - a.version)[0] ?? null
  const pause = pauses.find(({ flow }) => flow === draft.id)
  return { draft, newest, running: versions.find((version) => version.running) ?? null, counts, paused: pause ? { at: pause.at, problem: pause.problem } : null, held: held.length }
}

function summaryOf({ draft, newest, running, counts, paused, held }: FlowFacts, connections: Connections): FlowSummary {
  return {
    id: draft.id,
    name: draft.flow?.name ?? newest?.name ?? draft.id,
    running: running?.version ?? null,
    latest: newest?.version ?? 0,
    changed: draft.etag !== noFile && (newest === null || draft.flow === null || !isSameFlow(newest.json, frozenText(draft.flow))),
    problems: problemsOf(draft, connections).filter((problem) => problem.severity === 'error').length,
    kinds: draft.flow?.nodes.map((node) => node.kind) ?? [],
    today: counts.today,
    hours: counts.hours,
    lastProblem: counts.lastProblem,
    paused, held,
    testTo: (running ? readFlow(running.json).flow : draft.flow)?.sending?.testTo ?? null,
    updatedAt: draft.updatedAt,
  }
}

/** What runs now, for circles between flows; nameless for whom a flow's connections are hidden. Only flows that put mail somewhere are read. */
export async function runningFlows({ store }: Pick<ApiDeps, 'store'>, sight: Sight): Promise<readonly RunningFlow[]> {
  const running = await store.runningFlows()
  return running.filter(({ json }) => /"(?:move|copy|change-mail)"/.test(json)).flatMap(({ json }): readonly RunningFlow[] => {
    const { flow } = readFlow(json)
    if (flow === null) return []
    return [namedConnections(flow).every(({ id }) => sight.shows(id)) ? flow : { ...flow, name: '' }]
  })
}
