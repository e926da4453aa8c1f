/** The error catalogue, docs/errors.md and the code agree. */
import { expect, test } from 'vitest'
import { errors } from '#shared/errors.ts'
import { nodeKinds } from '#shared/flow.ts'
import { files, read, sources } from './tree.ts'

const codes = Object.keys(errors)

test('[AR10] every error code is used somewhere beside the catalogue', () => {
  const text = sources().filter((file) => file !== 'shared/errors.ts').map(read).join('\n')
  expect(codes.filter((code) => !text.includes(`'${code}'`))).toEqual([])
})

test('[AR10] docs/errors.md lists every code with its words, and no dead one', () => {
  const listed = new Map([...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \| (\w+) \| (.*) \|$/gm)].map((match) => [match[1], { retry: match[2], say: match[3] }]))
  expect([...listed.keys()]).toEqual(codes)
  for (const [code, spec] of Object.entries(errors)) expect(listed.get(code), code).toEqual({ retry: spec.retry, say: spec.say })
})

test('[AR11] a node kind is one name in three places, with its test', () => {
  for (const kind of nodeKinds) {
    for (const file of [`shared/nodes/${kind}.ts`, `runtime/nodes/${kind}.ts`, `editor/nodes/${kind}.tsx`, `test/nodes/${kind}.test.ts`]) expect(files(file), file).toEqual([file])
  }
})
