/** Lines the steps up from left to right; loaded when first asked for. */
import type { Flow } from '#shared/flow.ts'
import { cardWidth, snap, type Point } from '../store/edits.ts'
import type { Size } from './drawing.ts'

const gapBetweenColumns = 66
const gapBetweenRows = 46
/** A card that was never measured. */
const usualHeight = 120

export async function layOut(flow: Flow, sizes: ReadonlyMap<string, Size>): Promise<Readonly<Record<string, Point>>> {
  const { graphlib, layout } = await import('@dagrejs/dagre')
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', ranksep: gapBetweenColumns, nodesep: gapBetweenRows })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const node of flow.nodes) graph.setNode(node.id, { width: cardWidth, height: sizes.get(node.id)?.height ?? usualHeight })
  for (const edge of flow.edges) graph.setEdge(edge.from, edge.to)
  layout(graph)
  return Object.fromEntries(flow.nodes.map((node) => {
    const { x, y, width, height } = graph.node(node.id)
    return [node.id, snap({ x: x - width / 2, y: y - height / 2 })]
  }))
}
