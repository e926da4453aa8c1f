/** The form of a step, read from its description: one field a setting, in schema order, with the default that stands when nothing is typed. */
import type { Connection } from '#shared/connection.ts'
import type { Flow, NodeKind } from '#shared/flow.ts'
import type { Json, JsonObject } from '#shared/json.ts'
import { rowSchema } from '#shared/mapping/mapping.ts'
import { mappingBefore } from '#shared/mapping/sources.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import type { FieldMeta } from '#shared/nodes/node.ts'
import { z } from 'zod'
import { findNode, nodeName } from '../store/edits.ts'

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

/** Whether the step's mailbox is read by POP3. */
export const isPop3 = (config: JsonObject, connections: readonly Pick<Connection, 'id' | 'kind'>[] | null): boolean =>
  connections?.some((one) => one.id === config['connection'] && one.kind === 'pop3') ?? false

/** Which settings of a step are filled by a mapping in front of it, and by which. */
export function mappedInto(flow: Flow, node: string): ReadonlyMap<string, string> {
  const own = findNode(flow, node)
  const before = own && nodeDescriptions[own.kind].input ? mappingBefore(flow, node) : null
  if (before === null) return new Map()
  const rows = z.array(rowSchema).safeParse(before.config['rows'])
  return new Map((rows.data ?? []).map((row) => [row.to.split('.')[0] ?? row.to, nodeName(before)]))
}
