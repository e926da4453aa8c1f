/**
 * Regular expressions in linear time (RE2), whatever the pattern and the mail: the language's own engine takes ages for
 * patterns like `(a+)+$`. The engine is loaded by the first mapping that has a pattern; others never pay for it.
 */
import type { RE2JS } from 're2js'
import { keptCompiled, maxPatternChars, maxTextChars } from './limits.ts'

let engine: typeof RE2JS | null = null
const compiled = new Map<string, RE2JS | null>()

/** Must have ended before a pattern is used; evaluateMapping, loadExpressions and loadCheckers see to it. */
export async function loadPatterns(): Promise<void> {
  engine ??= (await import('re2js')).RE2JS
}
export const arePatternsLoaded = (): boolean => engine !== null

/** In plain words; '' when the pattern can be read. */
export function patternProblem(pattern: string): string {
  if (pattern.length > maxPatternChars) return `a pattern may have ${maxPatternChars} letters at most`
  try {
    engine?.compile(pattern)
    return ''
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'it can\'t be read'
  }
}

/** The whole match first, then its groups; empty when there is no match or the pattern can't be read. */
export function findFirst(text: string, pattern: string, anyCase: boolean): readonly string[] {
  const matcher = compile(pattern, anyCase ? 'i' : '')?.matcher(text)
  if (!matcher?.find()) return []
  return Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? '')
}

/** `$1` to `$99` and `$0` in the replacement stand for groups, `$$` for a dollar. */
export function replaceMatches(text: string, pattern: string, anyCase: boolean, by: string): string {
  const matcher = compile(pattern, anyCase ? 'i' : '')?.matcher(text)
  if (!matcher) return text
  let result = ''
  let from = 0
  while (result.length <= maxTextChars && matcher.find()) {
    const filled = by.replace(/\$(\$|\d{1,2})/g, (_, group: string) =>
      group === '$' ? '$' : Number(group) <= matcher.groupCount() ? (matcher.group(Number(group)) ?? '') : '')
    result += text.slice(from, matcher.start()) + filled
    from = matcher.end()
  }
  return result + text.slice(from)
}

function compile(pattern: string, flags: string): RE2JS | null {
  const key = `${flags}/${pattern}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const made = compileNew(pattern, flags)
  if (compiled.size >= keptCompiled) compiled.delete(compiled.keys().next().value ?? '')
  compiled.set(key, made)
  return made
}

function compileNew(pattern: string, flags: string): RE2JS | null {
  if (!engine) throw new Error('loadPatterns must have ended first')
  if (pattern === '' || pattern.length > maxPatternChars) return null
  try {
    return engine.compile(pattern, (flags.includes('i') ? engine.CASE_INSENSITIVE : 0) | (flags.includes('m') ? engine.MULTILINE : 0))
  } catch {
    return null
  }
}

/** What JSONata needs of a RegExp: `exec` from `lastIndex` on. It makes one from each `/literal/` of an expression. */
export class LinearRegExp {
  lastIndex = 0
  readonly #pattern: RE2JS

  constructor(literal: RegExp) {
    const pattern = compile(literal.source, literal.flags)
    if (!pattern) throw new Error(`The pattern ${String(literal)} can't be used: ${patternProblem(literal.source)}`)
    this.#pattern = pattern
  }

  exec(text: string): (string[] & { index: number }) | null {
    const matcher = this.#pattern.matcher(text)
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0
      return null
    }
    this.lastIndex = matcher.end()
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? '')
    return Object.assign(groups, { index: matcher.start() })
  }
}
