/**
 * Mail addresses as people type them, read strictly: `a@b`, `Name <a@b>`, `"Last, First" <a@b>`, between commas or
 * semicolons. Whatever is not plainly one address is bad and never repaired, so no text can carry more recipients than
 * a person reading it would count. What is refused on purpose, though an RFC allows it, stands under SX89 of docs/SPEC.md.
 */
import { encodePunycode } from './punycode.ts'
import type { MailAddress } from './mail.ts'

export interface ParsedAddresses {
  readonly addresses: readonly MailAddress[]
  /** The entries that are no address, as written. */
  readonly bad: readonly string[]
}

/** Empty entries (a comma too many) are passed over; the rest is an address or bad. Linear in the text. */
export function parseAddresses(text: string): ParsedAddresses {
  const addresses: MailAddress[] = []
  const bad: string[] = []
  for (const entry of splitEntries(text)) {
    if (/^ *$/.test(entry)) continue
    const address = readEntry(entry)
    if (address) addresses.push(address)
    else bad.push(entry)
  }
  return { addresses, bad }
}

/** Exactly one address, with or without a name; else null. */
export function parseAddress(text: string): MailAddress | null {
  const { addresses, bad } = parseAddresses(text)
  return addresses.length === 1 && bad.length === 0 ? (addresses[0] ?? null) : null
}

/** A bare `local@domain`, without a name or brackets. */
export const isAddress = (text: string): boolean => readAddrSpec(text, '') !== null

/** What parseAddress reads back to the same address; the name is quoted where it has to be. */
export function formatAddress(address: Pick<MailAddress, 'name' | 'address'>): string {
  const name = address.name.replace(anyControl, ' ').trim()
  if (name === '') return address.address
  const shown = nameOutsideQuotes.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`
  return `${shown} <${address.address}>`
}

/** Controls (C0, DEL, C1), line and paragraph separators, and halves of surrogate pairs, which become U+FFFD on the wire. */
const control = /[\p{Cc}\u2028\u2029\p{Cs}]/u
const anyControl = /[\p{Cc}\u2028\u2029\p{Cs}]/gu
/** What a name may hold outside quotes; a colon would read as a group, an `@` as a second address. */
const nameOutsideQuotes = /^[^<>"(),;:@\\]+$/
const quotedName = /^"((?:[^"\\]|\\.)*)"$/
/** atext of RFC 5322 section 3.2.3, widened to UTF-8 by RFC 6532 section 3.2; no blanks, nothing unseen or unassigned, no dot of another script. */
const atom = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|(?![\u2024\u3002\ufe52\uff0e\uff61])[^\p{ASCII}\p{Z}\p{C}])+$/u
/** The only quoted local parts let through: atoms with blanks or extra dots. No `@`, so nothing can pass for another domain. */
const quotedLocal = /^"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~ .-])+"$/
const asciiLabel = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/
/** Letters, marks and digits. Neither ⒈ nor ℀, which fold to a dot and a slash and so to another domain. */
const unicodeLabel = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}-]*$/u

/** Cuts at commas and semicolons outside quotes and angle brackets. What never closes swallows the rest, and is bad. */
function splitEntries(text: string): readonly string[] {
  const entries: string[] = []
  let start = 0
  let quoted = false
  let bracketed = false
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]
    if (quoted && letter === '\\') at += 1
    else if (letter === '"') quoted = !quoted
    else if (quoted) continue
    else if (letter === '<') bracketed = true
    else if (letter === '>') bracketed = false
    else if (!bracketed && (letter === ',' || letter === ';')) {
      entries.push(text.slice(start, at))
      start = at + 1
    }
  }
  entries.push(text.slice(start))
  return entries
}

function readEntry(entry: string): MailAddress | null {
  // Before anything is trimmed: a line break at the edge of an entry is an injection, not white space.
  if (control.test(entry)) return null
  const text = entry.trim()
  if (!text.endsWith('>')) return readAddrSpec(text, '')
  const open = text.lastIndexOf('<')
  if (open < 0) return null
  const name = readName(text.slice(0, open).trim())
  return name === null ? null : readAddrSpec(text.slice(open + 1, -1).trim(), name)
}

function readName(text: string): string | null {
  if (text === '' || nameOutsideQuotes.test(text)) return text
  const inside = quotedName.exec(text)?.[1]
  return inside === undefined ? null : inside.replace(/\\(.)/gu, '$1').trim()
}

function readAddrSpec(text: string, name: string): MailAddress | null {
  const at = text.lastIndexOf('@')
  if (at < 1) return null
  const local = readLocal(text.slice(0, at))
  const domain = readDomain(text.slice(at + 1))
  if (local === null || domain === null) return null
  // RFC 5321 section 4.5.3.1.3: a path has at most 256 octets, angle brackets included.
  const address = `${local}@${domain}`
  return octets(address) <= 254 ? { name, address, domain } : null
}

function readLocal(text: string): string | null {
  if (octets(text) > 64) return null
  if (quotedLocal.test(text)) {
    const inside = text.slice(1, -1)
    return isDotAtom(inside) ? inside : text
  }
  // Some servers decode an encoded word here, `=?utf-8?q?a=40evil=2etest?=@example.org`, and find another address.
  if (/=\?[^?]+\?[bq]\?/i.test(text)) return null
  // Folded forms are looked at too: a server that folds a full-width ＠ must not find a second domain.
  return isDotAtom(text) && isDotAtom(text.normalize('NFKC')) ? text : null
}

const isDotAtom = (text: string): boolean => text.split('.').every((part) => atom.test(part))

/** To lower case and A-labels (RFC 5891); null when it is no domain name. Literals like `[127.0.0.1]` are refused. */
function readDomain(text: string): string | null {
  if (text.length > 253) return null
  const labels: string[] = []
  for (const written of text.split(/[.\u3002\uff0e\uff61]/)) {
    const label = readLabel(written)
    if (label === null) return null
    labels.push(label)
  }
  const domain = labels.join('.')
  // Digits alone at the end are a mistyped IP address, never a domain (RFC 3696 section 2).
  return domain.length <= 253 && !/^\d+$/.test(labels.at(-1) ?? '') ? domain : null
}

function readLabel(written: string): string | null {
  if (!unicodeLabel.test(written)) return null
  const folded = written.normalize('NFKC').toLowerCase().normalize('NFC')
  if (!unicodeLabel.test(folded) || folded.endsWith('-')) return null
  const isAscii = asciiLabel.test(folded)
  if (!isAscii && folded.slice(2, 4) === '--') return null
  const label = isAscii ? folded : `xn--${encodePunycode(folded)}`
  return label.length <= 63 ? label : null
}

/** Length in UTF-8, without an encoder: a surrogate pair is two units and four octets. */
function octets(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    count += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
  }
  return count
}
