/** The shapes that pickers show are those of the mail model. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { addressShape, attachmentShape, mailShape, type Shape } from '#shared/shape.ts'
import { jane, mail } from '../mapping/sample.ts'

test('[MP43] every field of a mail can be picked, and no other', () => {
  expect(Object.keys(mailShape.fields ?? {}).sort()).toEqual(Object.keys(mail).sort())
  expect(Object.keys(addressShape.fields ?? {})).toEqual(Object.keys(jane))
  // `ref` names the bytes inside the runtime and says nothing to people.
  expect([...Object.keys(attachmentShape.fields ?? {}), 'ref'].sort()).toEqual(Object.keys(mail.attachments[0] ?? {}).sort())
})

test('[MP43] docs/mapping.md names every field of a mail', () => {
  const words = readFileSync(new URL('../../docs/mapping.md', import.meta.url), 'utf8')
  const names = (shape: Shape): string[] => Object.entries(shape.fields ?? {}).flatMap(([name, inner]) => [name, ...(shape.kind === 'object' ? names(inner.of ?? inner) : [])])
  expect(names(mailShape).filter((name) => !words.includes(`\`${name}\``))).toEqual([])
})
