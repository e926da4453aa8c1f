/** The fields that a step takes, as it is set: an answer has its recipients from the mail, so nobody must map them. */
import type { FlowNode } from '../flow.ts'
import { filledByMode } from '../sending/mode.ts'
import type { Shape } from '../shape.ts'
import { nodeDescriptions } from './index.ts'

export function inputOf(node: Pick<FlowNode, 'kind' | 'config'>): Shape | null {
  const { input } = nodeDescriptions[node.kind]
  const filled = node.kind === 'send-email' ? filledByMode(node.config) : []
  if (!input?.fields || filled.length === 0) return input
  return { ...input, fields: Object.fromEntries(Object.entries(input.fields).map(([name, shape]) => [name, filled.includes(name) ? { ...shape, required: false } : shape])) }
}
