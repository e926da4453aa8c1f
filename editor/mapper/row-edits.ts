/** Every change a person can make to the rows, as pure functions: the form calls them, undo sees each as one step. */
import type { Json } from '#shared/json.ts'
import { sourceOf, type MappingStep, type Row, type RowSource } from '#shared/mapping/mapping.ts'
import type { MappingFunction } from '#shared/mapping/functions/index.ts'
import type { RunStart } from '#shared/run.ts'
import type { Shape } from '#shared/shape.ts'

export type Rows = readonly Row[]

export const addRow = (rows: Rows, row: Row): Rows => [...rows, row]
export const removeAt = <T>(list: readonly T[], at: number): readonly T[] => list.filter((_, index) => index !== at)
export const replaceAt = <T>(list: readonly T[], at: number, item: T): readonly T[] => list.map((old, index) => (index === at ? item : old))

/** Moves one entry to a place; places outside the list leave it as it is. */
export function moveTo<T>(list: readonly T[], at: number, place: number): readonly T[] {
  const item = list[at]
  if (item === undefined || place < 0 || place >= list.length || place === at) return list
  return removeAt(list, at).toSpliced(place, 0, item)
}

/** The row with another source. What was typed before is taken along where that makes sense: a field becomes a hole of the text. */
export function withSource(row: Row, source: RowSource): Row {
  if (sourceOf(row) === source) return row
  const { value, from, expression, template, ...rest } = row
  switch (source) {
    case 'from': return { ...rest, from: from ?? pathsIn(template ?? expression ?? '') }
    case 'template': return { ...rest, template: from ? from.map((path) => `{{${path}}}`).join(' ') : typeof value === 'string' ? value : template ?? '' }
    case 'value': return { ...rest, value: template !== undefined && !template.includes('{{') ? template : '' }
    case 'expression': return { ...rest, expression: expression ?? (from ? from.join(' & " " & ') : '') }
  }
}

const pathsIn = (text: string): string[] => [...text.matchAll(/\{\{\s*([A-Za-z][\w.-]*)\s*\}\}/g)].flatMap(([, path]) => (path ? [path] : []))

/** Sets or, with undefined, takes away; exactOptionalPropertyTypes allows no `undefined` in a row. */
export function withField<K extends keyof Row>(row: Row, key: K, value: Row[K] | undefined): Row {
  const { [key]: _, ...rest } = row
  return (value === undefined ? rest : { ...rest, [key]: value }) as Row // only `to` is required, and it is never taken away
}

export const withSteps = (row: Row, steps: readonly MappingStep[]): Row => withField(row, 'through', steps.length === 0 ? undefined : [...steps])

/** A new step with what must be given; defaults stay out of the file. */
export const makeStep = (spec: MappingFunction): MappingStep => ({
  fn: spec.name, ...Object.fromEntries(spec.params.filter((param) => param.required).map((param) => [param.name, param.default])),
})
export function withArgument(step: MappingStep, name: string, value: Json | undefined): MappingStep {
  const { [name]: _, ...rest } = step
  return { ...rest, fn: step.fn, ...(value === undefined ? {} : { [name]: value }) }
}

/** The row once more, right behind itself. */
export const copyRow = (rows: Rows, at: number): Rows => {
  const row = rows[at]
  return row ? rows.toSpliced(at + 1, 0, structuredClone(row)) : rows
}

/** The field a new row most likely fills: the first of the target that no row fills yet. */
export const nextTarget = (rows: Rows, target: Shape): string =>
  Object.keys(target.fields ?? {}).find((name) => name !== 'headers' && !rows.some((row) => row.to === name)) ?? 'headers.X-'

/** "Add the usual rows": a mail passed on with its subject, text and attachments, or an event told. Rows that are there stay as they are. */
export const withUsualRows = (rows: Rows, node: string, start: RunStart): Rows => [...rows, ...missingRows(rows, node, start)]
export const lacksUsualRows = (rows: Rows, start: RunStart): boolean => missingRows(rows, '', start).length > 0

const usualFields: Record<RunStart, Readonly<Record<string, string>>> = {
  mail: { subject: 'subject', text: 'text', attachments: 'attachments' },
  event: { subject: 'summary', text: 'say' },
}
function missingRows(rows: Rows, node: string, start: RunStart): Rows {
  const fields = Object.entries(usualFields[start]).map(([to, from]): Row => ({ to, from: [`${node}.${from}`] }))
  return [{ to: 'to', value: '' }, ...fields].filter((row) => !rows.some((there) => there.to === row.to))
}
