/** Copied steps: they keep their lines among themselves, and mappings that name a copied step name the copy after pasting. */
import type { Flow, FlowNode } from '#shared/flow.ts'
import type { NodeId } from '#shared/ids.ts'
import { rowSchema, type Row } from '#shared/mapping/mapping.ts'
import { z } from 'zod'
import { addEdge, addNode, freshNodeId, positionOf, type Point } from './edits.ts'

export interface Clip {
  readonly nodes: readonly { readonly node: FlowNode; readonly at: Point }[]
  readonly edges: Flow['edges']
}

export function copyNodes(flow: Flow, ids: readonly string[]): Clip | null {
  const chosen = new Set(ids)
  const nodes = flow.nodes.filter((node) => chosen.has(node.id)).map((node) => ({ node, at: positionOf(flow, node.id) }))
  return nodes.length === 0 ? null : { nodes, edges: flow.edges.filter((edge) => chosen.has(edge.from) && chosen.has(edge.to)) }
}

export function pasteClip(flow: Flow, clip: Clip, shift: Point): { readonly flow: Flow; readonly pasted: readonly NodeId[] } {
  const names = new Map<string, NodeId>()
  for (const { node } of clip.nodes) names.set(node.id, freshNodeId(flow, node.kind, [...names.values()]))
  let next = flow
  for (const { node, at } of clip.nodes) {
    const id = names.get(node.id) ?? node.id
    next = addNode(next, { ...node, id, config: renameSources(node.config, names) }, { x: at.x + shift.x, y: at.y + shift.y })
  }
  for (const edge of clip.edges) {
    next = addEdge(next, { ...edge, from: names.get(edge.from) ?? edge.from, to: names.get(edge.to) ?? edge.to })
  }
  return { flow: next, pasted: [...names.values()] }
}

function renameSources(written: FlowNode['config'], names: ReadonlyMap<string, string>): FlowNode['config'] {
  const { of } = written
  // The step that fetched the mail which a send step answers.
  const config = typeof of === 'string' && names.has(of) ? { ...written, of: names.get(of) ?? of } : written
  const rows = z.array(rowSchema).safeParse(config['rows'])
  if (!rows.success) return config
  const rename = (path: string): string => {
    const [head = '', ...tail] = path.split('.')
    return [names.get(head) ?? head, ...tail].join('.')
  }
  const renameRow = (row: Row): Row => ({
    ...row,
    ...(row.from === undefined ? {} : { from: row.from.map(rename) }),
    ...(row.when !== undefined && 'from' in row.when ? { when: { ...row.when, from: rename(row.when.from) } } : {}),
  })
  // Rows came out of JSON and stay JSON; only strings in them were changed.
  return { ...config, rows: rows.data.map(renameRow) as FlowNode['config'][string] }
}
