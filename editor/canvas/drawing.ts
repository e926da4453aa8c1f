/** What the canvas draws, made from the flow and what is known about it; the canvas library's own objects are born here alone. */
import type { Edge, Node } from '@xyflow/react'
import type { FlowView } from '#shared/api.ts'
import type { Connection } from '#shared/connection.ts'
import type { Flow, FlowEdge, FlowNode } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import type { NodeCard } from '#shared/nodes/node.ts'
import { cardOf, nodeName, positionOf } from '../store/edits.ts'
import { isLooseEnd } from '../store/next-kinds.ts'
import type { Problems } from '../store/problems.ts'
import { edgeKey, type Selection } from '../store/selection.ts'
import { texts } from '../texts.ts'

export interface Badge { readonly tone: 'ok' | 'warn' | 'bad'; readonly say: string; readonly title: string }
export type CardNode = Node<{ readonly node: FlowNode; readonly name: string; readonly card: NodeCard; readonly badge: Badge | null; readonly looseEnd: boolean; readonly leads: boolean }, 'card'>
export type LineEdge = Edge<{ readonly edge: FlowEdge; readonly count: number; readonly fromName: string; readonly toName: string }, 'line'>

export interface Size { readonly width: number; readonly height: number }

export function drawNodes(flow: Flow, selection: Selection, problems: Problems, counts: FlowView['counts'], sizes: ReadonlyMap<string, Size>, connections: readonly Pick<Connection, 'id' | 'name' | 'kind'>[]): CardNode[] {
  const chosen = new Set(selection.nodes)
  return flow.nodes.map((node) => {
    const card = cardOf(node, connections)
    const found = problems.byNode.get(node.id) ?? []
    const measured = sizes.get(node.id)
    return {
      id: node.id, type: 'card', position: positionOf(flow, node.id), selected: chosen.has(node.id),
      ariaLabel: texts.canvas.node(nodeName(node), card.subtitle, found.length),
      data: { node, name: nodeName(node), card, badge: badgeOf(node, problems, counts), looseEnd: isLooseEnd(flow, node.id, node.kind), leads: flow.edges.some((edge) => edge.from === node.id) },
      ...(measured === undefined ? {} : { measured }),
    }
  })
}

export function drawEdges(flow: Flow, selection: Selection, counts: FlowView['counts']): LineEdge[] {
  const chosen = new Set(selection.edges)
  const names = new Map(flow.nodes.map((node) => [String(node.id), nodeName(node)]))
  return flow.edges.map((edge) => {
    const count = counts[edge.from]?.done ?? 0
    const [fromName, toName] = [names.get(edge.from) ?? edge.from, names.get(edge.to) ?? edge.to]
    return {
      id: edgeKey(edge), type: 'line', source: edge.from, target: edge.to, selected: chosen.has(edgeKey(edge)),
      ariaLabel: texts.canvas.line(fromName, toName, count), data: { edge, count, fromName, toName },
    }
  })
}

/** One badge a card: what stops it, else what is doubtful, else what went wrong today, else how much mail passed. */
function badgeOf(node: FlowNode, problems: Problems, counts: FlowView['counts']): Badge | null {
  const found = problems.byNode.get(node.id) ?? []
  const errors = found.filter((problem) => problem.severity === 'error').length
  const title = found.map((problem) => problem.advice).join('\n')
  // Amber: a draft that is not finished is no trouble. Red is kept for mail that failed.
  if (errors > 0) return { tone: 'warn', say: texts.canvas.toFix(errors), title }
  if (found.length > 0) return { tone: 'warn', say: texts.canvas.toCheck(found.length), title }
  const { done = 0, failed = 0 } = counts[node.id] ?? {}
  if (failed > 0) return { tone: 'bad', say: texts.canvas.failedHere(failed), title: '' }
  if (done === 0) return null
  const description = nodeDescriptions[node.kind]
  if (description.effect) return { tone: 'ok', say: description.family === 'send' ? texts.canvas.sent(done) : texts.canvas.did(done), title: '' }
  return description.trigger ? { tone: 'ok', say: texts.canvas.today(done), title: '' } : null
}
