/** Who wins where a field of the outgoing mail is both mapped and typed into Send Email: one rule for what is sent and for what the editor shows of it. */
import { isJsonObject, type Json } from './json.ts'

/** `form`: typed into Send Email. */
export type Side = 'mapped' | 'form'
/** `mail`: the mail that is answered or sent on, where neither says anything. */
export type Giver = Side | 'mail'

/** The first side has the word; one with nothing to send in it falls through to the other. null when neither has anything. */
export function sideOf(sides: Readonly<Record<Side, Json>>, first: Side): Side | null {
  const order: readonly Side[] = first === 'mapped' ? ['mapped', 'form'] : ['form', 'mapped']
  return order.find((side) => !saysNothing(sides[side])) ?? null
}

/** Nothing to send in it: text of blanks alone, a list or object of such, so an address without an address too. */
export function saysNothing(value: Json): boolean {
  if (value === null) return true
  if (typeof value === 'string') return value.trim() === ''
  if (Array.isArray(value)) return value.every(saysNothing)
  if (isJsonObject(value)) return Object.values(value).every(saysNothing)
  return false
}
