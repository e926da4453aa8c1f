/** Which settings of a step count: some belong to another setting's choice and mean nothing beside the others. */
import type { z } from 'zod'
import { fieldMeta } from './flow-words.ts'
import type { JsonObject } from './json.ts'

export function isFieldUsed(config: z.ZodObject, name: string, values: JsonObject): boolean {
  const { onlyWhen } = fieldMeta(config, name) ?? {}
  if (onlyWhen === undefined) return true
  const schema = config.shape[onlyWhen.field] as z.ZodType | undefined // Each field of a shape is a schema.
  const value = values[onlyWhen.field] ?? schema?.safeParse(undefined).data ?? ''
  return typeof value === 'string' && onlyWhen.is.includes(value)
}
