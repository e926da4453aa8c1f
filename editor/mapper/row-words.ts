/** A row said in a few words, for its folded line: where the value comes from and what happens on the way. */
import { findFunction } from '#shared/mapping/functions/index.ts'
import { sourceOf, type comparisons, type Condition, type MappingStep, type Row, type RowSource } from '#shared/mapping/mapping.ts'
import { sayShort } from '../ui/value-view.tsx'

export const sourceWords: Record<RowSource, string> = { from: 'Fields', template: 'Text', value: 'Fixed value', expression: 'Expression' }

/** `receive.from.address` → `from.address` where only one step stands in front; the step's name is noise then. */
export const shortPath = (path: string, onlyNode: string | null): string =>
  onlyNode !== null && path.startsWith(`${onlyNode}.`) ? path.slice(onlyNode.length + 1) : path

export function saySource(row: Row, onlyNode: string | null): string {
  switch (sourceOf(row)) {
    case 'from': return (row.from ?? []).map((path) => shortPath(path, onlyNode)).join(' + ')
    case 'template': return `“${sayShort(row.template, 60)}”`
    case 'value': return row.value === '' || row.value === null ? 'nothing typed yet' : `“${sayShort(row.value, 60)}”`
    case 'expression': return `= ${sayShort(row.expression, 60)}`
    case null: return 'nothing chosen yet'
  }
}

/** `prepend “Ticket: ”`; long arguments are cut, blank lines named. */
export function sayStep(step: MappingStep): string {
  const spec = findFunction(step.fn)
  const first = spec?.params.find((param) => Object.hasOwn(step, param.name) && param.kind !== 'boolean')
  const value = first ? step[first.name] : undefined
  const said = typeof value === 'string' ? ` ${sayText(value)}` : typeof value === 'number' ? ` ${value}` : ''
  return `${(spec?.title ?? step.fn).toLowerCase()}${said}`
}
const sayText = (text: string): string => {
  if (/^\n{2,}$/.test(text)) return 'blank line'
  if (text === '\n') return 'new line'
  return text === '' ? '' : `“${text.length > 18 ? `${text.slice(0, 17)}…` : text.replaceAll('\n', '↵')}”`
}

export const comparisonWords: Record<(typeof comparisons)[number], { readonly say: string; readonly takesValue: boolean }> = {
  empty: { say: 'is empty', takesValue: false },
  'not-empty': { say: 'is not empty', takesValue: false },
  equals: { say: 'is', takesValue: true },
  'not-equals': { say: 'is not', takesValue: true },
  contains: { say: 'contains', takesValue: true },
  'not-contains': { say: 'does not contain', takesValue: true },
  'starts-with': { say: 'begins with', takesValue: true },
  'ends-with': { say: 'ends with', takesValue: true },
  greater: { say: 'is greater than', takesValue: true },
  less: { say: 'is less than', takesValue: true },
  true: { say: 'is yes', takesValue: false },
  false: { say: 'is no', takesValue: false },
}

export function sayCondition(when: Condition, onlyNode: string | null): string {
  if ('expression' in when) return `only when ${sayShort(when.expression, 40)}`
  const words = comparisonWords[when.is]
  return `only when ${shortPath(when.from, onlyNode)} ${words.say}${words.takesValue ? ` ${sayShort(when.value, 30)}` : ''}`
}
