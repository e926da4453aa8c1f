/** Makes a row ready to run: paths split, functions found, the target known. Never throws; what is wrong is the row's problem. */
import { fault, problemOf, type Problem } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Shape } from '../shape.ts'
import { compileAddressLine } from '../sending/address-line.ts'
import { makeCondition } from './condition.ts'
import { evaluateExpression } from './expression.ts'
import { findFunction, readArgs, usesPatterns, type MappingFunction } from './functions/index.ts'
import { textToHtml } from './html.ts'
import { htmlToText } from '../html-text.ts'
import { sourceOf, type MappingStep, type Row } from './mapping.ts'
import type { Writing } from './normalize.ts'
import { compilePath, shapeAt, splitPath, targetAt, type Scope } from './paths.ts'
import { waitFor, type Task } from './task.ts'
import { compileTemplate, templateProblem } from './template.ts'
import { toText } from './values.ts'

/** The shape of every value that rows may read, by the first name of their paths. */
export type Sources = Readonly<Record<string, Shape>>

export interface CompiledStep { readonly spec: MappingFunction; readonly args: JsonObject }
export interface CompiledRow {
  readonly to: string
  /** The target path in parts. */
  readonly names: readonly string[]
  readonly shape: Shape
  readonly priority: Row['priority'] | null
  readonly problem: Problem | null
  readonly read: (scope: Scope) => Json | Task<Json>
  readonly steps: readonly CompiledStep[]
  /** What the value is made of behind the last step. */
  readonly writing: Writing
  readonly holds: ((scope: Scope) => boolean | Task<boolean>) | null
  readonly otherwise: Json
  /** Every text that the author wrote into the row, for targets that take addresses. */
  readonly written: ReadonlySet<string>
  readonly usesPatterns: boolean
  /** A stranger's HTML goes into HTML: whatever functions made of it, it is made harmless at the end. */
  readonly cleans: boolean
}

export function compileRow(row: Row, target: Shape, sources: Sources): CompiledRow {
  const names = splitPath(row.to)
  const found = targetAt(target, names)
  const shape = found ?? { kind: 'any', title: row.to }
  const steps = (row.through ?? []).flatMap(compileStep)
  const source = compileSource(row, shape, sources)
  return {
    to: row.to, names, shape, steps,
    priority: row.priority ?? null,
    problem: found ? (unknownFunction(row) ?? source.problem) : rowProblem(row, `There is no field "${row.to}" to fill.`),
    read: source.read,
    writing: steps.reduce<Writing>(writingAfter, source.writing),
    holds: row.when ? makeCondition(row.when, row.to) : null,
    otherwise: row.otherwise ?? null,
    written: new Set(takesAddresses(shape) ? textsIn([row.value ?? null, row.otherwise ?? null, ...steps.map(({ args }) => args)]) : []),
    usesPatterns: steps.some(({ spec }) => usesPatterns(spec)),
    cleans: shape.kind === 'html' && (row.from ?? []).some((path) => isForeign(path, sources)),
  }
}

const takesAddresses = ({ kind, of }: Shape): boolean => kind === 'address' || of?.kind === 'address'
const textsIn = (value: Json): readonly string[] => (typeof value === 'string' ? [value] : value !== null && typeof value === 'object' ? Object.values(value).flatMap((inner: Json) => textsIn(inner)) : [])

const compileStep = (step: MappingStep): readonly CompiledStep[] => {
  const spec = findFunction(step.fn)
  return spec ? [{ spec, args: readArgs(spec, step) }] : []
}

const writingAfter = (writing: Writing, { spec }: CompiledStep): Writing =>
  spec.name === 'htmlToText' ? 'text' : spec.output === 'html' ? 'html' : writing

const rowProblem = (row: Row, reason: string): Problem => problemOf(fault('RUN_STEP_FAILED', { reason }, row.to))

function unknownFunction(row: Row): Problem | null {
  const step = row.through?.find(({ fn }) => !findFunction(fn))
  return step ? rowProblem(row, `There is no function "${step.fn}".`) : null
}

interface Source { readonly read: CompiledRow['read']; readonly writing: Writing; readonly problem: Problem | null }

function compileSource(row: Row, shape: Shape, sources: Sources): Source {
  const forHtml = shape.kind === 'html'
  switch (sourceOf(row)) {
    case null: return { read: () => null, writing: 'text', problem: rowProblem(row, `Nothing is said about what goes into "${row.to}".`) }
    case 'value': return { read: () => row.value ?? null, writing: forHtml ? 'html' : 'text', problem: null }
    case 'from': return { ...compilePaths(row.from ?? [], forHtml, sources), problem: null }
    case 'expression': {
      const text = row.expression ?? ''
      // What an expression makes counts as text and is escaped in HTML: nobody can tell which part of it a stranger wrote.
      return { read: (scope) => waitFor(evaluateExpression(text, scope, row.to)), writing: 'text', problem: null }
    }
    case 'template': {
      if (takesAddresses(shape)) {
        const line = compileAddressLine(row.template ?? '', row.to, shape.title)
        return { read: line.fill, writing: 'text', problem: templateTrouble(row) }
      }
      const template = compileTemplate(row.template ?? '', { html: forHtml, isHtml: (path) => isHtml(path, sources), isForeign: (path) => isForeign(path, sources), field: row.to })
      return { read: template.render, writing: forHtml ? 'html' : 'text', problem: templateTrouble(row) }
    }
  }
}

function templateTrouble(row: Row): Problem | null {
  const problem = templateProblem(row.template ?? '')
  return problem && rowProblem(row, `The template for "${row.to}" has an error in line ${problem.line}, column ${problem.column}: ${problem.say}.`)
}

/** The shape of what a path reads; null where nothing of that name comes before. */
export function shapeOf(path: string, sources: Sources): Shape | null {
  const [first = '', ...rest] = splitPath(path)
  const shape = Object.hasOwn(sources, first) ? sources[first] : undefined
  return shape ? shapeAt(shape, rest) : null
}

/** Whether a path reads HTML that came with a mail. */
export const isForeign = (path: string, sources: Sources): boolean => shapeOf(path, sources)?.foreign === true

/** Whether a path reads HTML, or a list of such. */
export const isHtml = (path: string, sources: Sources): boolean => {
  const found = shapeOf(path, sources)
  return found?.kind === 'html' || (found?.kind === 'list' && found.of?.kind === 'html')
}

/** Several paths make a list. Text and HTML together are first made one of the two, that which the target is. */
function compilePaths(paths: readonly string[], forHtml: boolean, sources: Sources): Omit<Source, 'problem'> {
  const reads = paths.map((path) => ({ read: compilePath(path), html: isHtml(path, sources) }))
  const [only] = reads
  if (only && reads.length === 1) return { read: only.read, writing: only.html ? 'html' : 'text' }
  const isMixed = reads.some(({ html }) => html) && reads.some(({ html }) => !html)
  if (!isMixed) return { read: (scope) => reads.map(({ read }) => read(scope)), writing: only?.html ? 'html' : 'text' }
  const convert = (value: Json, html: boolean): Json => (html === forHtml ? value : html ? htmlToText(toText(value)) : textToHtml(toText(value)))
  return { read: (scope) => reads.map(({ read, html }) => convert(read(scope), html)), writing: forHtml ? 'html' : 'text' }
}
