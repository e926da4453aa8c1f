/** What every field of a step's form gets and may do. */
import type { Json, JsonObject } from '#shared/json.ts'
import type { FormField } from '../fields.ts'

export interface WidgetProps {
  readonly field: FormField
  readonly node: string
  /** What stands in the file, else the default. */
  readonly value: Json | undefined
  readonly config: JsonObject
  readonly onChange: (value: Json | undefined) => void
  /** '' when the field is fine. */
  readonly error: string
  /** Under the field; the setting's own help or what a mapping does to it. */
  readonly help: string
  /** In the empty field: where its value comes from instead. */
  readonly hint: string | undefined
}

export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
export const numberOf = (value: Json | undefined): number | null => (typeof value === 'number' ? value : null)
/** Mantine shows any defined description or error as a line of its own. */
export const line = (words: string): string | undefined => (words === '' ? undefined : words)
