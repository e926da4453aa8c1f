/**
 * JSONata, the way out when rows and functions do not suffice. It is fenced: time, depth, list and text length are
 * bounded, patterns run in linear time, and nothing in it is random or reads a clock, so the same mail gives the same
 * mail again. Loaded by the first expression; flows without one never pay for it.
 */
import { fault, type Fault } from '../errors.ts'
import { isJsonObject, type Json } from '../json.ts'
import { expression as limits, keptCompiled, maxTextChars } from './limits.ts'
import { mappingFunctions } from './functions/index.ts'
import { LinearRegExp, loadPatterns, patternProblem } from './pattern.ts'
import type { Scope } from './paths.ts'
import { isForbiddenKey, toText } from './values.ts'

type Jsonata = typeof import('jsonata')
type Expression = ReturnType<Jsonata>
export interface ExpressionProblem { readonly say: string; readonly line: number; readonly column: number }

let engine: Jsonata | null = null
const compiled = new Map<string, Expression | ExpressionProblem>()

export async function loadExpressions(): Promise<void> {
  if (engine) return
  const [loaded] = await Promise.all([import('jsonata'), loadPatterns()])
  engine = loaded.default
}
export const areExpressionsLoaded = (): boolean => engine !== null

/** What is wrong with the expression as written; null when it can be run, or before loadExpressions has ended. */
export function expressionProblem(text: string): ExpressionProblem | null {
  if (!engine) return null
  const made = compile(text)
  return isProblem(made) ? made : null
}

/** Rejects with MAP_EXPRESSION or MAP_LIMIT only. */
export async function evaluateExpression(text: string, scope: Scope, field: string): Promise<Json> {
  await loadExpressions()
  const made = compile(text)
  if (isProblem(made)) throw fault('MAP_EXPRESSION', { field, reason: made.say }, field)
  const time = toText(isJsonObject(scope['run'] ?? null) ? (scope['run'] as Scope)['time'] : '')
  try {
    const result: unknown = await made.evaluate(scope, { now: () => time, millis: () => Date.parse(time) || 0 })
    return plainJson(result, 0)
  } catch (error) {
    throw expressionFault(error, field)
  }
}

/** JSONata's own functions that give another result each time, or read text as code behind the checks made here. */
const refused = new Set(['random', 'shuffle', 'eval'])
/** Names that JSONata has itself keep JSONata's meaning, which its users know; all other functions of the catalogue are added. */
export const jsonataNames: ReadonlySet<string> = new Set([
  'append', 'contains', 'count', 'filter', 'formatNumber', 'join', 'length', 'lookup', 'lowercase', 'number', 'replace', 'round',
  'split', 'substringAfter', 'substringBefore', 'trim', 'uppercase',
])

function compile(text: string): Expression | ExpressionProblem {
  const known = compiled.get(text)
  if (known) return known
  const made = compileNew(text)
  if (compiled.size >= keptCompiled) compiled.delete(compiled.keys().next().value ?? '')
  compiled.set(text, made)
  return made
}

function compileNew(text: string): Expression | ExpressionProblem {
  if (!engine) throw new Error('loadExpressions must have ended first')
  try {
    const made = engine(text, {
      // JSONata calls `new`, `exec` and `lastIndex` only, and these LinearRegExp has.
      RegexEngine: LinearRegExp as unknown as RegExpConstructor, timeout: limits.timeoutMs, stack: limits.depth, sequence: limits.items,
    })
    const wrong = findRefused(made.ast())
    if (wrong) return { say: wrong.say, ...placeOf(text, wrong.position) }
    prepare(made)
    return made
  } catch (error) {
    const { message, position } = readError(error)
    return { say: message, ...placeOf(text, position) }
  }
}

function prepare(made: Expression): void {
  for (const spec of mappingFunctions) {
    if (jsonataNames.has(spec.name)) continue
    made.registerFunction(spec.name, (value: unknown, ...given: unknown[]) => {
      const args = Object.fromEntries(spec.params.map(({ name, default: fallback }, at) => [name, given[at] === undefined ? fallback : plainJson(given[at], 0)]))
      return spec.call(plainJson(value, 0), args)
    })
  }
  // A picture makes JSONata build a pattern for the language's own engine, so only ISO times are read here.
  made.registerFunction('toMillis', (text: unknown, picture: unknown) => {
    if (picture !== undefined) throw new TypeError('$toMillis takes no picture here')
    return typeof text === 'string' && text.length <= 40 ? Date.parse(text) || undefined : undefined
  })
  // The one place JSONata offers between two steps: a text that doubles itself is stopped here.
  made.assign(evaluateExit as unknown as string, (_expr: unknown, _input: unknown, _environment: unknown, result: unknown) => {
    if (typeof result === 'string' && result.length > maxTextChars) throw new RangeError(tooLong)
  })
}
const evaluateExit = Symbol.for('jsonata.__evaluate_exit')
const tooLong = 'text too long'

interface Refusal { readonly say: string; readonly position: number }

/** Walks the syntax tree without recursion; nesting is the author's choice. */
function findRefused(ast: unknown): Refusal | null {
  const waiting: unknown[] = [ast]
  while (waiting.length > 0) {
    const node = waiting.pop()
    if (typeof node !== 'object' || node === null) continue
    const { type, value, position } = node as { type?: unknown; value?: unknown; position?: unknown }
    const at = typeof position === 'number' ? position : 0
    if (type === 'variable' && typeof value === 'string' && refused.has(value)) return { say: `$${value} can't be used: the same mail must give the same result again`, position: at }
    if (value instanceof RegExp) {
      const wrong = patternProblem(value.source)
      if (wrong) return { say: `the pattern ${String(value)} can't be used: ${wrong}`, position: at }
      continue
    }
    waiting.push(...Object.values(node))
  }
  return null
}

const isProblem = (made: Expression | ExpressionProblem): made is ExpressionProblem => 'say' in made

function expressionFault(error: unknown, field: string): Fault {
  const { message, code } = readError(error)
  const what = limitOf(code, message)
  return what ? fault('MAP_LIMIT', { field, what }, field) : fault('MAP_EXPRESSION', { field, reason: message }, field)
}

function limitOf(code: string, message: string): string {
  if (code === 'D1012') return 'time'
  if (code === 'D1011' || message.includes('call stack')) return 'depth'
  if (code === 'D2014' || code === 'D2015') return 'room for lists'
  return message === tooLong || message.includes('string length') ? 'text' : ''
}

/** JSONata throws plain objects as well as errors. */
function readError(error: unknown): { message: string; code: string; position: number } {
  if (typeof error !== 'object' || error === null) return { message: String(error), code: '', position: 0 }
  const { message, code, position } = error as { message?: unknown; code?: unknown; position?: unknown }
  return {
    message: typeof message === 'string' ? message.slice(0, 300) : 'it failed',
    code: typeof code === 'string' ? code : '',
    position: typeof position === 'number' ? position : 0,
  }
}

function placeOf(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, position).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

/** The result as plain data: no functions, no sequences with their marks, nothing deeper than a mail could need. */
function plainJson(value: unknown, depth: number): Json {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null || depth > 64) return null
  if (Array.isArray(value)) return value.map((item) => plainJson(item, depth + 1))
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) return null
  return Object.fromEntries(Object.entries(value).filter(([key]) => !isForbiddenKey(key)).map(([key, item]) => [key, plainJson(item, depth + 1)]))
}
