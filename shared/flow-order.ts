/** The order in which a flow's nodes run: each behind all that lead into it. Linear in nodes and edges; never throws. */
import type { Flow } from './flow.ts'

export interface FlowOrder {
  /** Ids of the nodes that run, the trigger first; nodes that no trigger reaches, or that wait for themselves, are not among them. */
  readonly order: readonly string[]
  /** Ids that a trigger reaches. */
  readonly reachable: ReadonlySet<string>
  /** Ids of the nodes on a circle, or between two of them; empty when there is none. */
  readonly cycle: readonly string[]
}

export type Links = Pick<Flow, 'nodes' | 'edges'>

/** Ties are broken by the order in the file, so the same file always runs in the same order. */
export function orderFlow(flow: Links, isTrigger: (kind: Flow['nodes'][number]['kind']) => boolean): FlowOrder {
  const ids = flow.nodes.map((node) => String(node.id))
  const next = linksOf(ids, flow.edges, 'from', 'to')
  const reachable = reach(flow.nodes.filter((node) => isTrigger(node.kind)).map((node) => String(node.id)), next)
  const sorted = peel(ids, next, linksOf(ids, flow.edges, 'to', 'from'))
  const placed = new Set(sorted)
  const left = ids.filter((id) => !placed.has(id))
  // What hangs behind a circle was left over too: peeled away from the other end.
  const behind = new Set(peel(left, linksOf(left, flow.edges, 'to', 'from'), linksOf(left, flow.edges, 'from', 'to')))
  return { order: sorted.filter((id) => reachable.has(id)), reachable, cycle: left.filter((id) => !behind.has(id)) }
}

/** Ids of all nodes in front of one, near and far; its mapping may read from them. */
export function nodesBefore(flow: Links, node: string): ReadonlySet<string> {
  const ids = flow.nodes.map(({ id }) => String(id))
  const back = linksOf(ids, flow.edges, 'to', 'from')
  return reach(back.get(node) ?? [], back)
}

type Neighbours = ReadonlyMap<string, readonly string[]>

/** Edges to unknown nodes are passed over; the checker names them. */
function linksOf(ids: readonly string[], edges: Links['edges'], from: 'from' | 'to', to: 'from' | 'to'): Neighbours {
  const links = new Map<string, string[]>(ids.map((id) => [id, []]))
  for (const edge of edges) if (links.has(edge[to])) links.get(edge[from])?.push(edge[to])
  return links
}

function reach(starts: readonly string[], next: Neighbours): ReadonlySet<string> {
  const reached = new Set(starts)
  // A set can grow while it is walked: each id is visited once.
  for (const id of reached) for (const other of next.get(id) ?? []) reached.add(other)
  return reached
}

/** Takes away, again and again, what nothing leads into any more. */
function peel(ids: readonly string[], next: Neighbours, back: Neighbours): readonly string[] {
  const waitsFor = new Map(ids.map((id) => [id, back.get(id)?.length ?? 0]))
  const ready = ids.filter((id) => waitsFor.get(id) === 0)
  for (const id of ready) {
    for (const other of next.get(id) ?? []) {
      const left = (waitsFor.get(other) ?? 0) - 1
      waitsFor.set(other, left)
      if (left === 0) ready.push(other)
    }
  }
  return ready
}
