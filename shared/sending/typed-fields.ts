/**
 * What is typed into Send Email, with its holes filled by what the steps before it left. A form without a hole costs one
 * look; the same form, version and values give the same mail, in the runtime as in the editor's preview.
 */
import { fault } from '../errors.ts'
import type { Json } from '../json.ts'
import { isForeign, isHtml, type Sources } from '../mapping/compile.ts'
import type { Scope } from '../mapping/paths.ts'
import type { Task } from '../mapping/task.ts'
import { compileTemplate } from '../mapping/template.ts'
import { compileAddressLine } from './address-line.ts'

const titles = { to: 'To', cc: 'Cc', bcc: 'Bcc', replyTo: 'Reply to', subject: 'Subject', text: 'Text', html: 'HTML' } as const
export type TypedField = keyof typeof titles
const addressFields: ReadonlySet<string> = new Set<TypedField>(['to', 'cc', 'bcc', 'replyTo'])
const isTypedField = (name: string): name is TypedField => Object.hasOwn(titles, name)

/** The fields with holes, each ready to be filled: texts as text, address lines as lists of addresses. */
export type TypedHoles = ReadonlyMap<TypedField, (scope: Scope) => Task<Json>>

/** `sources` tells which fields hold HTML. Worth keeping: one per flow version. */
export function compileTyped(config: Readonly<Record<string, unknown>>, sources: Sources): TypedHoles {
  const typed = Object.entries(config).flatMap(([name, value]): readonly (readonly [TypedField, (scope: Scope) => Task<Json>])[] =>
    (isTypedField(name) && typeof value === 'string' && value.includes('{{') ? [[name, compileField(name, value, sources)]] : []))
  return new Map(typed)
}

function compileField(name: TypedField, text: string, sources: Sources): (scope: Scope) => Task<Json> {
  const title = titles[name]
  if (addressFields.has(name)) return compileAddressLine(text, name, title).fill
  const template = compileTemplate(text, { html: name === 'html', isHtml: (path) => isHtml(path, sources), isForeign: (path) => isForeign(path, sources), field: title })
  const { problem } = template
  if (problem === null) return template.render
  return () => { throw fault('RUN_STEP_FAILED', { reason: `The text for "${title}" has an error in line ${problem.line}, column ${problem.column}: ${problem.say}.` }, name) }
}
