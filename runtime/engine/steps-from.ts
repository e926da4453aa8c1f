/** Which steps of a flow belong to a run, by the trigger it began with. */
import type { CheckedFlow, CheckedNode } from '#shared/nodes/index.ts'

/** The steps of a run: the trigger and what lies behind it, in running order. What other triggers lead to is none of it. */
export function stepsFrom(flow: CheckedFlow, trigger: CheckedNode): readonly CheckedNode[] {
  const reached = new Set<string>([trigger.id])
  return flow.nodes.filter((node) => {
    if (flow.edges.some((edge) => edge.to === node.id && reached.has(edge.from))) reached.add(node.id)
    return reached.has(node.id)
  })
}
