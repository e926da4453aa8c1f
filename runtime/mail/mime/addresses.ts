/**
 * Reads address lists as mails carry them (RFC 5322 section 3.4, with what breaks it in the wild). The raw value is
 * cut into addresses first and encoded words are decoded in names only after, so that an encoded comma or "@" can
 * never make an address (RFC 2047 section 6.2).
 */
import { domainToASCII } from 'node:url'
import type { MailAddress } from '#shared/mail.ts'
import { decodeWords } from './encoded-words.ts'
import { oneLine } from './header-fields.ts'

/** At most `limit` addresses; the caller sees from the length that there were more when it asks for one more. */
export function readAddresses(value: string, limit: number): MailAddress[] {
  const found: MailAddress[] = []
  /** Words without an address before a comma: `Doe, John <j@x>` without the quotes it needs. */
  let stray: string[] = []
  for (const entry of cutEntries(value)) {
    if (found.length >= limit) break
    const bare = entry.angle === null && !entry.words.includes('@')
    if (bare) {
      if (entry.words !== '') stray.push(entry.words)
      continue
    }
    const words = entry.angle === null ? entry.comment : [...stray, entry.words].filter((part) => part !== '').join(', ') || entry.comment
    const spec = entry.angle ?? entry.words
    stray = []
    found.push(makeAddress(words, spec))
  }
  // "MAILER-DAEMON" alone: a local mailbox without a domain.
  if (found.length === 0 && stray.length === 1 && limit > 0) found.push(makeAddress('', stray[0] ?? ''))
  return found
}

function makeAddress(name: string, spec: string): MailAddress {
  const plain = spec.replace(/\s+/g, ' ').trim()
  const at = plain.lastIndexOf('@')
  const domain = at < 0 ? '' : asciiDomain(plain.slice(at + 1).trim())
  return { name: oneLine(decodeWords(name)), address: at < 0 ? plain : `${plain.slice(0, at)}@${domain}`, domain }
}

const asciiDomain = (domain: string): string => {
  const lower = domain.toLowerCase()
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(lower) ? lower : domainToASCII(lower) || lower
}

interface Entry {
  readonly words: string
  readonly angle: string | null
  readonly comment: string
}

/** One pass over the characters: quotes, comments, angle brackets, groups. */
function* cutEntries(value: string): Generator<Entry> {
  let words = ''
  let comment = ''
  let angle: string | null = null
  let at = 0
  while (at < value.length) {
    const char = value.charAt(at)
    if (char === '"') {
      const [text, next] = readQuoted(value, at + 1)
      // A quoted local part keeps its quotes: without them `"a@b"@c` would name another domain.
      words += value.charAt(next) === '@' ? `"${text}"` : text
      at = next
    } else if (char === '(') {
      const [text, next] = readComment(value, at + 1)
      comment = comment === '' ? text : comment
      at = next
    } else if (char === '<') {
      const end = angleEnd(value, at + 1)
      angle = angle ?? withoutRoute(value.slice(at + 1, end))
      at = end + 1
    } else if (char === ',' || char === ';') {
      yield { words: words.trim(), angle, comment: comment.trim() }
      words = ''
      comment = ''
      angle = null
      at += 1
    } else if (char === ':' && angle === null && !words.includes('@')) {
      // A group's name says nothing about its members.
      words = ''
      at += 1
    } else {
      let end = at + 1
      while (end < value.length && !'"(<,;:'.includes(value.charAt(end))) end += 1
      words += value.slice(at, end)
      at = end
    }
  }
  yield { words: words.trim(), angle, comment: comment.trim() }
}

function readQuoted(value: string, from: number): [string, number] {
  let text = ''
  let at = from
  while (at < value.length && value.charAt(at) !== '"') {
    if (value.charAt(at) === '\\') at += 1
    text += value.charAt(at)
    at += 1
  }
  return [text, at + 1]
}

function readComment(value: string, from: number): [string, number] {
  let depth = 1
  let text = ''
  let at = from
  for (; at < value.length; at += 1) {
    const char = value.charAt(at)
    if (char === '\\') at += 1
    else if (char === '(') depth += 1
    else if (char === ')') depth -= 1
    if (depth === 0) break
    text += value.charAt(at)
  }
  return [text, at + 1]
}

/** Never closed, it ends before the next comma, so that the rest of the list is not swallowed; a route may hold commas. */
function angleEnd(value: string, from: number): number {
  const route = value.charAt(from) === '@'
  let quoted = false
  for (let at = from; at < value.length; at += 1) {
    const char = value.charAt(at)
    if (char === '\\') at += 1
    else if (char === '"') quoted = !quoted
    else if (char === '>' && !quoted) return at
    else if (char === ',' && !quoted && !route) return at - 1
  }
  return value.length
}

/** `<@relay1,@relay2:user@host>` (RFC 5322 section 4.4). */
const withoutRoute = (spec: string): string => (spec.startsWith('@') ? spec.slice(spec.indexOf(':') + 1) : spec).trim()
