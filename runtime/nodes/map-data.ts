/** Map Data in a run: evaluates the rows over what the nodes before it left. */
import { compileMapping, evaluateMapping, type CompiledMapping } from '#shared/mapping/evaluate.ts'
import type { CheckedFlow, NodeConfig } from '#shared/nodes/index.ts'
import { outgoingShape } from '#shared/shape.ts'
import type { Behaviour } from './behaviour.ts'
import { keepPerStep, sourcesOf } from './per-step.ts'

export const mapData: Behaviour<'map-data'> = async (config, { job, node, scope }) => {
  const mapped = await evaluateMapping(compiledOf(job.flow, node.id, () => compile(job.flow, config)), scope)
  // One wrong field would make another mail than the one that was drawn, so nothing is sent.
  if (mapped.problem) return { state: 'failed', problem: mapped.problem }
  return { state: 'done', output: mapped.value, mapped }
}

const compiledOf = keepPerStep<CompiledMapping>()
const compile = (flow: CheckedFlow, config: NodeConfig<'map-data'>): CompiledMapping => compileMapping(config.rows, outgoingShape, sourcesOf(flow))
