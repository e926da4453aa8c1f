/** Header fields of outgoing mails: one value is always one field, ASCII save for mail addresses, folded, never a line of its own making. */
import type { MailAddress } from '#shared/mail.ts'

/** RFC 5322 section 2.1.1. */
const wishedLine = 76
/** A word that can't be folded may be this long before it is encoded, which splits it. */
const longestWord = 500
/** Octets in one encoded word: 75 characters, less `=?UTF-8?B??=`, in base64. */
const wordBytes = 45

/** Controls (C0, DEL, C1) and the two line separators of Unicode: what could end a line for somebody. */
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g
export const stripControls = (text: string): string => text.replace(controls, ' ').toWellFormed().trim()

/** A field with unstructured text (Subject and own headers). */
export function textField(name: string, value: string): string {
  return `${name}: ${isPlain(value) ? fold(value, name.length + 2) : encodeWords(value)}\r\n`
}

/** A field with addresses, one a line. */
export function addressField(name: string, addresses: readonly MailAddress[]): string {
  return `${name}: ${addresses.map(formatForHeader).join(',\r\n ')}\r\n`
}

/** A field with Message-IDs, one a line. */
export const idsField = (name: string, ids: readonly string[]): string => `${name}: ${ids.map((id) => `<${id}>`).join('\r\n ')}\r\n`

/** A field with links, one a line (RFC 2369 section 2). They are ASCII without blanks, and no folding may touch them. */
export const linksField = (name: string, links: readonly string[]): string => `${name}: ${links.map((link) => `<${link}>`).join(',\r\n ')}\r\n`

function formatForHeader({ name, address }: MailAddress): string {
  const words = stripControls(name)
  if (words === '') return `<${address}>`
  if (!isPlain(words)) return `${encodeWords(words)}\r\n <${address}>`
  const shown = /^[\w !#$%&'*+\-/=?^`{|}~]+$/.test(words) ? words : `"${words.replace(/["\\]/g, '\\$&')}"`
  return `${fold(shown, 10)} <${address}>`
}

/** Needs no encoded words: ASCII, nothing that would read as one, and blanks only where folding gives them back. */
const isPlain = (text: string): boolean =>
  /^[\x20-\x7e]*$/.test(text) && !text.includes('=?') && !text.includes('  ') && !text.split(' ').some((word) => word.length > longestWord)

function fold(text: string, used: number): string {
  if (text.length + used <= wishedLine) return text
  let out = ''
  let column = used
  for (const word of text.split(' ')) {
    if (out === '') out = word
    else if (column + 1 + word.length > wishedLine) {
      out += `\r\n ${word}`
      column = 0
    } else out += ` ${word}`
    column += word.length + 1
  }
  return out
}

/** RFC 2047 section 2: no word splits a character. */
function encodeWords(text: string): string {
  const words: string[] = []
  let piece = ''
  let size = 0
  const flush = () => {
    if (piece !== '') words.push(`=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`)
    piece = ''
    size = 0
  }
  for (const char of text) {
    const bytes = Buffer.byteLength(char)
    if (size + bytes > wordBytes) flush()
    piece += char
    size += bytes
  }
  flush()
  return words.join('\r\n ')
}

/** A parameter such as `filename`, by RFC 2231 with continuations where it is not plain and short. */
export function parameter(name: string, value: string): string {
  if (/^[\x20-\x7e]*$/.test(value) && value.length <= 60) return `;\r\n ${name}="${value.replace(/["\\]/g, '\\$&')}"`
  const encoded = [...Buffer.from(value)].map((byte) => {
    const char = String.fromCharCode(byte)
    return /[A-Za-z0-9._-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  })
  const pieces: string[] = []
  for (const token of encoded) {
    const last = pieces.length - 1
    const current = pieces[last]
    if (current === undefined || current.length + token.length > 54) pieces.push(token)
    else pieces[last] = current + token
  }
  if (pieces.length === 1) return `;\r\n ${name}*=UTF-8''${pieces[0] ?? ''}`
  return pieces.map((piece, index) => `;\r\n ${name}*${index}*=${index === 0 ? 'UTF-8\'\'' : ''}${piece}`).join('')
}
