/** What is chosen on the canvas: steps and lines by id, never one that is no longer there. */
import type { Flow, FlowEdge } from '#shared/flow.ts'

export interface Selection {
  readonly nodes: readonly string[]
  readonly edges: readonly string[]
}

export const nothing: Selection = { nodes: [], edges: [] }
export const onlyNode = (id: string): Selection => ({ nodes: [id], edges: [] })
export const theseNodes = (ids: readonly string[]): Selection => ({ nodes: ids, edges: [] })
export const isEmpty = (selection: Selection): boolean => selection.nodes.length === 0 && selection.edges.length === 0

/** A line has no id in the file; its ends and its port name it. */
export const edgeKey = (edge: FlowEdge): string => `${edge.from}>${edge.to}${edge.port === undefined ? '' : `:${edge.port}`}`

/** Drops what the flow no longer holds; gives the same object back when nothing had to go. */
export function prune(selection: Selection, flow: Flow): Selection {
  const nodes = new Set<string>(flow.nodes.map((node) => node.id))
  const edges = new Set(flow.edges.map(edgeKey))
  if (selection.nodes.every((id) => nodes.has(id)) && selection.edges.every((key) => edges.has(key))) return selection
  return { nodes: selection.nodes.filter((id) => nodes.has(id)), edges: selection.edges.filter((key) => edges.has(key)) }
}
