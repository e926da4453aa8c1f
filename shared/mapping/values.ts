/** Any JSON read as the kind of value that is wanted. Total: what makes no sense reads as empty. */
import { formatAddress } from '../address.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { maxListItems, maxTextChars } from './limits.ts'

/** Empty for people: nothing, an empty text, list or object, or an address nobody wrote. */
export function isBlank(value: Json | undefined): boolean {
  if (value === null || value === undefined || value === '') return true
  if (Array.isArray(value)) return toFlatList(value).length === 0
  if (!isJsonObject(value)) return false
  return Object.keys(value).length === 0 || (isAddressLike(value) && value.address === '')
}

/** Holds for conditions and `{{#if}}`: neither blank nor false nor 0. */
export const isTrue = (value: Json): boolean => !isBlank(value) && value !== false && value !== 0

/** As it reads in a mail: an address with its name, an attachment by its file name, a list with commas between. */
export function toText(value: Json | undefined): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return joinTexts(toFlatList(value).map(toText), ', ')
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!isJsonObject(value)) return ''
  if (isAddressLike(value)) return value.address === '' ? '' : formatAddress(value)
  const { name } = value
  return typeof name === 'string' && typeof value['ref'] === 'string' ? name : writeJson(value)
}

function writeJson(value: JsonObject): string {
  try {
    return clipText(JSON.stringify(value))
  } catch {
    // Nested deeper than the stack: nothing a person could read either.
    return ''
  }
}

export const toList = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : isBlank(value) || value === undefined ? [] : [value])

/** Lists inside lists opened, blanks left out: what `join`, `count` and address fields work on. */
export function toFlatList(value: Json | undefined): readonly Json[] {
  const flat: Json[] = []
  // A stack instead of recursion: how deep a list nests is the mail's or the expression's choice.
  const waiting: Json[] = value === undefined ? [] : [value]
  while (waiting.length > 0 && flat.length < maxListItems) {
    const next = waiting.pop()
    if (Array.isArray(next)) for (let at = next.length - 1; at >= 0; at -= 1) waiting.push(next[at] ?? null)
    else if (next !== undefined && !isBlank(next)) flat.push(next)
  }
  return flat
}

/** null when it is no number; -0 is 0. Texts may use a comma for decimals, or blanks, commas or dots between thousands. */
export function toNumber(value: Json | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (Array.isArray(value)) {
    const [only, ...more] = toFlatList(value)
    return more.length === 0 && !Array.isArray(only) ? toNumber(only) : null
  }
  if (typeof value !== 'string' || value.length > 400) return null
  const plain = plainNumber(value.replace(/[\s\u00a0\u202f'’]/g, ''))
  return plain === null || !Number.isFinite(plain) ? null : plain + 0
}

function plainNumber(text: string): number | null {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) && !/^[+-]?\d{1,3}(\.\d{3}){2,}$/.test(text)) return Number(text)
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) return Number(text.replaceAll(',', ''))
  if (/^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$/.test(text)) return Number(text.replaceAll('.', '').replace(',', '.'))
  return /^[+-]?\d+,\d+$/.test(text) ? Number(text.replace(',', '.')) : null
}

export const clipText = (text: string): string => (text.length > maxTextChars ? text.slice(0, maxTextChars) : text)

/** Joined up to the longest text allowed; never builds more than that. */
export function joinTexts(texts: readonly string[], between: string): string {
  let joined = ''
  for (const [index, text] of texts.entries()) {
    joined += index === 0 ? text : between + text
    if (joined.length > maxTextChars) return clipText(joined)
  }
  return joined
}

export const isAddressLike = (value: JsonObject): value is JsonObject & { readonly name: string; readonly address: string } =>
  typeof value['address'] === 'string' && typeof value['name'] === 'string'

/** The language's own names are no fields: `__proto__` and its like read as empty and are never written. */
export const isForbiddenKey = (key: string): boolean => key === '__proto__' || key === 'constructor' || key === 'prototype'
