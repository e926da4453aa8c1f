/** Paths through values, `receive.to.0.address`: reading one never throws, and reaches a value's own fields only. */
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Shape, ShapeKind } from '../shape.ts'
import { maxListItems } from './limits.ts'
import { isForbiddenKey } from './values.ts'

/** What rows read from: each earlier node's output by its id, and `run`. */
export type Scope = JsonObject

/** null when there is nothing. A field of a list is read from each of its items: `receive.to.address` is a list. */
export type ReadPath = (scope: Scope) => Json

export const splitPath = (path: string): readonly string[] => path.split('.')

export function compilePath(path: string): ReadPath {
  const names = splitPath(path)
  return (scope) => readFrom(scope, names)
}

export const readPath = (scope: Scope, path: string): Json => readFrom(scope, splitPath(path))

function readFrom(scope: Json, names: readonly string[]): Json {
  let value: Json = scope
  for (const [at, name] of names.entries()) {
    if (value === null) return null
    if (at > 0 && names[at - 1] === 'headers' && Array.isArray(value) && !isIndex(name) && !(at === names.length - 1 && (name === 'name' || name === 'value'))) {
      // A header's name may hold dots, so everything behind `headers.` is its name.
      return headerNamed(value, names.slice(at).join('.'))
    }
    value = readName(value, name)
  }
  return value
}

function readName(value: Json, name: string): Json {
  if (!Array.isArray(value)) return ownField(value, name)
  if (isIndex(name)) return value[Number(name)] ?? null
  return value.flatMap((item) => readName(item, name)).filter((item) => item !== null).slice(0, maxListItems)
}

function ownField(value: Json, name: string): Json {
  if (!isJsonObject(value) || isForbiddenKey(name) || !Object.hasOwn(value, name)) return null
  return value[name] ?? null
}

/** The first of that name, compared without case (RFC 5322 section 1.2.2). */
function headerNamed(headers: readonly Json[], name: string): Json {
  const wanted = name.toLowerCase()
  for (const header of headers) {
    const own = ownField(header, 'name')
    if (typeof own === 'string' && own.toLowerCase() === wanted) return ownField(header, 'value')
  }
  return null
}

const isIndex = (name: string): boolean => /^\d{1,9}$/.test(name)

/** The shape found at a path; null when there is none. */
export function shapeAt(shape: Shape, names: readonly string[]): Shape | null {
  const [name, ...rest] = names
  if (name === undefined) return shape
  if (shape.kind === 'any') return { kind: 'any', title: name }
  if (shape.kind === 'list' && shape.of) {
    if (isIndex(name)) return shapeAt(shape.of, rest)
    const inside = shapeAt(shape.of, names)
    return inside && { kind: 'list', title: inside.title, of: inside.kind === 'list' && inside.of ? inside.of : inside }
  }
  const field = shape.fields && Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
  if (!field) return null
  if (name === 'headers' && field.kind === 'list' && isHeaderName(rest)) return { kind: 'text', title: rest.join('.') }
  // Own headers of the outgoing mail may have whatever name.
  if (name === 'headers' && field.kind === 'object') return rest.length === 0 ? field : { kind: 'text', title: rest.join('.') }
  return shapeAt(field, rest)
}

const isHeaderName = (names: readonly string[]): boolean => {
  const [first] = names
  return first !== undefined && !isIndex(first) && !(names.length === 1 && (first === 'name' || first === 'value'))
}

/** The field a row fills: one of the target's own, or below one that takes any name (`headers.X-Ticket`). */
export function targetAt(target: Shape, names: readonly string[]): Shape | null {
  const [first = '', ...rest] = names
  if (names.some((name) => isForbiddenKey(name) || name === '')) return null
  const field = shapeAt(target, [first])
  return rest.length === 0 || field?.kind === 'object' ? shapeAt(target, names) : null
}

export interface PickablePath {
  readonly path: string
  readonly title: string
  readonly kind: ShapeKind
  readonly help: string
}

/** Everything that can be picked below a prefix, each list followed by the fields of its items, in the shape's order. */
export function listPaths(shape: Shape, prefix: string): readonly PickablePath[] {
  const paths: PickablePath[] = []
  const visit = (at: Shape, path: string, titles: readonly string[]): void => {
    if (titles.length > 0) paths.push({ path, title: titles.join(', '), kind: at.kind, help: at.help ?? '' })
    const fields = at.kind === 'list' ? at.of?.fields : at.fields
    for (const [name, field] of Object.entries(fields ?? {})) {
      const inList = at.kind === 'list'
      visit(inList ? { kind: 'list', title: field.title, of: field } : field, `${path}.${name}`, [...titles, field.title])
    }
  }
  visit(shape, prefix, [])
  return paths
}
