/** docs/faults.md is whole: each point of failure once, with what it ends in and the rules that show it. */
import { expect, test } from 'vitest'
import { read } from './tree.ts'

const points = 28
const rows = read('docs/faults.md').split('\n').flatMap((line) => {
  const [, id = '', point = '', end = '', proof = ''] = line.split('|').map((cell) => cell.trim())
  return /^F\d+$/.test(id) ? [{ id, point, end, rules: proof.split(/,\s*/) }] : []
})

test('[AR13] each point of failure stands there once, with what it ends in', () => {
  expect(rows.map((row) => row.id)).toEqual(Array.from({ length: points }, (_, nth) => `F${nth + 1}`))
  expect(rows.filter((row) => row.point === '' || row.end === '').map((row) => row.id)).toEqual([])
})

// That each rule has a test is AR9's.
test('[AR13] each is shown by rules that exist', () => {
  const known = new Set([...read('docs/SPEC.md').matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm)].map((match) => match[1] ?? ''))
  expect(rows.flatMap((row) => row.rules.filter((rule) => !known.has(rule)).map((rule) => `${row.id}: ${rule}`))).toEqual([])
})
