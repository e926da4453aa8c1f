/**
 * The short way for the bodies that most mails have: one text, or a text and its HTML as alternatives. Reads only what
 * it understands without any doubt and leaves everything else to body.ts; both give the same texts, which a test
 * holds over the whole corpus.
 */
import type { TextPart } from './body.ts'
import { firstValue, readHeaderFields, type HeaderField } from './header-fields.ts'

/** null: not simple, to be read the long way. */
export function readSimpleBody(fields: readonly HeaderField[], body: Buffer, headerBytes: number): readonly TextPart[] | null {
  const type = singleValue(fields, 'content-type')
  if (type === null || fields.some((field) => field.key === 'content-disposition')) return null
  const boundary = alternativeType.exec(type)
  if (!boundary) {
    const leaf = readLeaf(fields, type, body, false)
    return leaf && (leaf.text === '' ? [] : [leaf])
  }
  const parts = cutAlternatives(body, Buffer.from(`--${boundary[1] ?? boundary[2] ?? ''}`, 'latin1'))
  if (!parts) return null
  const leaves = parts.map((part) => readAlternative(part, headerBytes)).filter((leaf): leaf is TextPart => leaf !== null && leaf.text !== '')
  return leaves.length < parts.length ? null : leaves
}

function readAlternative(part: Buffer, headerBytes: number): TextPart | null {
  const section = readHeaderFields(part, headerBytes)
  const type = singleValue(section.fields, 'content-type')
  const known = section.fields.every(({ key }) => key === 'content-type' || key === 'content-transfer-encoding')
  return type === null || type === '' || !known || !section.ended ? null : readLeaf(section.fields, type, part.subarray(section.bodyAt), true)
}

const alternativeType = /^multipart\/alternative\s{0,9};\s{0,9}boundary\s{0,9}=\s{0,9}(?:"([\w'+,./:=?-]{1,70})"|([\w'+./-]{1,70}))$/i
const textType = /^text\/(plain|html)(?:\s{0,9};\s{0,9}charset\s{0,9}=\s{0,9}"?([\w-]{1,40})"?)?$/i

/** null when the field stands twice: which one counts is the long way's business. */
function singleValue(fields: readonly HeaderField[], key: string): string | null {
  return fields.filter((field) => field.key === key).length > 1 ? null : firstValue(fields, key)
}

/** Exactly two parts, each delimiter on a clean line of its own, and the boundary nowhere else. */
function cutAlternatives(body: Buffer, delimiter: Buffer): readonly Buffer[] | null {
  const first = body.indexOf(delimiter)
  const second = first < 0 ? -1 : body.indexOf(delimiter, first + delimiter.length)
  const last = second < 0 ? -1 : body.indexOf(delimiter, second + delimiter.length)
  if (last < 0 || body.indexOf(delimiter, last + delimiter.length) >= 0) return null
  const starts = [lineAfter(body, first + delimiter.length), lineAfter(body, second + delimiter.length)]
  const ends = [lineBefore(body, second), lineBefore(body, last)]
  const [oneStart = -1, twoStart = -1] = starts
  const [oneEnd = -1, twoEnd = -1] = ends
  const closes = body[last + delimiter.length] === 0x2d && body[last + delimiter.length + 1] === 0x2d && lineAfter(body, last + delimiter.length + 2) >= 0
  if (!closes || (first > 0 && body[first - 1] !== 0x0a) || oneStart < 0 || twoStart < 0 || oneEnd < oneStart || twoEnd < twoStart) return null
  return [body.subarray(oneStart, oneEnd), body.subarray(twoStart, twoEnd)]
}

/** Where the next line begins when nothing else stands on this one, -1 otherwise. */
function lineAfter(body: Buffer, at: number): number {
  if (at === body.length || body[at] === 0x0a) return at + 1
  return body[at] === 0x0d && body[at + 1] === 0x0a ? at + 2 : -1
}

/** The line end before a delimiter belongs to it (RFC 2046 section 5.1.1). */
function lineBefore(body: Buffer, at: number): number {
  if (body[at - 1] !== 0x0a) return -1
  return body[at - 2] === 0x0d ? at - 2 : at - 1
}

function readLeaf(fields: readonly HeaderField[], type: string, body: Buffer, alternative: boolean): TextPart | null {
  const [, kind = 'plain', charset = 'utf-8'] = type === '' ? [] : (textType.exec(type) ?? [])
  if (type !== '' && !textType.test(type)) return null
  const encoding = singleValue(fields, 'content-transfer-encoding')
  const bytes = encoding === null ? null : decodeTransfer(body, encoding.toLowerCase())
  const text = bytes && decodeCharset(bytes, charset.toLowerCase())
  return text === null ? null : { html: kind.toLowerCase() === 'html', text: text.replaceAll('\r\n', '\n'), alternative }
}

function decodeTransfer(body: Buffer, encoding: string): Buffer | null {
  if (encoding === '' || encoding === '7bit' || encoding === '8bit') return body
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(body)
  if (encoding !== 'base64') return null
  const text = body.toString('latin1').replace(/\r?\n/g, '')
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null
}

function decodeCharset(bytes: Buffer, charset: string): string | null {
  if (charset === 'utf-8' || charset === 'us-ascii' || charset === 'utf8') return bytes.toString('utf8')
  if (charset !== 'iso-8859-1' && charset !== 'windows-1252') return null
  // The two differ between 0x80 and 0x9f only.
  return bytes.some((byte) => byte >= 0x80 && byte < 0xa0) ? null : bytes.toString('latin1')
}

/** null for anything that a strict encoder would not write: bad escapes, blanks before a line end. */
function decodeQuotedPrintable(body: Buffer): Buffer | null {
  let escape = body.indexOf(0x3d)
  if (hasTrailingBlank(body)) return null
  if (escape < 0) return body
  const out = Buffer.allocUnsafe(body.length)
  let length = 0
  let at = 0
  while (escape >= 0) {
    length += body.copy(out, length, at, escape)
    const high = hexDigit(body[escape + 1])
    if (body[escape + 1] === 0x0d && body[escape + 2] === 0x0a) at = escape + 3
    else if (body[escape + 1] === 0x0a) at = escape + 2
    else {
      const low = hexDigit(body[escape + 2])
      if (high < 0 || low < 0) return null
      out[length] = high * 16 + low
      length += 1
      at = escape + 3
    }
    escape = body.indexOf(0x3d, at)
  }
  length += body.copy(out, length, at)
  return out.subarray(0, length)
}

function hasTrailingBlank(body: Buffer): boolean {
  for (let end = body.indexOf(0x0a); end >= 0; end = body.indexOf(0x0a, end + 1)) {
    const last = body[body[end - 1] === 0x0d ? end - 2 : end - 1]
    if (last === 0x20 || last === 0x09) return true
  }
  const last = body.at(-1)
  return last === 0x20 || last === 0x09
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  if (code >= 0x41 && code <= 0x46) return code - 0x37
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1
}
