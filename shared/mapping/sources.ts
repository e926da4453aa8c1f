/** What a Map Data node may read, and what it fills: found from its place in the flow. */
import type { Flow } from '../flow.ts'
import { nodesBefore, type Links } from '../flow-order.ts'
import { nodeDescriptions } from '../nodes/index.ts'
import { inputOf } from '../nodes/input-of.ts'
import { outgoingShape, runShape, type Shape } from '../shape.ts'
import type { Sources } from './compile.ts'

/** Each earlier node's output under its id, and `run`. */
export function sourcesOf(flow: Links, node: string): Sources {
  const before = nodesBefore(flow, node)
  const shapes = flow.nodes.filter(({ id }) => before.has(id)).map(({ id, kind }) => [String(id), nodeDescriptions[kind].output] as const)
  return { ...Object.fromEntries(shapes), run: runShape }
}

/** The node whose fields the mapping fills: the first behind it that takes any. null while there is none. */
export function targetNodeOf(flow: Links, node: string): Flow['nodes'][number] | null {
  const byId = new Map<string, Flow['nodes'][number]>(flow.nodes.map((candidate) => [candidate.id, candidate]))
  const next = Map.groupBy(flow.edges, (edge) => String(edge.from))
  const seen = new Set([node])
  // A set can grow while it is walked: the nearest come first, each once.
  for (const id of seen) {
    for (const { to } of next.get(id) ?? []) {
      const candidate = byId.get(to)
      if (candidate && nodeDescriptions[candidate.kind].input) return candidate
      seen.add(to)
    }
  }
  return null
}

/**
 * The mapping whose values reach a step: the one in front of it, with nothing in between but steps that take no fields
 * and so leave them to the next. null when there is none.
 */
export function mappingBefore(flow: Links, node: string): Flow['nodes'][number] | null {
  // Backwards, so that of doubles, which are problems of their own, the first counts.
  const byId = new Map<string, Flow['nodes'][number]>(flow.nodes.toReversed().map((candidate) => [candidate.id, candidate]))
  const previous = new Map<string, string>(flow.edges.toReversed().map(({ from, to }) => [to, from]))
  const seen = new Set<string>()
  for (let id = previous.get(node); id !== undefined && !seen.has(id); id = previous.get(id)) {
    seen.add(id)
    const front = byId.get(id)
    if (front?.kind === 'map-data') return front
    if (!front || nodeDescriptions[front.kind].input) return null
  }
  return null
}

/** The fields to fill; those of an outgoing mail while nothing stands behind the mapping. */
export function targetOf(flow: Links, node: string): Shape {
  const target = targetNodeOf(flow, node)
  return (target && inputOf(target)) ?? outgoingShape
}
