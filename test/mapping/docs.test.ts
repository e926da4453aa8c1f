/** What is written about the mapping is what the code does. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mappingFunctions } from '#shared/mapping/functions/index.ts'
import { jsonataNames } from '#shared/mapping/expression.ts'
import { comparisons } from '#shared/mapping/mapping.ts'
import { outgoingShape } from '#shared/shape.ts'
import { makeMappingDocs } from '../write-mapping.ts'

const docs = readFileSync('docs/mapping.md', 'utf8')

test('[MP80] docs/mapping.md lists each function with its settings and example, as the code has them', () => {
  expect(docs).toBe(makeMappingDocs(docs))
  expect(mappingFunctions.filter(({ name }) => !docs.includes(`| \`${name}\` |`))).toEqual([])
  expect(mappingFunctions.length).toBeGreaterThanOrEqual(25)
})

test('[MP80] docs/mapping.md names every field, comparison and name of JSONata\'s own', () => {
  const names = [...Object.keys(outgoingShape.fields ?? {}).filter((name) => name !== 'headers'), ...comparisons, ...[...jsonataNames].map((name) => `$${name}`)]
  expect(names.filter((name) => !docs.includes(`\`${name}\``))).toEqual([])
})
