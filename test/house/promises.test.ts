/** docs/promises.md is whole: every promise of the products before this one stands there once, and what is kept is shown by a rule or a file that exists. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { read, root } from './tree.ts'

/** `F1-F28` as its 28 names. */
const named = (words: string): readonly string[] =>
  words.split(/,\s*/).flatMap((word) => {
    const [, letter = '', first = '', last = first] = /^([A-Z])(\d+)(?:[–-][A-Z]?(\d+))?$/.exec(word) ?? []
    return Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, index) => `${letter}${Number(first) + index}`)
  })

const rows = read('docs/promises.md').split('\n').flatMap((line) => {
  const [, ids = '', , state = '', proof = ''] = line.split('|').map((cell) => cell.trim())
  return /^[FWMZP]\d/.test(ids) ? [{ ids: named(ids), state, proof }] : []
})
const all = rows.flatMap((row) => row.ids)

test('[AR12] each promise stands there once', () => {
  expect(named('F1-F52, W1-W27, M1-M45, Z1-Z23, P1-P12').filter((id) => !all.includes(id))).toEqual([])
  expect(all.filter((id, index) => all.indexOf(id) !== index)).toEqual([])
})

test('[AR12] what is kept is shown by a rule or by a file that is there', () => {
  const kept = rows.filter((row) => row.state.startsWith('kept'))
  expect(kept.filter((row) => !/\b[A-Z]{2}\d+\b|`[^`]+`/.test(row.proof)).map((row) => row.ids)).toEqual([])
  const files = kept.flatMap((row) => [...row.proof.matchAll(/`([^`]+\.\w+)`/g)].map((match) => match[1] ?? ''))
  expect(files.filter((file) => !['editor', 'runtime', 'shared', 'docs', '.'].some((room) => existsSync(path.join(root, room, file))))).toEqual([])
})

test('[AR12] nothing that receiving promises is missing', () => {
  const receiving = named('F1-F28, F52, W1-W24, M1-M19, M22-M33, M42, M43, Z1-Z18, P1-P12')
  expect(rows.filter((row) => !row.state.startsWith('kept') && row.ids.some((id) => receiving.includes(id))).map((row) => row.ids)).toEqual([])
})
