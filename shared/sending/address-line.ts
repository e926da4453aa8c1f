/**
 * A typed line of addresses that may hold holes, `{{receive.from}}, Desk <desk@example.org>`. The line is cut into its
 * entries before anything is filled in, and each entry with a hole comes out as one address or none: whatever a mail
 * holds, a line never gets more recipients than somebody who reads it would count.
 */
import { parseAddress, parseAddresses } from '../address.ts'
import { fault, type Fault } from '../errors.ts'
import type { Json } from '../json.ts'
import type { Scope } from '../mapping/paths.ts'
import type { Task } from '../mapping/task.ts'
import { compileTemplate, endOfHole, type Template } from '../mapping/template.ts'

export interface AddressLine {
  /** The first entry without a hole that is no address, or an entry that can't be one whatever is filled in; null when all are fine. */
  readonly bad: string | null
  /** How many recipients the line may come to at most. */
  readonly count: number
  /** The addresses. Throws SEND_BAD_ADDRESS naming the field when a hole does not come out as one address. */
  readonly fill: (scope: Scope) => Task<Json>
}
type Entry =
  | { readonly kind: 'plain'; readonly addresses: readonly Json[] }
  /** `name` stands apart, so that a comma or a bracket in it is a letter of the name and nothing else. */
  | { readonly kind: 'holes'; readonly name: Template | null; readonly address: Template }

/** @param title of the field on the form; `field` is its key */
export function compileAddressLine(line: string, field: string, title: string): AddressLine {
  const entries: Entry[] = []
  let bad: string | null = null
  for (const text of splitLine(line)) {
    const entry = compileEntry(text, field)
    if (typeof entry === 'string') bad ??= entry
    else entries.push(entry)
  }
  return {
    bad, count: entries.reduce((sum, entry) => sum + (entry.kind === 'plain' ? entry.addresses.length : 1), 0),
    fill: (scope) => {
      // Such a line is never deployed; leaving its entry out would send to fewer people than it names.
      if (bad !== null) throw refusal(bad, field, title)
      return fillEntries(entries, scope, field, title)
    },
  }
}

const refusal = (address: string, field: string, title: string): Fault =>
  fault('SEND_BAD_ADDRESS', { address: address.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim().slice(0, 200), field: `"${title}"` }, field)

/** A text is what is wrong. */
function compileEntry(text: string, field: string): Entry | string {
  if (!text.includes('{{')) {
    const { addresses, bad } = parseAddresses(text)
    return bad[0] ?? { kind: 'plain', addresses: addresses.map(({ name, address, domain }) => ({ name, address, domain })) }
  }
  const [, name, address] = /^\s*([^]*?)\s*<([^<>]*)>\s*$/.exec(text) ?? []
  const nameText = name?.replace(/^"([^]*)"$/, '$1')
  const entry: Entry = { kind: 'holes', name: nameText === undefined ? null : compile(nameText, field), address: compile(address ?? text, field) }
  // A block that goes on behind a comma would be cut in two.
  return entry.address.problem || entry.name?.problem ? text : entry
}
const compile = (text: string, field: string): Template => compileTemplate(text, { html: false, isHtml: () => false, field })

function* fillEntries(entries: readonly Entry[], scope: Scope, field: string, title: string): Task<Json> {
  const filled: Json[] = []
  for (const entry of entries) {
    if (entry.kind === 'plain') {
      filled.push(...entry.addresses)
      continue
    }
    const written = yield* entry.address.render(scope)
    // A mail without it, or a condition that does not hold.
    if (written.trim() === '') continue
    const found = parseAddress(written)
    if (!found) throw refusal(written, field, title)
    const name = entry.name ? yield* entry.name.render(scope) : found.name
    filled.push({ name, address: found.address, domain: found.domain })
  }
  return filled
}

/** Cuts at commas and semicolons outside holes, quotes and angle brackets, as parseAddresses does for a line without holes. */
function splitLine(line: string): readonly string[] {
  const entries: string[] = []
  let start = 0
  let quoted = false
  let bracketed = false
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at]
    const close = line.startsWith('{{', at) ? endOfHole(line, at + 2) : -1
    if (close >= 0) at = close + 1
    else if (quoted && letter === '\\') at += 1
    else if (letter === '"') quoted = !quoted
    else if (quoted) continue
    else if (letter === '<') bracketed = true
    else if (letter === '>') bracketed = false
    else if (!bracketed && (letter === ',' || letter === ';')) {
      entries.push(line.slice(start, at))
      start = at + 1
    }
  }
  entries.push(line.slice(start))
  return entries
}
