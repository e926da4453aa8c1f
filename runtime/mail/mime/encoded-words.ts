/** RFC 2047: `=?charset?B?…?=` inside header text. Linear; words of one charset are joined before decoding, as they may split a character. */
import { decodeText } from './charset.ts'

/** RFC 2231 section 5 allows a language behind the charset. Q text with bare spaces breaks the RFC and is common. */
const word = /=\?([^?*\s]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=/g

export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text
  let out = ''
  let at = 0
  let charset = ''
  let pending: Buffer[] = []
  const flush = () => {
    if (pending.length > 0) out += decodeText(Buffer.concat(pending), charset)
    pending = []
  }
  for (const found of text.matchAll(word)) {
    const between = text.slice(at, found.index)
    // White space between two words is not part of the text (RFC 2047 section 6.2).
    const adjacent = pending.length > 0 && between.trim() === ''
    if (!adjacent) {
      flush()
      out += between
    }
    const name = (found[1] ?? '').toLowerCase()
    if (name !== charset) flush()
    charset = name
    const body = found[3] ?? ''
    pending.push(found[2] === 'b' || found[2] === 'B' ? Buffer.from(body, 'base64') : decodeQ(body))
    at = found.index + found[0].length
  }
  flush()
  return out + text.slice(at)
}

function decodeQ(text: string): Buffer {
  if (!text.includes('=')) return Buffer.from(text.replaceAll('_', ' '), 'utf8')
  const latin1 = Buffer.from(text, 'utf8').toString('latin1')
  return Buffer.from(latin1.replaceAll('_', ' ').replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1')
}
