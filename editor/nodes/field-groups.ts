/** Parts a step's form by concern: what is asked of everybody, the folded groups with a line on what is set in each, and the rest. */
import type { Json, JsonObject } from '#shared/json.ts'
import { texts } from '../texts.ts'
import { valueOf, type FormField } from './fields.ts'

export interface FieldGroup {
  readonly title: string
  readonly fields: readonly FormField[]
}
export interface GroupedFields {
  readonly usual: readonly FormField[]
  /** In the order in which the description names them. */
  readonly groups: readonly FieldGroup[]
  readonly rare: readonly FormField[]
}

export function groupFields(fields: readonly FormField[]): GroupedFields {
  const groups = Map.groupBy(fields.filter((field) => field.meta.group !== undefined), (field) => field.meta.group ?? '')
  const alone = fields.filter((field) => field.meta.group === undefined)
  return {
    usual: alone.filter((field) => field.meta.advanced !== true),
    groups: [...groups].map(([title, members]) => ({ title, fields: members })),
    rare: alone.filter((field) => field.meta.advanced === true),
  }
}

/** `Reply to: desk@acme.example, HTML mapped`; what differs from the default, else "as usual". */
export function sayGroup({ fields }: FieldGroup, config: JsonObject, mapped: ReadonlyMap<string, string>): string {
  const said = fields.flatMap((field) => {
    const value = valueOf(field, config)
    if (mapped.has(field.key)) return [texts.inspector.mapped(field.meta.title)]
    return value === undefined || isUsual(field, value) ? [] : [sayField(field, value)]
  }).filter((words) => words !== '')
  return said.length === 0 ? texts.inspector.asUsual : said.join(', ')
}

const isUsual = ({ fallback }: FormField, value: Json): boolean => JSON.stringify(value) === JSON.stringify(fallback)

/** A long text only makes known that it is there; the heading has room for a line. */
const shownLetters = 60

function sayField({ meta }: FormField, value: Json): string {
  if (meta.sayValue) return meta.sayValue(value)
  if (typeof value === 'boolean') return value ? meta.title : texts.inspector.off(meta.title)
  const option = meta.options?.find((one) => one.value === value)
  if (option) return option.label
  const short = typeof value === 'number' || (typeof value === 'string' && value.length <= shownLetters && meta.widget !== 'textarea')
  return short ? `${meta.title}: ${value}` : meta.title
}
