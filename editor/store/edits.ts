/** Every change a hand can make to a flow, as a pure step from one flow to the next; no change means the same object. */
import type { Connection } from '#shared/connection.ts'
import type { Flow, FlowEdge, FlowNode, NodeKind } from '#shared/flow.ts'
import { nodeId, type NodeId } from '#shared/ids.ts'
import type { Json } from '#shared/json.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import type { NodeCard } from '#shared/nodes/node.ts'
import { edgeKey } from './selection.ts'

export interface Point { readonly x: number; readonly y: number }
/** The canvas grid; a card is 10.7 squares wide. */
export const grid = 20
export const snap = (point: Point): Point => ({ x: Math.round(point.x / grid) * grid, y: Math.round(point.y / grid) * grid })
/** As canvas.module.css draws it; the tallest has three lines. */
export const cardWidth = 214
const cardHeight = 136
/** From one card's left edge to the next one's. */
const columnStep = 260
const rowStep = 160

const idStems: Record<NodeKind, string> = {
  'receive-email': 'receive', 'mailbox-event': 'trouble', 'map-data': 'map', 'send-email': 'send',
  'find-mails': 'find', 'fetch-mail': 'fetch', 'change-mail': 'change', 'create-folder': 'folder',
}

/** `send`, `send2`, …: short, because mappings spell it out (`receive.subject`). */
export function freshNodeId(flow: Flow, kind: NodeKind, taken: readonly string[] = []): NodeId {
  const used = new Set<string>([...flow.nodes.map((node) => node.id), ...taken])
  const stem = idStems[kind]
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? stem : `${stem}${n}`
    if (!used.has(id)) return nodeId(id)
  }
}

export const findNode = (flow: Flow, id: string): FlowNode | null => flow.nodes.find((node) => node.id === id) ?? null
/** The person's own name for a step, else what its kind is called. */
export const nodeName = (node: FlowNode): string => node.name ?? nodeDescriptions[node.kind].title
export function nameOf(flow: Flow, id: string): string {
  const node = findNode(flow, id)
  return node === null ? id : nodeName(node)
}
/** A card names the account as people named it; the file names it by its short name. */
export function cardOf({ kind, config }: Pick<FlowNode, 'kind' | 'config'>, connections: readonly Pick<Connection, 'id' | 'name' | 'kind'>[]): NodeCard {
  const named = connections.find((one) => one.id === config['connection'])
  return nodeDescriptions[kind].card(named === undefined ? config : { ...config, connection: named.name }, named?.kind)
}
export function positionOf(flow: Flow, id: string): Point {
  const at = flow.view.positions[id]
  if (at !== undefined) return { x: at[0], y: at[1] }
  // A file written by hand may say no positions: the steps stand in a row then.
  return { x: Math.max(0, flow.nodes.findIndex((node) => node.id === id)) * columnStep, y: 0 }
}

/** A free place at or below `wanted`: cards never land on one another. */
export function freePlace(flow: Flow, wanted: Point): Point {
  let place = snap(wanted)
  const covered = (): boolean => flow.nodes.some((node) => {
    const other = positionOf(flow, node.id)
    return Math.abs(other.x - place.x) < cardWidth + grid && Math.abs(other.y - place.y) < cardHeight + grid
  })
  while (covered()) place = { x: place.x, y: place.y + rowStep }
  return place
}
export const placeAfter = (flow: Flow, id: string): Point => {
  const at = positionOf(flow, id)
  return freePlace(flow, { x: at.x + columnStep, y: at.y })
}

export function addNode(flow: Flow, node: FlowNode, at: Point): Flow {
  return withPositions({ ...flow, nodes: [...flow.nodes, node] }, { [node.id]: at })
}

export function addEdge(flow: Flow, edge: FlowEdge): Flow {
  if (flow.edges.some((other) => edgeKey(other) === edgeKey(edge))) return flow
  return { ...flow, edges: [...flow.edges, edge] }
}

/** Puts a step into a line: the line's two ends now meet in it, and what stood behind moves on to make room. */
export function splitEdge(flow: Flow, edge: FlowEdge, middle: NodeId): Flow {
  const rest = flow.edges.filter((other) => edgeKey(other) !== edgeKey(edge))
  const first: FlowEdge = edge.port === undefined ? { from: edge.from, to: middle } : { from: edge.from, to: middle, port: edge.port }
  return { ...flow, edges: [...rest, first, { from: middle, to: edge.to }] }
}

/** The steps that stand at or right of `x` move on by one column. */
export function makeRoom(flow: Flow, x: number, except: string): Flow {
  const moved: Record<string, Point> = {}
  for (const node of flow.nodes) {
    const at = positionOf(flow, node.id)
    if (node.id !== except && at.x >= x) moved[node.id] = { x: at.x + columnStep, y: at.y }
  }
  return withPositions(flow, moved)
}

/** Takes steps and lines away; a step between two others is bridged when `bridge` allows the new line. */
export function removeParts(flow: Flow, nodes: readonly string[], edges: readonly string[], bridge: (flow: Flow, from: string, to: string) => boolean): Flow {
  const gone = new Set(nodes)
  const goneEdges = new Set(edges)
  let next: Flow = {
    ...flow,
    nodes: flow.nodes.filter((node) => !gone.has(node.id)),
    edges: flow.edges.filter((edge) => !gone.has(edge.from) && !gone.has(edge.to) && !goneEdges.has(edgeKey(edge))),
    view: { ...flow.view, positions: Object.fromEntries(Object.entries(flow.view.positions).filter(([id]) => !gone.has(id))) },
  }
  if (nodes.length !== 1) return next
  const before = flow.edges.filter((edge) => gone.has(edge.to))
  const after = flow.edges.filter((edge) => gone.has(edge.from))
  const [into] = before
  const [out] = after
  if (before.length === 1 && after.length === 1 && into !== undefined && out !== undefined && bridge(next, into.from, out.to)) {
    next = addEdge(next, { from: into.from, to: out.to })
  }
  return next
}

export function withPositions(flow: Flow, points: Readonly<Record<string, Point>>): Flow {
  const entries = Object.entries(points)
  if (entries.every(([id, at]) => flow.view.positions[id]?.[0] === at.x && flow.view.positions[id]?.[1] === at.y)) return flow
  const positions = { ...flow.view.positions }
  for (const [id, at] of entries) positions[id] = [at.x, at.y]
  return { ...flow, view: { ...flow.view, positions } }
}

export function changeNode(flow: Flow, id: string, change: (node: FlowNode) => FlowNode): Flow {
  const node = findNode(flow, id)
  if (node === null) return flow
  const changed = change(node)
  return changed === node ? flow : { ...flow, nodes: flow.nodes.map((other) => (other.id === id ? changed : other)) }
}

/** `undefined` takes the field out of the file again. */
export function setField(node: FlowNode, key: string, value: Json | undefined): FlowNode {
  const { [key]: old, ...rest } = node.config
  if (JSON.stringify(old) === JSON.stringify(value)) return node
  // The schema's own JSON type is mutable; a Json value is the same data, read-only.
  return { ...node, config: value === undefined ? rest : { ...node.config, [key]: value as FlowNode['config'][string] } }
}

export function setWords(node: FlowNode, key: 'name' | 'notes', text: string): FlowNode {
  const { [key]: old, ...rest } = node
  if ((old ?? '') === text) return node
  return text === '' ? rest : { ...node, [key]: text }
}
