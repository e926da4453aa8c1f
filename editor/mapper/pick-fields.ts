/** What can be picked for a mapping: every field in front of the step with the sample mail's own value beside it. Pure. */
import type { Json } from '#shared/json.ts'
import type { Sources } from '#shared/mapping/compile.ts'
import { listPaths, readPath, type Scope } from '#shared/mapping/paths.ts'
import type { ShapeKind } from '#shared/shape.ts'
import { sayShort } from '../ui/value-view.tsx'

export interface PickField {
  readonly path: string
  /** `From › Address` */
  readonly title: string
  readonly kind: ShapeKind
  /** The step it comes from. */
  readonly node: string
  /** Of the sample mail, in one line; '' when it has none. */
  readonly shown: string
}

/** Own headers of the sample offered beside the model's fields; a mail has 30 to 60 of them. */
const mostHeaders = 80
const mostShown = 80

export function listFields(sources: Sources, scope: Scope): readonly PickField[] {
  return Object.entries(sources).flatMap(([node, shape]) => {
    // A value of its own, such as the number of a file, has no fields to list.
    const paths = shape.fields === undefined ? [{ path: node, title: shape.title, kind: shape.kind }] : listPaths(shape, node)
    const fields = paths.map(({ path, title, kind }) => ({ path, title: title.replaceAll(', ', ' › '), kind, node, shown: sayShort(readPath(scope, path), mostShown) }))
    return [...fields, ...headersOf(node, scope)]
  })
}

function headersOf(node: string, scope: Scope): readonly PickField[] {
  const headers = readPath(scope, `${node}.headers`)
  if (!Array.isArray(headers)) return []
  const names = new Set<string>()
  for (const header of headers as readonly Json[]) {
    const name = readPath({ header }, 'header.name')
    if (typeof name === 'string' && name !== '') names.add(name)
  }
  return [...names].slice(0, mostHeaders).map((name) => {
    const path = `${node}.headers.${name}`
    return { path, title: `Header › ${name}`, kind: 'text' as const, node, shown: sayShort(readPath(scope, path), mostShown) }
  })
}

/** Fields whose name, path or value holds every word searched for; those with it in the name come first, and filled before empty. */
export function searchFields(fields: readonly PickField[], search: string, most: number): readonly PickField[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return fields.filter((field) => !field.path.includes('.headers.')).slice(0, most)
  const ranked = fields.flatMap((field) => {
    const name = `${field.title} ${field.path}`.toLowerCase()
    const value = field.shown.toLowerCase()
    if (!words.every((word) => name.includes(word) || value.includes(word))) return []
    const rank = (words.every((word) => name.includes(word)) ? 0 : 2) + (field.shown === '' ? 1 : 0)
    return [{ field, rank }]
  })
  return ranked.toSorted((a, b) => a.rank - b.rank).slice(0, most).map(({ field }) => field)
}
