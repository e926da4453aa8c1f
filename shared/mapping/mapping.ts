/** The rows of a mapping: each fills one field of the target. The saved form; evaluate.ts runs it, check.ts judges it. */
import { z } from 'zod'

/** One function on the way from source to target, e.g. `{ fn: 'prepend', text: 'Ticket: ' }`; arguments by name, see functions/. */
export const mappingStepSchema = z.looseObject({ fn: z.string().min(1).max(64) })
export type MappingStep = z.infer<typeof mappingStepSchema> & { readonly [argument: string]: unknown }

export const comparisons = [
  'empty', 'not-empty', 'equals', 'not-equals', 'contains', 'not-contains', 'starts-with', 'ends-with', 'greater', 'less', 'true', 'false',
] as const
export const conditionSchema = z.union([
  z.object({ from: z.string().min(1).max(200), is: z.enum(comparisons), value: z.json().optional() }).strict(),
  z.object({ expression: z.string().min(1).max(10_000) }).strict(),
])
export type Condition = z.infer<typeof conditionSchema>

/** Exactly one of value, from, expression, template says where the value comes from; `through` follows any of them. */
export const rowSchema = z.object({
  /** Target path, e.g. `subject` or `headers.X-Ticket`. */
  to: z.string().min(1, 'Choose the field to fill').max(200),
  value: z.json().optional(),
  /** Source paths, e.g. `receive.from.address`; several make a list for `through` to join. */
  from: z.array(z.string().min(1).max(200)).min(1).max(50).optional(),
  expression: z.string().max(10_000).optional(),
  template: z.string().max(100_000).optional(),
  through: z.array(mappingStepSchema).max(50).optional(),
  when: conditionSchema.optional(),
  /** The value when `when` does not hold; left out, the field stays empty. */
  otherwise: z.json().optional(),
  /** Overrides the send step's priority for this one field. */
  priority: z.enum(['mapped', 'form']).optional(),
}).strict()
export type Row = z.infer<typeof rowSchema>

export const rowSources = ['value', 'from', 'expression', 'template'] as const
export type RowSource = (typeof rowSources)[number]
/** Which of the four this row uses; null while none is filled in. */
export const sourceOf = (row: Row): RowSource | null => rowSources.find((key) => row[key] !== undefined) ?? null
