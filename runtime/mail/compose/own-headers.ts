/** Headers of a flow's own making: typed rows and mapped ones put together by name, each of them allowed, each one line. */
import { fault } from '#shared/errors.ts'
import { headerRefusal } from '#shared/header-names.ts'
import { isJsonObject, type Json } from '#shared/json.ts'
import { saysNothing, type Side, sideOf } from '#shared/outgoing.ts'
import { stripControls } from './encode-header.ts'

export interface Header { readonly name: string; readonly value: string }

/** Long enough for any ticket data; a header of more makes relays refuse the mail. */
const longestHeader = 4000

/**
 * @param firstOf which side wins a name that both give
 * @param written lower-case names that other settings of the step write into this mail
 */
export function readOwnHeaders(typed: readonly Header[], mapped: Json, firstOf: (name: string) => Side, written: ReadonlySet<string>): readonly Header[] {
  const sides = new Map<string, { name: string; mapped: Json; form: Json }>()
  for (const { name, value } of typed) sides.set(name.toLowerCase(), { name, form: value, mapped: null })
  for (const [name, value] of isJsonObject(mapped) ? Object.entries(mapped) : []) {
    const known = sides.get(name.toLowerCase())
    if (known && known.mapped !== null) continue
    sides.set(name.toLowerCase(), { name: known?.name ?? name, form: known?.form ?? null, mapped: value })
  }
  return [...sides.values()].flatMap(({ name, ...values }) => {
    if (headerRefusal(name) !== null || written.has(name.toLowerCase())) throw fault('SEND_BAD_HEADER', { name: stripControls(name).slice(0, 80) }, 'headers')
    const side = sideOf(values, firstOf(name))
    const text = side === null ? '' : stripControls(asText(values[side])).slice(0, longestHeader).toWellFormed()
    return saysNothing(text) ? [] : [{ name, value: text }]
  })
}

export function asText(value: Json): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
}
