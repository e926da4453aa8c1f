/** What a mapping function is: total, deterministic, and described well enough for the picker, the checker and the docs. */
import type { Json, JsonObject } from '#shared/json.ts'
import { maxListItems, maxTextChars } from '../limits.ts'
import { clipText, isBlank, toNumber, toText } from '../values.ts'

export type FunctionGroup = 'text' | 'address' | 'date' | 'list' | 'html' | 'number' | 'lookup'
export type ParamKind = 'text' | 'number' | 'boolean' | 'choice' | 'pattern' | 'zone' | 'pairs'
/** What goes in and comes out; `same` gives back what went in. */
export type ValueKind = 'text' | 'html' | 'number' | 'boolean' | 'date' | 'address' | 'list' | 'any' | 'same'

export interface FunctionParam {
  /** The name in the saved row. */
  readonly name: string
  readonly title: string
  readonly kind: ParamKind
  readonly default: Json
  readonly required: boolean
  /** kind 'choice' */
  readonly options?: readonly string[]
}

export interface MappingFunction {
  readonly name: string
  readonly title: string
  /** One sentence, with what comes out when there is nothing to work on. */
  readonly help: string
  readonly group: FunctionGroup
  readonly params: readonly FunctionParam[]
  readonly input: ValueKind
  readonly output: ValueKind
  /** Never throws, whatever it is given. Arguments come by name; a missing one has its default. */
  readonly call: (value: Json, args: JsonObject) => Json
  readonly example: { readonly value: Json; readonly args: JsonObject; readonly result: Json }
}

export const param = (
  name: string, title: string, kind: ParamKind, fallback: Json = '', more: { required?: boolean; options?: readonly string[] } = {},
): FunctionParam => ({ name, title, kind, default: fallback, required: more.required ?? false, ...(more.options ? { options: more.options } : {}) })

/** Readers of arguments, as total as the functions. */
export const textArg = (args: JsonObject, name: string): string => toText(args[name])
export const numberArg = (args: JsonObject, name: string, fallback: number): number => toNumber(args[name]) ?? fallback
export const flagArg = (args: JsonObject, name: string): boolean => args[name] === true || args[name] === 'true'
/** A whole number between two bounds. */
export const countArg = (args: JsonObject, name: string, fallback: number, least: number, most: number): number =>
  Math.min(Math.max(Math.trunc(numberArg(args, name, fallback)), least), most)

/** A text function: of a list it takes each item, of nothing it makes nothing. */
export const onText = (change: (text: string, args: JsonObject) => Json) => (value: Json, args: JsonObject): Json => {
  const one = (item: Json): Json => {
    const result = isBlank(item) ? '' : change(clipText(toText(item)), args)
    return typeof result === 'string' ? clipText(result) : result
  }
  return Array.isArray(value) ? boundedList(value.map(one)) : one(value)
}

/** Items together hold no more text than one text may; a long list with a long prefix would otherwise fill the memory. */
export function boundedList(items: readonly Json[]): readonly Json[] {
  let room = maxTextChars
  const kept: Json[] = []
  for (const item of items) {
    room -= typeof item === 'string' ? item.length : 1
    if (room < 0 || kept.length === maxListItems) break
    kept.push(item)
  }
  return kept
}
