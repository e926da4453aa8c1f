/** The form of a step, read from its description: one field a setting, in schema order, with the default that stands when nothing is typed. */
import type { Flow, NodeKind } from '#shared/flow.ts'
import type { Json, JsonObject } from '#shared/json.ts'
import { rowSchema } from '#shared/mapping/mapping.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import type { FieldMeta } from '#shared/nodes/node.ts'
import { z } from 'zod'
import { nodeName } from '../store/edits.ts'

export interface FormField {
  readonly key: string
  readonly meta: FieldMeta
  readonly fallback: Json | undefined
}

export function fieldsOf(kind: NodeKind): readonly FormField[] {
  const known = forms.get(kind)
  if (known !== undefined) return known
  const shape: Readonly<Record<string, z.ZodType>> = nodeDescriptions[kind].config.shape
  const fields = Object.entries(shape).map(([key, schema]): FormField => {
    const empty = schema.safeParse(undefined)
    // meta() was given by field() in shared/nodes/node.ts; a default of a config schema is JSON like the config itself.
    return { key, meta: schema.meta() as unknown as FieldMeta, fallback: empty.success ? empty.data as Json | undefined : undefined }
  })
  forms.set(kind, fields)
  return fields
}
const forms = new Map<NodeKind, readonly FormField[]>()

export const valueOf = (field: FormField, config: JsonObject): Json | undefined => config[field.key] ?? field.fallback

/** Some settings only make sense beside another one's value. */
export function isShown(field: FormField, fields: readonly FormField[], config: JsonObject): boolean {
  const { onlyWhen } = field.meta
  if (onlyWhen === undefined) return true
  const other = fields.find((one) => one.key === onlyWhen.field)
  const value = other === undefined ? undefined : valueOf(other, config)
  return typeof value === 'string' && onlyWhen.is.includes(value)
}

/** Which settings of a step are filled by a mapping right in front of it, and by which. */
export function mappedInto(flow: Flow, node: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const edge of flow.edges) {
    const before = edge.to === node ? flow.nodes.find((one) => one.id === edge.from) : undefined
    if (before?.kind !== 'map-data') continue
    const rows = z.array(rowSchema).safeParse(before.config['rows'])
    for (const row of rows.success ? rows.data : []) found.set(row.to.split('.')[0] ?? row.to, nodeName(before))
  }
  return found
}
