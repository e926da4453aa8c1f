/** The rows' results on the sample mail, worked out here with the runtime's own code, following the typing at its own pace. */
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import type { Mail } from '#shared/mail.ts'
import type { Flow, FlowNode, FlowProblem } from '#shared/flow.ts'
import type { Json, JsonObject } from '#shared/json.ts'
import { checkRows, loadCheckers } from '#shared/mapping/check.ts'
import { compileMapping, evaluateMapping, type Mapped, type Scope, type Sources } from '#shared/mapping/evaluate.ts'
import { sampleMailboxEvent } from '#shared/mailbox-event.ts'
import { rowSchema, type Row } from '#shared/mapping/mapping.ts'
import { sourcesOf, targetNodeOf, targetOf } from '#shared/mapping/sources.ts'
import { orderFlow } from '#shared/flow-order.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import type { Shape } from '#shared/shape.ts'

export interface Ground {
  readonly sources: Sources
  readonly target: Shape
  /** The step that takes what is mapped; null while there is none. */
  readonly next: FlowNode | null
  /** The step in front that starts the run and whose mail, or event, is mapped; '' when there is none yet. */
  readonly mailNode: string
  readonly start: 'mail' | 'event'
  /** Its id when it is the only step in front: its name can be left out then. */
  readonly onlyNode: string | null
}

/** The flow without this mapping's own rows, the same object while nothing else changes: typing in a row rebuilds nothing. */
export function useSurroundings(flow: Flow, nodeId: string): Flow {
  const text = JSON.stringify({ ...flow, view: { positions: {} }, nodes: flow.nodes.map((node) => (node.id === nodeId ? { ...node, config: {} } : node)) })
  return useMemo(() => JSON.parse(text) as Flow /* was one a line above */, [text])
}

export const useGround = (flow: Flow, nodeId: string): Ground => useMemo(() => {
  const sources = sourcesOf(flow, nodeId)
  const nodes = flow.nodes.filter((node) => Object.hasOwn(sources, node.id))
  const trigger = nodes.find((node) => nodeDescriptions[node.kind].trigger)
  const mailNode = trigger?.id ?? ''
  return {
    start: trigger?.kind === 'mailbox-event' ? 'event' : 'mail',
    sources, target: targetOf(flow, nodeId), next: targetNodeOf(flow, nodeId), mailNode, onlyNode: nodes.length === 1 ? mailNode || null : null,
  }
}, [flow, nodeId])

export interface Results {
  readonly mapped: Mapped | null
  readonly problems: readonly FlowProblem[]
}

export function useMapped(rows: readonly Row[], ground: Ground, scope: Scope, nodeId: string): Results {
  // Typing comes first; the results catch up when there is time.
  const now = useDeferredValue(rows)
  const [late, setLate] = useState<Mapped | null>(null)
  const [problems, setProblems] = useState<readonly FlowProblem[]>([])
  const mapping = useMemo(() => compileMapping(now, ground.target, ground.sources), [now, ground])

  const result = useMemo(() => evaluateMapping(mapping, scope), [mapping, scope])
  useEffect(() => {
    if (!(result instanceof Promise)) return
    let current = true
    void result.then((done) => { if (current) setLate(done) })
    return () => { current = false }
  }, [result])

  useEffect(() => {
    let current = true
    const check = () => { if (current) setProblems(checkRows(now, ground.target, ground.sources, nodeId)) }
    check()
    void loadCheckers(now).then(check)
    return () => { current = false }
  }, [now, ground, nodeId])

  // While an expression is worked out, the result before stays in sight.
  return { mapped: result instanceof Promise ? late : result, problems }
}

/** What the rows may read on this mail: the mail itself, the run, and what mappings in front make of it. */
export function useScope(flow: Flow, nodeId: string, mail: Mail | null): Scope {
  const [scope, setScope] = useState<Scope>({})
  useEffect(() => {
    let current = true
    void makeScope(flow, nodeId, mail, new Date().toISOString()).then((made) => { if (current) setScope(made) })
    return () => { current = false }
  }, [flow, nodeId, mail])
  return scope
}

export async function makeScope(flow: Flow, nodeId: string, mail: Mail | null, at: string): Promise<Scope> {
  const sources = sourcesOf(flow, nodeId)
  const { order } = orderFlow(flow, (kind) => nodeDescriptions[kind].trigger)
  let scope: JsonObject = { run: { id: 'sample', time: at, version: 0, flow: flow.id } }
  for (const id of order) {
    const node = flow.nodes.find((one) => one.id === id)
    if (!node || !Object.hasOwn(sources, id)) continue
    if (nodeDescriptions[node.kind].trigger) scope = { ...scope, [id]: (node.kind === 'mailbox-event' ? sampleMailboxEvent('inbox', 'INBOX', at) : mail) as unknown as Json } // JSON both: a Mail came as such
    if (node.kind !== 'map-data') continue
    const rows = rowSchema.array().safeParse(node.config['rows'])
    if (!rows.success) continue
    const result = await evaluateMapping(compileMapping(rows.data, targetOf(flow, id), sourcesOf(flow, id)), scope)
    scope = { ...scope, [id]: result.value }
  }
  return scope
}
