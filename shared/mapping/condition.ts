/** Conditions of rows. Total: comparing what can't be compared does not hold. */
import type { Json } from '../json.ts'
import { evaluateExpression } from './expression.ts'
import type { Condition } from './mapping.ts'
import { compilePath, type Scope } from './paths.ts'
import { toTime } from './dates.ts'
import { waitFor, type Task } from './task.ts'
import { isBlank, isTrue, toNumber, toText } from './values.ts'

export function makeCondition(condition: Condition, field: string): (scope: Scope) => boolean | Task<boolean> {
  if ('expression' in condition) return (scope) => holdsExpression(condition.expression, scope, field)
  const read = compilePath(condition.from)
  return (scope) => holds(read(scope), condition.is, condition.value ?? null)
}

function* holdsExpression(expression: string, scope: Scope, field: string): Task<boolean> {
  return isTrue(yield* waitFor(evaluateExpression(expression, scope, field)))
}

type Comparison = Extract<Condition, { is: unknown }>['is']

/** Texts are compared without case, as people mean it; of a list any one item may do it, and for the `not-` forms none. */
function holds(value: Json, is: Comparison, other: Json): boolean {
  switch (is) {
    case 'empty': return isBlank(value)
    case 'not-empty': return !isBlank(value)
    case 'true': return isTrue(value)
    case 'false': return !isTrue(value)
    case 'equals': return anyText(value, (text) => text === fold(other))
    case 'not-equals': return !anyText(value, (text) => text === fold(other))
    case 'contains': return anyText(value, (text) => text.includes(fold(other)))
    case 'not-contains': return !anyText(value, (text) => text.includes(fold(other)))
    case 'starts-with': return anyText(value, (text) => text.startsWith(fold(other)))
    case 'ends-with': return anyText(value, (text) => text.endsWith(fold(other)))
    case 'greater': return compare(value, other) > 0
    case 'less': return compare(value, other) < 0
  }
}

const fold = (value: Json): string => toText(value).toLowerCase()

/** An address matches by its bare address as well as by its name: people type either. */
function anyText(value: Json, matches: (text: string) => boolean): boolean {
  const items = Array.isArray(value) ? value : [value]
  return items.some((item) => matches(fold(item)) || (typeof item === 'object' && item !== null && 'address' in item && matches(fold(item['address'] ?? ''))))
}

/** NaN, so neither greater nor less, when the two are neither numbers nor dates. */
function compare(value: Json, other: Json): number {
  const [a, b] = [toNumber(value), toNumber(other)]
  if (a !== null && b !== null) return a - b
  const [from, to] = [toTime(value), toTime(other)]
  return from !== null && to !== null ? from - to : Number.NaN
}
