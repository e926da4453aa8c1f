/** Transfer encodings of outgoing bodies (RFC 2045): every line that leaves is ASCII, ends in CRLF and is at most 998 octets long. */

export interface EncodedText {
  readonly encoding: '7bit' | 'quoted-printable' | 'base64'
  readonly bytes: Buffer
}

/** RFC 5322 section 2.1.1 allows 998; some relays count the line end or add a prefix. */
const longestLine = 900
/** Above this share of octets that quoted-printable triples, base64 is shorter. */
const foreignShare = 1 / 4

export function encodeBody(text: string): EncodedText {
  const whole = text.replace(/\r\n|\r|\n/g, '\r\n')
  // eslint-disable-next-line no-control-regex
  if (/^[\t\n\r\x20-\x7e]*$/.test(whole) && !hasLongLine(whole)) return { encoding: '7bit', bytes: Buffer.from(whole, 'latin1') }
  const bytes = Buffer.from(whole.toWellFormed(), 'utf8')
  let foreign = 0
  for (const byte of bytes) if (byte > 126) foreign += 1
  return foreign > bytes.length * foreignShare ? { encoding: 'base64', bytes: encodeBase64(bytes) } : { encoding: 'quoted-printable', bytes: encodeQuotedPrintable(bytes) }
}

function hasLongLine(text: string): boolean {
  let at = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
    if (end - at > longestLine) return true
    at = end + 1
  }
  return text.length - at > longestLine
}

const hex = Buffer.from('0123456789ABCDEF', 'latin1')
/** RFC 2045 section 6.7: 76 characters a line, soft breaks included. */
const longestQuoted = 75

function encodeQuotedPrintable(bytes: Buffer): Buffer {
  // Each octet becomes at most three, and each 25 of these at worst need one soft break of three more.
  const out = Buffer.allocUnsafe(bytes.length * 3 + Math.ceil(bytes.length / 24) * 3 + 3)
  let length = 0
  let column = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === 13 && bytes[at + 1] === 10) {
      out[length] = 13
      out[length + 1] = 10
      length += 2
      column = 0
      at += 1
      continue
    }
    const blank = byte === 32 || byte === 9
    const plain = (byte > 32 && byte < 127 && byte !== 61) || (blank && at + 1 < bytes.length && bytes[at + 1] !== 13)
    const width = plain ? 1 : 3
    if (column + width > longestQuoted) {
      out[length] = 61
      out[length + 1] = 13
      out[length + 2] = 10
      length += 3
      column = 0
    }
    if (plain) out[length] = byte
    else {
      out[length] = 61
      out[length + 1] = hex[byte >> 4] ?? 0
      out[length + 2] = hex[byte & 15] ?? 0
    }
    length += width
    column += width
  }
  return Buffer.from(out.subarray(0, length))
}

/** Octets that make one line of 76 characters. */
export const base64LineBytes = 57

/** Whole lines, each with its CRLF. A caller that streams gives multiples of `base64LineBytes`, the last piece apart. */
export function encodeBase64(bytes: Buffer): Buffer {
  const text = bytes.toString('base64')
  const out = Buffer.allocUnsafe(text.length + Math.ceil(text.length / 76) * 2)
  let length = 0
  for (let at = 0; at < text.length; at += 76) {
    length += out.write(text.slice(at, at + 76), length, 'latin1')
    out[length] = 13
    out[length + 1] = 10
    length += 2
  }
  return out
}
