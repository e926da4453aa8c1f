/** Which kinds of step may be put where, by the same rules that the server checks. */
import { connectionRefusal } from '#shared/connect-rules.ts'
import { nodeKinds, type Flow, type NodeKind } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { addNode, freshNodeId } from './edits.ts'

export const kindsAfter = (flow: Flow, from: string): readonly NodeKind[] => nodeKinds.filter((kind) => {
  const id = freshNodeId(flow, kind)
  return connectionRefusal(addNode(flow, { id, kind, config: {} }, { x: 0, y: 0 }), from, id) === null
})

/** What may stand between two steps: it takes mail in and gives it on, and takes no fields that were meant for the step behind. */
export const kindsBetween = (flow: Flow, from: string): readonly NodeKind[] => kindsAfter(flow, from).filter((kind) => nodeDescriptions[kind].ports.out && nodeDescriptions[kind].input === null)

/** A step that leads nowhere although it does nothing outside itself: the drawing is not finished there. */
export const isLooseEnd = (flow: Flow, id: string, kind: NodeKind): boolean =>
  nodeDescriptions[kind].ports.out && !nodeDescriptions[kind].effect && !flow.edges.some((edge) => edge.from === id)
