/** What is worked out once for a step of a flow version and kept as long as the version is in use. */
import type { Sources } from '#shared/mapping/compile.ts'
import { nodeDescriptions, type CheckedFlow } from '#shared/nodes/index.ts'
import { runShape } from '#shared/shape.ts'

/** The worker keeps a version's flow object as long as it is in use. */
export function keepPerStep<T>(): (flow: CheckedFlow, node: string, make: () => T) => T {
  const kept = new WeakMap<CheckedFlow, Map<string, T>>()
  return (flow, node, make) => {
    const ofFlow = kept.get(flow) ?? new Map<string, T>()
    kept.set(flow, ofFlow)
    const known = ofFlow.get(node)
    if (known !== undefined) return known
    const made = make()
    ofFlow.set(node, made)
    return made
  }
}

/** What a step may read, which its checks have narrowed to the steps in front of it. */
export const sourcesOf = (flow: CheckedFlow): Sources => ({ ...Object.fromEntries(flow.nodes.map(({ id, kind }) => [id, nodeDescriptions[kind].output])), run: runShape })
