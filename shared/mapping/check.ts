/** Judges the rows of a mapping before they run: unknown fields, functions and arguments, kinds that do not fit, syntax. */
import type { FlowProblem, FlowProblemCode } from '../flow.ts'
import { headerRefusal } from '../header-names.ts'
import type { Shape } from '../shape.ts'
import { checkArguments } from './check-arguments.ts'
import { checkKinds } from './check-kinds.ts'
import { shapeOf, type Sources } from './compile.ts'
import { areExpressionsLoaded, expressionProblem, loadExpressions } from './expression.ts'
import { findFunction, mappingFunctions, usesPatterns } from './functions/index.ts'
import { sourceOf, rowSources, type Condition, type Row } from './mapping.ts'
import { findNearest } from './nearest.ts'
import { listPaths, splitPath, targetAt } from './paths.ts'
import { loadPatterns } from './pattern.ts'
import { compileTemplate, type Template } from './template.ts'

/** `node` names the mapping's node in the problems. A null is a row that its schema has refused already. */
export function checkRows(rows: readonly (Row | null)[], target: Shape, sources: Sources, node: string): readonly FlowProblem[] {
  const suggest = makeSuggest(sources)
  const problems: FlowProblem[] = []
  for (const [at, row] of rows.entries()) {
    if (row) problems.push(...checkRow(row, `rows.${at}`, target, sources, suggest, node))
    // Nobody reads more, and a hostile file must not make millions.
    if (problems.length >= maxProblems) return problems.slice(0, maxProblems)
  }
  return [...problems, ...checkDoubles(rows, target, node)].slice(0, maxProblems)
}

const maxProblems = 200
/** Comparing names is the only slow work here, so only the first few mistakes are asked about. */
const maxSuggestions = 20
type Suggest = (path: string) => string | null

/** The path that was meant: within the step it names, or with that step's name put right. */
function makeSuggest(sources: Sources): Suggest {
  let left = maxSuggestions
  const suggest = (path: string): string | null => {
    const [first = '', ...rest] = splitPath(path)
    const shape = Object.hasOwn(sources, first) ? sources[first] : undefined
    if (shape) return findNearest(path, listPaths(shape, first).map((known) => known.path))
    const name = findNearest(first, Object.keys(sources))
    return name && [name, ...rest].join('.')
  }
  return (path) => {
    left -= 1
    return left < 0 ? null : suggest(path)
  }
}

/** Expressions and patterns are checked once these are loaded; until then an expression is warned of as unchecked. */
export async function loadCheckers(given: readonly (Row | null)[]): Promise<void> {
  const rows = given.filter((row) => row !== null)
  if (rows.some(hasExpression)) await loadExpressions()
  if (rows.some(hasPattern)) await loadPatterns()
}

const hasExpression = (row: Row): boolean =>
  row.expression !== undefined || (row.when !== undefined && 'expression' in row.when) || readTemplate(row.template ?? '').holes.some(({ isPath }) => !isPath)

const hasPattern = (row: Row): boolean => (row.through ?? []).some(({ fn }) => {
  const spec = findFunction(fn)
  return spec !== null && usesPatterns(spec)
})

/** For its problem and its holes only, which are the same for text and HTML. */
const readTemplate = (text: string): Template => compileTemplate(text, { html: false, isHtml: () => false, field: '' })

const makeProblem = (node: string) => (code: FlowProblemCode, field: string, advice: string, severity: FlowProblem['severity'] = 'error'): FlowProblem =>
  ({ code, severity, node, field, advice })

function checkRow(row: Row, field: string, target: Shape, sources: Sources, suggest: Suggest, node: string): readonly FlowProblem[] {
  const problem = makeProblem(node)
  const shape = targetAt(target, splitPath(row.to))
  const title = shape?.title ?? row.to
  const problems: FlowProblem[] = []
  if (!shape) problems.push(problem('MAP_UNKNOWN_TARGET', `${field}.to`, `There is no field "${row.to}" to fill.${meant(findNearest(row.to, Object.keys(target.fields ?? {})))}`))
  const refusal = shape && row.to.startsWith('headers.') ? headerRefusal(row.to.slice('headers.'.length)) : null
  if (refusal) problems.push(problem('MAP_UNKNOWN_TARGET', `${field}.to`, refusal))
  const given = rowSources.filter((source) => row[source] !== undefined)
  if (sourceOf(row) === null) problems.push(problem('MAP_NO_VALUE', field, `Say what goes into "${title}": a field, a fixed value, a template or an expression.`))
  if (given.length > 1) problems.push(problem('MAP_NO_VALUE', field, `"${title}" has more than one source (${given.join(', ')}). Keep one of them.`))
  for (const [at, path] of (row.from ?? []).entries()) problems.push(...checkPath(path, `${field}.from.${at}`, sources, suggest, problem))
  if (row.expression !== undefined) problems.push(...checkExpression(row.expression, `${field}.expression`, problem))
  if (row.template !== undefined) problems.push(...checkTemplate(row.template, `${field}.template`, sources, suggest, problem))
  if (row.when) problems.push(...checkCondition(row.when, `${field}.when`, sources, suggest, problem))
  for (const [at, step] of (row.through ?? []).entries()) {
    const spec = findFunction(step.fn)
    if (spec) problems.push(...checkArguments(spec, step, `${field}.through.${at}`, problem))
    else problems.push(problem('MAP_UNKNOWN_FUNCTION', `${field}.through.${at}.fn`, `There is no function "${step.fn}".${meant(findNearest(step.fn, mappingFunctions.map(({ name }) => name)))}`))
  }
  if (shape && problems.length === 0) problems.push(...checkKinds(row, shape, sources, field, problem))
  return problems
}

type Problem = ReturnType<typeof makeProblem>

const meant = (nearest: string | null): string => (nearest === null ? ' Choose one from the list.' : ` Did you mean "${nearest}"?`)

function checkPath(path: string, field: string, sources: Sources, suggest: Suggest, problem: Problem): readonly FlowProblem[] {
  if (shapeOf(path, sources)) return []
  return [problem('MAP_UNKNOWN_SOURCE', field, `There is no field "${path}" in front of this step.${meant(suggest(path))}`)]
}

function checkExpression(text: string, field: string, problem: Problem): readonly FlowProblem[] {
  if (text.trim() === '') return [problem('MAP_EXPRESSION', field, 'The expression is empty. Write one, or choose a field.')]
  if (!areExpressionsLoaded()) return [problem('MAP_EXPRESSION', field, 'The expression has not been checked yet.', 'warning')]
  const wrong = expressionProblem(text)
  return wrong ? [problem('MAP_EXPRESSION', field, `The expression has an error in line ${wrong.line}, column ${wrong.column}: ${wrong.say}.`)] : []
}

function checkTemplate(text: string, field: string, sources: Sources, suggest: Suggest, problem: Problem): readonly FlowProblem[] {
  const template = readTemplate(text)
  if (template.problem) {
    const { line, column, say } = template.problem
    return [problem('MAP_TEMPLATE', field, `The template has an error in line ${line}, column ${column}: ${say}.`)]
  }
  return template.holes.slice(0, maxProblems).flatMap((hole) => {
    if (hole.inEach && /^this\b/.test(hole.text)) return []
    if (hole.isPath) return checkPath(hole.text, field, sources, suggest, problem)
    return checkExpression(hole.text, field, (code, at, advice, severity) => problem(code, at, `Template line ${hole.line}, column ${hole.column}: ${advice}`, severity))
  })
}

/** Texts with holes that stand in a step's form; `field` names them in the problems. */
export function checkTexts(texts: readonly { readonly field: string; readonly text: string; readonly holes: Sources }[], sources: Sources, node: string): readonly FlowProblem[] {
  const suggest = makeSuggest(sources)
  return texts.flatMap(({ field, text, holes }) => checkTemplate(text, field, { ...sources, ...holes }, suggest, makeProblem(node))).slice(0, maxProblems)
}

function checkCondition(when: Condition, field: string, sources: Sources, suggest: Suggest, problem: Problem): readonly FlowProblem[] {
  return 'expression' in when ? checkExpression(when.expression, `${field}.expression`, problem) : checkPath(when.from, `${field}.from`, sources, suggest, problem)
}

/** Two rows may fill one field only when all but the last have a condition, or nobody could tell which one counts. */
function checkDoubles(rows: readonly (Row | null)[], target: Shape, node: string): readonly FlowProblem[] {
  const always = new Map<string, number>()
  return rows.flatMap((row, at) => {
    if (row === null) return []
    const key = row.to.startsWith('headers.') ? row.to.toLowerCase() : row.to
    const first = always.get(key)
    if (!row.when && first === undefined) always.set(key, at)
    if (first === undefined) return []
    const title = targetAt(target, splitPath(row.to))?.title ?? row.to
    return [makeProblem(node)('MAP_DUPLICATE_TARGET', `rows.${at}.to`, `"${title}" is filled by row ${first + 1} already. Remove one of the two, or give row ${first + 1} a condition.`)]
  })
}
