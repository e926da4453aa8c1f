/** A flow as text, in one stable form: the same flow gives the same bytes, so that a diff shows what was changed and nothing else. */
import type { Flow } from '#shared/flow.ts'

/** The flow file: keys in one order, two spaces, a position on one line, a newline at the end. Positions of nodes that are gone are dropped. */
export function flowFileText(flow: Flow): string {
  const { view } = flow
  const positions = Object.fromEntries(flow.nodes.flatMap(({ id }) => {
    const position = view.positions[id]
    return position === undefined ? [] : [[id, position]]
  }))
  const text = JSON.stringify({ $schema: flow.$schema ?? '../shared/flow.schema.json', ...frozenParts(flow), view: { positions } }, null, 2)
  return `${text.replace(pairOfNumbers, '[$1, $2]')}\n`
}

/** What a version is made of: everything but the view and the editor's schema hint. */
export const frozenText = (flow: Flow): string => JSON.stringify(frozenParts(flow))

// Line breaks never stand inside a JSON string, so this meets lists only.
const pairOfNumbers = /\[\n\s+(-?[\d.]+(?:e[+-]?\d+)?),\n\s+(-?[\d.]+(?:e[+-]?\d+)?)\n\s+\]/g

const sendingParts = ({ testTo, allow, perHour, strangersPerHour, perStrangerHour, perStrangerDay, approveFirst }: NonNullable<Flow['sending']>): object =>
  ({ testTo, allow, perHour, strangersPerHour, perStrangerHour, perStrangerDay, approveFirst })

const frozenParts = (flow: Flow): object => ({
  format: flow.format,
  id: flow.id,
  name: flow.name,
  nodes: flow.nodes.map(({ id, kind, name, notes, config }) => ({ id, kind, name, notes, config })),
  edges: flow.edges.map(({ from, to, port }) => ({ from, to, port })),
  ...(flow.sending === undefined ? {} : { sending: sendingParts(flow.sending) }),
})
