/** Patterns and hostile text: the answer comes in linear time, so each of these simply ends. */
import { beforeAll, expect, test } from 'vitest'
import { findFirst, LinearRegExp, loadPatterns, patternProblem, replaceMatches } from '#shared/mapping/pattern.ts'
import { run } from './sample.ts'

beforeAll(loadPatterns)

const a = 'a'.repeat(50_000)
/** Each takes ages in the language's own engine on a text of 50,000 letters that does not match. */
const hostile: readonly (readonly [pattern: string, text: string])[] = [
  ['^(a+)+$', `${a}!`], ['^(a|a)*$', `${a}!`], ['^(a|aa)+$', `${a}!`], ['^(a*)*$', `${a}!`], ['^([a-z]+)*$', `${a}!`], ['^(a?){20}a{20}$', `${a}!`],
  ['^(.*a){10}$', `${a}!`], ['(x+x+)+y', 'x'.repeat(50_000)], ['^(([a-z])+.)+[A-Z]([a-z])+$', a], ['^(\\w+\\s?)*$', `${a}!`], ['(.*)*b', a], ['(a*)*b', a],
  ['^(a+)*b$', a], ['(?:a+){5,}b', a], ['\\s+$x', ' '.repeat(50_000)], ['(\\s*,\\s*)+x', ' '.repeat(50_000)], ['^(\\d+)*$', `${'1'.repeat(50_000)}x`],
  ['^((ab)*)+$', `${'ab'.repeat(25_000)}c`], ['<([a-z]+)*>', `<${a}`], ['".*".*".*"x', '"'.repeat(50_000)], ['^(0|1|01)+$', `${'01'.repeat(25_000)}2`],
  ['(a|b|ab)*c', 'ab'.repeat(25_000)], ['^([a-zA-Z0-9._-]+)+@x$', a], ['^(.+)+$\\n', a], ['(?i)^(A+)+$', `${a}!`], ['^((a+)|(b+))*$', `${a}!`], ['^(?:(?:a*)*)*$', `${a}!`],
  ['(.+)+\\.(.+)+x', '.'.repeat(20_000)], ['[^,]*(,[^,]*)*!', ','.repeat(50_000)], ['^(?:[01]+)+$', `${'0'.repeat(50_000)}!`],
]

test.each(hostile)('[MP10] %s ends on a text made to hang it', (pattern, text) => {
  expect(patternProblem(pattern)).toBe('')
  expect(findFirst(text, pattern, false)).toEqual([])
})

test('[MP10] an expression\'s own patterns run in linear time too', async () => {
  const { value, problem } = await run([{ to: 'subject', expression: `$contains("${'a'.repeat(200)}!", /^(a+)+$/) ? "hung" : "ended"` }])
  expect([value, problem]).toEqual([{ subject: 'ended' }, null])
})

test('[MP11] groups are put in by number, and a pattern that can\'t be read changes nothing', () => {
  expect(replaceMatches('a1b22', '([a-z])(\\d+)', false, '$2$1$$$9-')).toBe('1a$-22b$-')
  expect(replaceMatches('abc', '(', false, 'x')).toBe('abc')
  expect(replaceMatches('abc', '', false, 'x')).toBe('abc')
  expect(replaceMatches('aXbx', 'x', true, '')).toBe('ab')
  expect(replaceMatches('abc', '(?:)', false, '-')).toBe('-a-b-c-')
  expect(patternProblem('(')).not.toBe('')
  expect(patternProblem('a'.repeat(2000))).not.toBe('')
})

test('[MP11] matches follow one another as in the language\'s own engine', () => {
  const pattern = new LinearRegExp(/(\d)(x)?/)
  const matches: unknown[] = []
  for (let match = pattern.exec('1x 2 3x'); match; match = pattern.exec('1x 2 3x')) matches.push([match.index, ...match])
  expect(matches).toEqual([[0, '1x', '1', 'x'], [3, '2', '2', ''], [5, '3x', '3', 'x']])
})
