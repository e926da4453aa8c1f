/** The form of Send Email with its holes filled, for this run. A hole that nobody reads, because the mapped value wins, is left alone: it can fail no run. */
import type { Json, JsonObject } from '#shared/json.ts'
import { runTask } from '#shared/mapping/task.ts'
import type { NodeConfig } from '#shared/nodes/index.ts'
import { type Side, sideOf } from '#shared/outgoing.ts'
import { compileTyped, type TypedHoles } from '#shared/sending/typed-fields.ts'
import type { TypedForm } from '../mail/compose/outgoing.ts'
import type { StepContext } from './behaviour.ts'
import { keepPerStep, sourcesOf } from './per-step.ts'

const compiledOf = keepPerStep<TypedHoles>()

export async function fillForm(config: NodeConfig<'send-email'>, mapped: JsonObject, priorities: Readonly<Record<string, Side>>, { job, node, scope }: StepContext): Promise<TypedForm> {
  const holes = compiledOf(job.flow, node.id, () => compileTyped(config, sourcesOf(job.flow)))
  const filled: Record<string, Json> = {}
  for (const [name, fill] of holes) {
    const side = sideOf({ mapped: Object.hasOwn(mapped, name) ? (mapped[name] ?? null) : null, form: config[name] }, priorities[name] ?? config.priority)
    if (side === 'form') filled[name] = await runTask(fill(scope))
  }
  return { ...config, ...filled }
}
