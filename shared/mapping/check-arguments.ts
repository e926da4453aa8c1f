/** Judges the arguments of one function step; the advice names the argument by its title. */
import type { FlowProblem, FlowProblemCode } from '../flow.ts'
import { isJsonObject, type Json } from '../json.ts'
import { isZone } from './dates.ts'
import type { FunctionParam, MappingFunction } from './functions/index.ts'
import type { MappingStep } from './mapping.ts'
import { arePatternsLoaded, patternProblem } from './pattern.ts'
import { toNumber } from './values.ts'

type Report = (code: FlowProblemCode, field: string, advice: string, severity?: FlowProblem['severity']) => FlowProblem

export function checkArguments(spec: MappingFunction, step: MappingStep, field: string, problem: Report): readonly FlowProblem[] {
  const names = spec.params.map(({ name }) => name)
  const unknown = Object.keys(step).filter((name) => name !== 'fn' && !names.includes(name))
  return [
    ...unknown.map((name) => problem('MAP_BAD_ARGUMENT', `${field}.${name}`, names.length === 0
      ? `"${spec.title}" takes no settings; remove "${name}".`
      : `"${spec.title}" knows no "${name}"; it takes ${names.join(', ')}.`)),
    ...spec.params.flatMap((param) => {
      if (param.kind === 'pattern' && !arePatternsLoaded()) {
        return [problem('MAP_BAD_ARGUMENT', `${field}.${param.name}`, `"${spec.title}": the pattern has not been checked yet.`, 'warning')]
      }
      const wrong = wrongWith(param, Object.hasOwn(step, param.name) ? (step[param.name] as Json) : param.default)
      return wrong ? [problem('MAP_BAD_ARGUMENT', `${field}.${param.name}`, `"${spec.title}": ${wrong}`)] : []
    }),
  ]
}

function wrongWith(param: FunctionParam, value: Json): string | null {
  const { title, kind } = param
  if (value === null || value === '') return param.required ? `fill in "${title}".` : null
  switch (kind) {
    case 'number': return toNumber(value) === null ? `"${title}" must be a number.` : null
    case 'boolean': return typeof value === 'boolean' ? null : `"${title}" is either true or false.`
    case 'choice': return typeof value === 'string' && (param.options ?? []).includes(value) ? null : `"${title}" is one of ${(param.options ?? []).join(', ')}.`
    case 'zone': return typeof value === 'string' && isZone(value) ? null : `"${title}" must be a time zone like Europe/Berlin.`
    case 'pairs': return isJsonObject(value) && (!param.required || Object.keys(value).length > 0) ? null : `"${title}" needs at least one line.`
    case 'pattern': {
      const wrong = typeof value === 'string' ? patternProblem(value) : 'it must be a text'
      return wrong ? `the pattern in "${title}" can't be read: ${wrong}.` : null
    }
    case 'text': return typeof value === 'object' ? `"${title}" must be a text.` : null
  }
}
