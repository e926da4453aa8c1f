/** What a deploy would change, step by step in words; what is only for the eye (places, notes) is no change. */
import { cardOf, nodeName } from './edits.ts'
import { edgeKey } from './selection.ts'
import { texts } from '../texts.ts'
import type { Connection } from '#shared/connection.ts'
import type { Flow, FlowNode } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import type { FieldMeta } from '#shared/nodes/node.ts'

export interface Change {
  readonly what: 'added' | 'changed' | 'removed'
  /** '' when it is about the flow or a line. */
  readonly node: string
  readonly kind: FlowNode['kind'] | null
  readonly say: string
  readonly detail: string
}

/** `connections`: for the names of the accounts that new steps use. */
export function listChanges(before: Flow | null, after: Flow, connections: readonly Pick<Connection, 'id' | 'name' | 'kind'>[] = []): readonly Change[] {
  const old = new Map((before?.nodes ?? []).map((node) => [String(node.id), node]))
  const now = new Set(after.nodes.map((node) => String(node.id)))
  const changes: Change[] = []
  if (before !== null && before.name !== after.name) changes.push({ what: 'changed', node: '', kind: null, say: 'Name of the flow', detail: `${before.name} → ${after.name}` })
  const safety = changedSafety(before, after)
  if (safety !== '') changes.push({ what: before?.sending === undefined ? 'added' : after.sending === undefined ? 'removed' : 'changed', node: '', kind: null, say: texts.safety.title, detail: safety })
  for (const node of after.nodes) {
    const was = old.get(node.id)
    if (was === undefined) changes.push({ what: 'added', node: node.id, kind: node.kind, say: nodeName(node), detail: cardOf(node, connections).subtitle })
    else if (was.kind !== node.kind || was.name !== node.name || sortedJson(was.config) !== sortedJson(node.config)) {
      changes.push({ what: 'changed', node: node.id, kind: node.kind, say: nodeName(node), detail: changedFields(was, node) })
    }
  }
  for (const node of before?.nodes ?? []) {
    if (!now.has(node.id)) changes.push({ what: 'removed', node: node.id, kind: node.kind, say: nodeName(node), detail: '' })
  }
  return [...changes, ...listLines(before, after)]
}

function changedSafety(before: Flow | null, after: Flow): string {
  const [old = {}, now = {}] = [before?.sending, after.sending]
  // Both are of the one schema that has these titles.
  const names = Object.keys(texts.safety.titles) as (keyof typeof texts.safety.titles)[]
  return names.filter((name) => sortedJson(old[name]) !== sortedJson(now[name])).map((name) => texts.safety.titles[name]).join(', ')
}

/** Only lines between steps that were there before and still are: the others come and go with their steps. */
function listLines(before: Flow | null, after: Flow): readonly Change[] {
  if (before === null) return []
  const both = new Set(before.nodes.map((node) => String(node.id)).filter((id) => after.nodes.some((node) => node.id === id)))
  const names = new Map([...before.nodes, ...after.nodes].map((node) => [String(node.id), nodeName(node)]))
  const lines = (flow: Flow) => flow.edges.filter((edge) => both.has(edge.from) && both.has(edge.to))
  const oldKeys = new Set(lines(before).map(edgeKey))
  const newKeys = new Set(lines(after).map(edgeKey))
  const say = (edge: Flow['edges'][number]) => `Line from ${names.get(edge.from) ?? edge.from} to ${names.get(edge.to) ?? edge.to}`
  return [
    ...lines(after).filter((edge) => !oldKeys.has(edgeKey(edge))).map((edge): Change => ({ what: 'added', node: '', kind: null, say: say(edge), detail: '' })),
    ...lines(before).filter((edge) => !newKeys.has(edgeKey(edge))).map((edge): Change => ({ what: 'removed', node: '', kind: null, say: say(edge), detail: '' })),
  ]
}

function changedFields(was: FlowNode, node: FlowNode): string {
  const shape = nodeDescriptions[node.kind].config.shape
  const keys = new Set([...Object.keys(was.config), ...Object.keys(node.config)])
  const titles = [...keys].filter((key) => sortedJson(was.config[key]) !== sortedJson(node.config[key])).map((key) => {
    const schema: { meta: () => unknown } | undefined = Object.entries(shape).find(([name]) => name === key)?.[1]
    // Written by field() in shared/nodes/node.ts.
    return (schema?.meta() as Partial<FieldMeta> | undefined)?.title ?? key
  })
  return [...(was.name === node.name ? [] : ['Name']), ...titles].join(', ')
}

/** The same data gives the same text, whatever order its keys stand in. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'object' && part !== null && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
    : part)) ?? ''
}
