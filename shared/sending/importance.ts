/** How important a mail calls itself, in the three headers that mail programs read, always in step. */
import type { Json } from '../json.ts'

export const importances = ['normal', 'high', 'low'] as const
export type Importance = (typeof importances)[number]

const words: Readonly<Record<string, Importance>> = {
  high: 'high', urgent: 'high', highest: 'high', 1: 'high', 2: 'high',
  normal: 'normal', medium: 'normal', 3: 'normal',
  low: 'low', 'non-urgent': 'low', lowest: 'low', 4: 'low', 5: 'low',
}

/** As any of the three headers writes it: `high`, `Urgent`, `1 (Highest)`; null for what says nothing of importance. */
export function readImportance(value: Json): Importance | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const word = String(value).trim().toLowerCase().replace(/^([1-5])\s*\(.{0,40}\)$/, '$1')
  return Object.hasOwn(words, word) ? (words[word] ?? null) : null
}

/** `Importance` and `Priority` by RFC 2156 section 5.3, `X-Priority` as the programs of the nineties wrote it. Normal needs no words. */
export const importanceHeaders: Readonly<Record<Importance, readonly { readonly name: string; readonly value: string }[]>> = {
  normal: [],
  high: [{ name: 'X-Priority', value: '1 (Highest)' }, { name: 'Importance', value: 'high' }, { name: 'Priority', value: 'urgent' }],
  low: [{ name: 'X-Priority', value: '5 (Lowest)' }, { name: 'Importance', value: 'low' }, { name: 'Priority', value: 'non-urgent' }],
}
