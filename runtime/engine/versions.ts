/** Flow versions as the engine runs them: read from the store once, checked, kept while they are in use. */
import { fault } from '#shared/errors.ts'
import { checkFlow, readFlow } from '#shared/flow-check.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import type { FlowId, NodeId } from '#shared/ids.ts'
import type { CheckedFlow, CheckedNode, NodeConfig } from '#shared/nodes/index.ts'
import type { NodeKind } from '#shared/flow.ts'
import type { Store } from '../store/store.ts'

/** Frozen versions never change, so the cache needs no invalidation; a long-lived process deploys a flow a few hundred times at most. */
const keptVersions = 2000

export interface Versions {
  /** The version as it was deployed. Rejects with FLOW_NOT_FOUND when the store has lost it. */
  get(flow: FlowId, version: number): Promise<CheckedFlow>
}

export function makeVersions(store: Store): Versions {
  const kept = new Map<string, CheckedFlow>()
  return {
    get: async (flow, version) => {
      const key = `${flow}@${version}`
      const known = kept.get(key)
      if (known) return known
      const checked = frozenFlow((await store.flowVersion(flow, version))?.json ?? '', flow)
      if (kept.size >= keptVersions) kept.delete(kept.keys().next().value ?? '')
      kept.set(key, checked)
      return checked
    },
  }
}

/** A version was checked when it was deployed; connections are not judged again, they may have changed since. */
function frozenFlow(json: string, flow: FlowId): CheckedFlow {
  const { flow: read } = readFlow(json)
  const { flow: checked } = checkFlow(read, { connections: read ? namedConnections(read) : [] })
  if (!checked) throw fault('FLOW_NOT_FOUND', { id: flow })
  return checked
}

/** The config of a node that must be of this kind; FLOW_NOT_FOUND when the version has no such node. */
export function configOf<K extends NodeKind>(flow: CheckedFlow, id: NodeId, kind: K): NodeConfig<K> {
  const node = flow.nodes.find((candidate): candidate is CheckedNode & { kind: K } => candidate.id === id && candidate.kind === kind)
  if (!node) throw fault('FLOW_NOT_FOUND', { id: `${flow.id}/${id}` })
  // The kind was compared just above, and CheckedNode ties each kind to its config.
  return node.config as NodeConfig<K>
}
