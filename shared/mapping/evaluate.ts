/**
 * Runs a mapping: the same code, on the same mail, gives the same outgoing value in the editor's preview and in the
 * runtime. It never throws; a row that fails says so, and whoever sends must look at `problem` first.
 */
import { problemOf, type Problem } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Shape } from '../shape.ts'
import { compileRow, type CompiledRow, type Sources } from './compile.ts'
import { cleanForeign } from './foreign-html.ts'
import type { Row } from './mapping.ts'
import { normalizeValue } from './normalize.ts'
import type { Scope } from './paths.ts'
import { arePatternsLoaded, loadPatterns } from './pattern.ts'
import { runTask, waitFor, type Task } from './task.ts'
import { isBlank } from './values.ts'

export type { Sources } from './compile.ts'
export type { Scope } from './paths.ts'

export interface CompiledMapping { readonly rows: readonly CompiledRow[]; readonly usesPatterns: boolean }

export interface RowOutcome {
  readonly to: string
  /** As its target takes it. */
  readonly value: Json
  readonly problem: Problem | null
  /** Where the value came from; `empty` when there is none, so the field is left to other rows and to the send step's form. */
  readonly from: 'mapped' | 'otherwise' | 'empty'
  /** The value as read, then behind each function. */
  readonly steps: readonly Json[]
}

export interface Mapped {
  /** The target's fields that got a value. */
  readonly value: JsonObject
  /** One for each row, in order. */
  readonly rows: readonly RowOutcome[]
  /** The override of the send step's priority, by field. */
  readonly priority: Readonly<Record<string, 'mapped' | 'form'>>
  /** The first row's that has one. */
  readonly problem: Problem | null
}

/** `sources` tells which fields hold HTML. Worth keeping: one per flow version. */
export function compileMapping(rows: readonly Row[], target: Shape, sources: Sources): CompiledMapping {
  const compiled = rows.map((row) => compileRow(row, target, sources))
  return { rows: compiled, usesPatterns: compiled.some((row) => row.usesPatterns) }
}

/** At once, unless a row has an expression or the first pattern of the process; so `await` it. Never throws or rejects. */
export const evaluateMapping = (mapping: CompiledMapping, scope: Scope): Mapped | Promise<Mapped> => runTask(evaluateRows(mapping, scope))

function* evaluateRows(mapping: CompiledMapping, scope: Scope): Task<Mapped> {
  if (mapping.usesPatterns && !arePatternsLoaded()) yield* waitFor(loadPatterns().then(() => null))
  const value: Record<string, Json> = {}
  const priority: Record<string, 'mapped' | 'form'> = {}
  const rows: RowOutcome[] = []
  for (const row of mapping.rows) {
    const outcome = yield* evaluateRow(row, scope)
    rows.push(outcome)
    if (outcome.from !== 'empty' && outcome.problem === null) fillTarget(value, priority, row, outcome.value)
  }
  return { value, rows, priority, problem: rows.find((row) => row.problem)?.problem ?? null }
}

function* evaluateRow(row: CompiledRow, scope: Scope): Task<RowOutcome> {
  const steps: Json[] = []
  if (row.problem) return { to: row.to, value: null, problem: row.problem, from: 'empty', steps }
  try {
    if (row.holds && !(yield* finish(row.holds(scope)))) return outcomeOf(row, row.otherwise, 'otherwise', steps)
    let value = yield* finish(row.read(scope))
    steps.push(value)
    for (const { spec, args } of row.steps) {
      value = spec.call(value, args)
      steps.push(value)
    }
    return outcomeOf(row, value, 'mapped', steps)
  } catch (error) {
    return { to: row.to, value: null, problem: problemOf(error), from: 'empty', steps }
  }
}

function outcomeOf(row: CompiledRow, read: Json, from: 'mapped' | 'otherwise', steps: readonly Json[]): RowOutcome {
  const { value, problem } = isBlank(read)
    ? { value: null, problem: null }
    // The words behind "otherwise" are typed by the author, as a constant is.
    : normalizeValue(read, row.shape, from === 'otherwise' && row.shape.kind === 'html' ? 'html' : row.writing, row.to, row.written)
  const safe = row.cleans && from === 'mapped' && typeof value === 'string' ? cleanForeign(value) : value
  return { to: row.to, value: safe, problem, from: isBlank(safe) ? 'empty' : from, steps }
}

function* finish<T>(result: T | Task<T>): Task<T> {
  return isTask(result) ? yield* result : result
}
// JSON is never an iterator with a `next` function, so this tells the two apart.
const isTask = <T>(result: T | Task<T>): result is Task<T> =>
  typeof result === 'object' && result !== null && 'next' in result && typeof result.next === 'function'

/** The first row that gives a value fills the field; rows behind it are its fallbacks. */
function fillTarget(value: Record<string, Json>, priority: Record<string, 'mapped' | 'form'>, row: CompiledRow, filled: Json): void {
  const [first = '', ...rest] = row.names
  if (rest.length === 0) {
    if (Object.hasOwn(value, first)) return
    value[first] = filled
  } else {
    // Only `headers.<name>` has a second part, and compileRow has refused the language's own names.
    const inner = (value[first] ?? {}) as JsonObject
    const name = rest.join('.')
    if (Object.keys(inner).some((known) => known.toLowerCase() === name.toLowerCase())) return
    value[first] = { ...inner, [name]: filled }
  }
  if (row.priority) priority[row.to] = row.priority
}
