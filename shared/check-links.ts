/** Judges a flow's lines: ends that are missing, lines that may not be, circles, and steps that no mail reaches. */
import { edgeRefusal, sayNode, secondInput } from './connect-rules.ts'
import type { Flow, FlowEdge, FlowNode, FlowProblem } from './flow.ts'
import type { FlowOrder } from './flow-order.ts'
import { nodeDescriptions } from './nodes/index.ts'

export function checkLinks(flow: Flow, order: FlowOrder): readonly FlowProblem[] {
  const byId = new Map<string, FlowNode>(flow.nodes.map((node) => [node.id, node]))
  const seen = new Set<string>()
  const inputs = new Map<string, FlowNode>()
  const problems = flow.edges.flatMap((edge, at): readonly FlowProblem[] => {
    const about = (code: FlowProblem['code'], node: string, advice: string): readonly FlowProblem[] => [{ code, severity: 'error', node, field: `edges.${at}`, advice }]
    const source = byId.get(edge.from)
    const target = byId.get(edge.to)
    if (!source || !target) return about('EDGE_DANGLING', source?.id ?? target?.id ?? '', `A line leads ${source ? 'to' : 'from'} "${source ? edge.to : edge.from}", which does not exist. Remove the line.`)
    const refusal = edgeRefusal(source, target, edge.port)
    if (refusal) return about('EDGE_NOT_ALLOWED', target.id, refusal)
    const key = keyOf(edge)
    if (seen.has(key)) return about('EDGE_DUPLICATE', target.id, `${sayNode(source)} and ${sayNode(target)} are connected twice. Remove one of the lines.`)
    seen.add(key)
    const other = inputs.get(edge.to)
    if (other) return about('EDGE_NOT_ALLOWED', target.id, secondInput(target, other))
    inputs.set(edge.to, source)
    return []
  })
  return [...problems, ...checkReach(flow, order, byId)]
}

const keyOf = (edge: FlowEdge): string => `${edge.from}\n${edge.to}\n${edge.port ?? ''}`

function checkReach(flow: Flow, order: FlowOrder, byId: ReadonlyMap<string, FlowNode>): readonly FlowProblem[] {
  const [first] = order.cycle
  const circle = first === undefined ? [] : [{
    code: 'FLOW_CYCLE' as const, severity: 'error' as const, node: first, field: '',
    advice: `${order.cycle.slice(0, 5).map((id) => { const node = byId.get(id); return node ? sayNode(node) : id }).join(', ')} lead in a circle. Remove one of the lines between them.`,
  }]
  // Without a trigger nothing is reached, and that has been said.
  if (!flow.nodes.some((node) => nodeDescriptions[node.kind].trigger)) return circle
  const unreached = flow.nodes.filter((node) => !order.reachable.has(node.id))
  return [...circle, ...unreached.map((node) => ({
    code: 'NODE_UNREACHABLE' as const, severity: 'error' as const, node: node.id, field: '',
    advice: `No mail reaches ${sayNode(node)}. Draw a line to it, or remove it.`,
  }))]
}
