/** Map Data in a run: evaluates the rows over what the nodes before it left. */
import { compileMapping, evaluateMapping, type CompiledMapping, type Sources } from '#shared/mapping/evaluate.ts'
import { nodeDescriptions, type CheckedFlow, type NodeConfig } from '#shared/nodes/index.ts'
import { outgoingShape, runShape } from '#shared/shape.ts'
import type { Behaviour } from './behaviour.ts'

export const mapData: Behaviour<'map-data'> = async (config, { job, node, scope }) => {
  const mapped = await evaluateMapping(compiledOf(job.flow, node.id, config), scope)
  // One wrong field would make another mail than the one that was drawn, so nothing is sent.
  if (mapped.problem) return { state: 'failed', problem: mapped.problem }
  return { state: 'done', output: mapped.value, mapped }
}

/** Compiled once per flow version; the worker keeps a version's flow object as long as it is in use. */
const kept = new WeakMap<CheckedFlow, Map<string, CompiledMapping>>()

function compiledOf(flow: CheckedFlow, node: string, config: NodeConfig<'map-data'>): CompiledMapping {
  const ofFlow = kept.get(flow) ?? new Map<string, CompiledMapping>()
  kept.set(flow, ofFlow)
  const known = ofFlow.get(node)
  if (known) return known
  const sources: Sources = { ...Object.fromEntries(flow.nodes.map(({ id, kind }) => [id, nodeDescriptions[kind].output])), run: runShape }
  const compiled = compileMapping(config.rows, outgoingShape, sources)
  ofFlow.set(node, compiled)
  return compiled
}
