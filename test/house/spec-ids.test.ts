/** SPEC.md and the tests say the same: every rule is shown, and no test names a rule that does not exist. */
import { expect, test } from 'vitest'
import { files, read } from './tree.ts'

const rules = [...read('docs/SPEC.md').matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm)].map((match) => match[1] ?? '')
const named = files('test').filter((file) => /\.tsx?$/.test(file)).flatMap((file) => [...read(file).matchAll(/['"`]\[([A-Z]{2}\d+(?:,\s*[A-Z]{2}\d+)*)\]/g)].flatMap((match) => (match[1] ?? '').split(/,\s*/)))

test('[AR9] every rule of SPEC.md has a test that begins with its ID', () => {
  expect(rules.length).toBeGreaterThan(0)
  expect(rules.filter((rule) => !named.includes(rule))).toEqual([])
})

test('[AR9] docs/promises.md names rules that exist', () => {
  const promised = [...read('docs/promises.md').matchAll(/\b(?:[A-Z]{2}\d+)\b/g)].map(([rule]) => rule)
  expect(promised.length).toBeGreaterThan(0)
  expect(promised.filter((rule) => !rules.includes(rule))).toEqual([])
})

test('[AR9] every ID in a test title is a rule of SPEC.md, each rule stated once', () => {
  expect([...new Set(named)].filter((id) => !rules.includes(id))).toEqual([])
  expect(rules.filter((rule, index) => rules.indexOf(rule) !== index)).toEqual([])
})
