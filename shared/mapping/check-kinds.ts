/** Follows what kind of value a row carries, from its source through its functions into its target. */
import { parseAddresses } from '../address.ts'
import type { FlowProblem, FlowProblemCode } from '../flow.ts'
import type { Shape, ShapeKind } from '../shape.ts'
import { shapeOf, type Sources } from './compile.ts'
import { findFunction, type MappingFunction } from './functions/index.ts'
import { sourceOf, type Row } from './mapping.ts'
import { toFlatList } from './values.ts'

type Report = (code: FlowProblemCode, field: string, advice: string, severity?: FlowProblem['severity']) => FlowProblem

/** A kind, and for lists the kind of the items. */
export interface Kind { readonly kind: ShapeKind; readonly of?: ShapeKind }

const words: Record<ShapeKind, string> = {
  text: 'a text', html: 'HTML', number: 'a number', boolean: 'yes or no', date: 'a date', address: 'an address', attachment: 'an attachment',
  object: 'a group of fields', list: 'a list', any: 'anything',
}
const sayKind = ({ kind, of }: Kind): string => (kind === 'list' && of && of !== 'any' ? `a list (each item is ${words[of]})` : words[kind])

export function checkKinds(row: Row, target: Shape, sources: Sources, field: string, problem: Report): readonly FlowProblem[] {
  let kind = kindOfSource(row, sources, target)
  for (const [at, step] of (row.through ?? []).entries()) {
    const spec = findFunction(step.fn)
    if (!spec) return []
    if (!accepts(spec, kind)) {
      return [problem('MAP_TYPE', `${field}.through.${at}.fn`, `"${spec.title}" works on ${words[spec.input === 'same' ? 'any' : spec.input]}, but here comes ${sayKind(kind)}. Choose one field of it, or another function.`)]
    }
    kind = kindBehind(spec, kind)
  }
  if (sourceOf(row) === 'value' && (row.through ?? []).length === 0) return checkConstant(row, target, field, problem)
  return checkTarget(kind, target, field, problem)
}

function kindOfSource(row: Row, sources: Sources, target: Shape): Kind {
  switch (sourceOf(row)) {
    case 'from': return kindOfPaths(row.from ?? [], sources)
    case 'template': return { kind: target.kind === 'html' ? 'html' : 'text' }
    case 'value': return typeof row.value === 'string' ? { kind: 'text' } : { kind: 'any' }
    case 'expression': case null: return { kind: 'any' }
  }
}

function kindOfPaths(paths: readonly string[], sources: Sources): Kind {
  const kinds = paths.map((path): Kind => {
    const found = shapeOf(path, sources)
    return found ? kindOfShape(found) : { kind: 'any' }
  })
  const [only] = kinds
  if (only && kinds.length === 1) return only
  const items = new Set(kinds.map(({ kind, of }) => (kind === 'list' ? (of ?? 'any') : kind)))
  const [item] = items
  return { kind: 'list', of: items.size === 1 && item ? item : 'any' }
}

const kindOfShape = ({ kind, of }: Shape): Kind => (kind === 'list' ? { kind, of: of?.kind ?? 'any' } : { kind })

/** Only dates and numbers can't be made of everything. */
function accepts(spec: MappingFunction, { kind, of }: Kind): boolean {
  const item = kind === 'list' ? (of ?? 'any') : kind
  if (spec.input === 'date') return ['date', 'text', 'number', 'any'].includes(item)
  if (spec.input === 'number') return ['number', 'text', 'boolean', 'any'].includes(item)
  if (spec.input === 'address') return ['address', 'text', 'any'].includes(item)
  return true
}

/** What comes out of a function, given what goes in. */
function kindBehind(spec: MappingFunction, before: Kind): Kind {
  if (spec.output === 'same') return before
  if (spec.name === 'first' || spec.name === 'last' || spec.name === 'oneOf') return before.kind === 'list' ? { kind: before.of ?? 'any' } : before
  if (spec.output === 'any') return { kind: 'any' }
  if (spec.output === 'list') return { kind: 'list', of: spec.input === 'list' && before.kind === 'list' ? (before.of ?? 'any') : 'text' }
  const changesEach = before.kind === 'list' && (spec.input === 'text' || spec.input === 'html' || spec.input === 'address') && (spec.output === 'text' || spec.output === 'html')
  // HTML stays HTML through functions on its text.
  const made = spec.output === 'text' && spec.name !== 'htmlToText' && (before.kind === 'html' || before.of === 'html') ? 'html' : spec.output
  return changesEach ? { kind: 'list', of: made } : { kind: made }
}

function checkTarget(kind: Kind, target: Shape, field: string, problem: Report): readonly FlowProblem[] {
  const item = kind.kind === 'list' ? (kind.of ?? 'any') : kind.kind
  const wanted = target.kind === 'list' ? (target.of?.kind ?? 'any') : target.kind
  if (!fitsInto(item, wanted)) {
    return [problem('MAP_TYPE', field, `"${target.title}" takes ${words[wanted]}, but this is ${sayKind(kind)}. Choose another field.`)]
  }
  if (kind.kind === 'list' && (wanted === 'text' || wanted === 'html') && target.kind !== 'list') {
    return [problem('MAP_TYPE', field, `"${target.title}" takes one text, but this is a list: its items will stand side by side with commas. Add "Join" to say what stands between, or "First".`, 'warning')]
  }
  if (item === 'object' && (wanted === 'text' || wanted === 'html')) {
    return [problem('MAP_TYPE', field, `"${target.title}" would show a group of fields as they are stored. Choose one field of it.`, 'warning')]
  }
  return []
}

function fitsInto(item: ShapeKind, wanted: ShapeKind): boolean {
  if (item === 'any' || wanted === 'any' || item === wanted) return true
  switch (wanted) {
    case 'text': case 'html': case 'boolean': return true
    case 'address': return item === 'text'
    case 'number': return item === 'text' || item === 'boolean'
    case 'date': return item === 'text' || item === 'number'
    case 'attachment': case 'object': case 'list': return false
  }
}

/** What was typed can be judged by itself, not by its kind alone. */
function checkConstant(row: Row, target: Shape, field: string, problem: Report): readonly FlowProblem[] {
  const wanted = target.kind === 'list' ? target.of?.kind : target.kind
  if (wanted === 'attachment' && toFlatList(row.value).length > 0) return [problem('MAP_TYPE', field, `"${target.title}" takes attachments of a mail. Choose a field instead of a fixed value.`)]
  if (wanted !== 'address' || typeof row.value !== 'string') return []
  const [bad] = parseAddresses(row.value).bad
  return bad === undefined ? [] : [problem('MAP_TYPE', `${field}.value`, `"${bad.trim().slice(0, 100)}" in "${target.title}" is not a mail address. Write it like name@example.org.`)]
}
