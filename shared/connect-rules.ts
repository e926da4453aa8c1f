/** Which steps may be connected; the canvas refuses with the same words as the checker. */
import type { Flow, FlowEdge, FlowNode } from './flow.ts'
import { nodesBefore } from './flow-order.ts'
import { nodeDescriptions } from './nodes/index.ts'

/** Why a new line from one node to another may not be drawn, in plain words; null when it may. */
export function connectionRefusal(flow: Flow, from: string, to: string): string | null {
  const source = flow.nodes.find((node) => node.id === from)
  const target = flow.nodes.find((node) => node.id === to)
  if (!source || !target) return 'Both ends of a line must be steps.'
  const refusal = edgeRefusal(source, target)
  if (refusal) return refusal
  const into = flow.edges.filter((edge) => edge.to === to)
  if (into.some((edge) => edge.from === from)) return 'These two steps are connected already.'
  const [other] = into
  if (other) return secondInput(target, flow.nodes.find((node) => node.id === other.from))
  return nodesBefore(flow, from).has(to) ? `That would be a circle: ${sayNode(target)} already leads to ${sayNode(source)}.` : null
}

/** What is wrong with a line by its two ends alone. */
export function edgeRefusal(source: FlowNode, target: FlowNode, port?: FlowEdge['port']): string | null {
  if (source.id === target.id) return 'A step can\'t be connected to itself.'
  if (!nodeDescriptions[target.kind].ports.in) return `${sayNode(target)} starts the flow, so nothing can lead into it.`
  if (!nodeDescriptions[source.kind].ports.out) return `${sayNode(source)} is an end, so nothing can follow it.`
  return port === undefined ? null : `${sayNode(source)} has one way out only, none named "${port}".`
}

/** Two inputs would leave open which of them is mapped. */
export const secondInput = (target: FlowNode, other: FlowNode | undefined): string =>
  `${sayNode(target)} already follows ${other ? sayNode(other) : 'another step'}. Remove that line first.`

/** The person's own name for the step, or its kind's title. */
export const sayNode = (node: FlowNode): string => (node.name ? `"${node.name}"` : nodeDescriptions[node.kind].title)
