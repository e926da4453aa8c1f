/** The catalogue of functions: total, bounded, and doing what its examples say. */
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { Json, JsonObject } from '#shared/json.ts'
import { findFunction, mappingFunctions, readArgs } from '#shared/mapping/functions/index.ts'
import { maxListItems, maxTextChars } from '#shared/mapping/limits.ts'
import { loadPatterns } from '#shared/mapping/pattern.ts'

beforeAll(loadPatterns)

const call = (fn: string, value: Json, args: JsonObject = {}): Json => {
  const spec = findFunction(fn)
  if (!spec) throw new Error(`no function ${fn}`)
  return spec.call(value, readArgs(spec, { fn, ...args }))
}

/** What mails and their senders are made of, beside any other JSON. */
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom<unknown>('', ' ', 'a@b.de', '"x" <y@z.org>, <', '2026-02-30', '1e999', '-0', 1e308, [[[]]], { address: '', name: '' }, { address: 'a@b', name: 'x\r\ny' }, '\ud800', '\0', 'a'.repeat(5000)),
).map((given) => JSON.parse(JSON.stringify(given)) as Json)

test.each(mappingFunctions.map((spec) => [spec.name, spec] as const))('[MP1] %s is total: any value and any arguments give JSON of bounded size', (_, spec) => {
  const args = fc.record(Object.fromEntries(spec.params.map(({ name, default: fallback }) => [name, fc.oneof(value, fc.constant(fallback), fc.constantFrom('(a+)+$', '[', -5, 1e9, 'Europe/Berlin'))])), { requiredKeys: [] })
  fc.assert(fc.property(value, args, (given, chosen) => {
    const result = spec.call(given, readArgs(spec, { fn: spec.name, ...chosen }))
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
    expect(JSON.stringify(result).length).toBeLessThan(4_000_000)
    // Without the defaults too: an expression may leave out what it likes.
    expect(spec.call(given, chosen as JsonObject)).not.toBeUndefined()
  }), { numRuns: 60 })
})

test.each(mappingFunctions.map((spec) => [spec.name, spec] as const))('[MP2] %s does what its example says and leaves its input as it was', (_, spec) => {
  const before = JSON.stringify(spec.example.value)
  expect(call(spec.name, spec.example.value, spec.example.args)).toEqual(spec.example.result)
  expect(JSON.stringify(spec.example.value)).toBe(before)
})

test('[MP3] nothing in gives nothing, or the documented default', () => {
  const nothing = [null, '', [], {}]
  for (const spec of mappingFunctions) {
    const results = nothing.map((empty) => call(spec.name, empty, spec.example.args))
    const expected: Record<string, Json> = { length: 0, count: 0, contains: false, default: '(no subject)', choose: 'normal' }
    const fallback = expected[spec.name]
    if (fallback === undefined) expect([spec.name, results.flat().every((result) => result === '' || result === null || JSON.stringify(result) === '{}')]).toEqual([spec.name, true])
    else expect([spec.name, ...results.slice(0, 2)]).toEqual([spec.name, fallback, fallback])
  }
})

test('[MP4] the saved names of arguments are these, and never change', () => {
  expect(mappingFunctions.map((spec) => `${spec.name}(${spec.params.map(({ name }) => name).join(', ')})`)).toEqual([
    'prepend(text)', 'append(text)', 'trim()', 'uppercase()', 'lowercase()', 'capitalize(each)', 'replace(find, with, anyCase)',
    'replacePattern(pattern, with, anyCase)', 'extract(pattern, group, anyCase)', 'truncate(length, ending)', 'substringBefore(text)', 'substringAfter(text)',
    'pad(width, with)', 'length()', 'contains(text, anyCase)', 'split(at, trim)', 'domainOf()', 'localPart()', 'displayName()', 'addressesOf()',
    'formatDate(pattern, zone, language)', 'addDays(days, hours, minutes)', 'join(with)', 'first()', 'last()', 'count()', 'unique()', 'filter(contains, not, anyCase)',
    'htmlToText()', 'textToHtml()', 'escapeHtml()', 'number()', 'round(digits)', 'formatNumber(digits, point, thousands)',
    'lookup(table, otherwise, anyCase)', 'default(text)', 'oneOf()', 'choose(yes, no)',
  ])
})

test('[MP5] text functions work on each item of a list', () => {
  expect(call('uppercase', ['a', 'b'])).toEqual(['A', 'B'])
  expect(call('domainOf', [{ name: '', address: 'a@b.de', domain: 'b.de' }, 'c@d.org'])).toEqual(['b.de', 'd.org'])
})

test('[MP6] what would grow without end is cut at the longest text allowed', () => {
  const long = 'a'.repeat(1000)
  const grown = call('replace', 'a'.repeat(1_000_000), { find: 'a', with: long })
  expect(typeof grown === 'string' && grown.length).toBe(maxTextChars)
  const joined = call('join', Array.from({ length: 100_000 }, () => 'x'), { with: long })
  expect(typeof joined === 'string' && joined.length).toBe(maxTextChars)
  const split = call('split', 'a,'.repeat(300_000), { at: ',' })
  expect(Array.isArray(split) && split.length).toBe(maxListItems)
  expect(call('pad', 'x', { width: 1e9 })).toHaveLength(1000)
})

test('[MP7] dates are written as they are in their zone, across the change to summer time, on any machine', () => {
  const write = (at: string, zone: string, pattern = 'yyyy-MM-dd HH:mm xxx'): Json => call('formatDate', at, { zone, pattern })
  expect(write('2026-03-29T00:59:59Z', 'Europe/Berlin')).toBe('2026-03-29 01:59 +01:00')
  expect(write('2026-03-29T01:00:00Z', 'Europe/Berlin')).toBe('2026-03-29 03:00 +02:00')
  expect(write('2026-01-01T00:00:00Z', 'America/New_York')).toBe('2025-12-31 19:00 -05:00')
  expect(write('Sun, 29 Mar 2026 14:30:00 +0200', 'UTC')).toBe('2026-03-29 12:30 +00:00')
  expect(write('2026-03-29 12:30', 'UTC')).toBe('2026-03-29 12:30 +00:00')
  expect(write('2026-03-29T12:05:09.007Z', 'Asia/Kolkata', "EEE d MMM yy h:mm:ss.SSS a 'o''clock'")).toBe('Sun 29 Mar 26 5:35:09.007 PM o\'clock')
  expect(write('2026-02-30T00:00:00Z', 'UTC')).toBe('')
  expect(write('2026-03-29T00:00:00Z', 'Nowhere/Land')).toBe('2026-03-29 00:00 +00:00')
})

test('[MP8] numbers are read as people write them and rounded as they see them', () => {
  const read = (text: string): Json => call('number', text)
  expect(['1,234.5', '1.234,5', '1 234,5', '1\'234.5', '12', '-3,5', '1.234', '.5', '1e3', '', 'x', '1.2.3', 'Infinity', 'NaN', '0x10'].map(read))
    .toEqual([1234.5, 1234.5, 1234.5, 1234.5, 12, -3.5, 1.234, 0.5, 1000, null, null, null, null, null, null])
  expect([1.005, 2.5, -2.5, 1e21].map((number) => call('round', number, { digits: number === 1.005 ? 2 : 0 }))).toEqual([1.01, 3, -3, 1e21])
  expect(call('formatNumber', -1234.5, { digits: 2 })).toBe('-1,234.50')
})

test('[MP9] a table is searched by its own lines only', () => {
  expect(call('lookup', 'constructor', { table: { a: 'b' }, otherwise: 'none' })).toBe('none')
  expect(call('lookup', '__proto__', { table: { a: 'b' }, otherwise: 'none' })).toBe('none')
  expect(call('lookup', ' A ', { table: { a: 'b' } })).toBe('b')
  expect(call('lookup', 'A', { table: { a: 'b' }, anyCase: false })).toBe('')
})
