/**
 * Reads the header section of a mail (RFC 5322 section 2.2) from its raw bytes: every field in order, unfolded,
 * repeated ones kept, nothing decoded that is still to be parsed.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { decodeText } from './charset.ts'

export interface HeaderField {
  /** As written. */
  readonly name: string
  /** Lower case. */
  readonly key: string
  /** On one line, control characters gone, encoded words as they stand. */
  readonly value: string
}
export interface HeaderSection {
  readonly fields: readonly HeaderField[]
  /** Where the body begins. */
  readonly bodyAt: number
  /** The end of the section lies within the bytes given. */
  readonly ended: boolean
}

/** `bytes` is the mail's beginning; at most `limit` bytes of it are read as header. */
export function readHeaderFields(bytes: Buffer, limit: number): HeaderSection {
  const { end, bodyAt, ended } = findEnd(bytes, limit)
  const section = bytes.subarray(0, end)
  const text = isAscii(section) || isUtf8(section) ? section.toString('utf8') : section.toString('latin1').split('\n').map(reread).join('\n')
  const fields: HeaderField[] = []
  let at = 0
  while (at < text.length) {
    let stop = text.indexOf('\n', at)
    while (stop >= 0 && (text.charCodeAt(stop + 1) === 0x20 || text.charCodeAt(stop + 1) === 0x09)) stop = text.indexOf('\n', stop + 1)
    if (stop < 0) stop = text.length
    const field = readField(text.slice(at, stop))
    if (field) fields.push(field)
    at = stop + 1
  }
  return { fields, bodyAt, ended }
}

/** One bad byte somewhere must not turn the other lines' UTF-8 into noise. */
function reread(line: string): string {
  return decodeText(Buffer.from(line, 'latin1'), '')
}

function findEnd(bytes: Buffer, limit: number): { end: number; bodyAt: number; ended: boolean } {
  let at = 0
  for (;;) {
    const first = bytes[at]
    if (first === 0x0a) return { end: at, bodyAt: at + 1, ended: true }
    if (first === 0x0d && bytes[at + 1] === 0x0a) return { end: at, bodyAt: at + 2, ended: true }
    const next = bytes.indexOf(0x0a, at)
    if (next < 0 || next >= limit) {
      const end = Math.min(bytes.length, limit)
      return { end, bodyAt: end, ended: bytes.length <= limit }
    }
    at = next + 1
  }
}

/** Lines that are no field (an mbox "From " line, noise) are left out, as mail programs do. */
function readField(line: string): HeaderField | null {
  const colon = line.indexOf(':')
  if (colon < 1) return null
  const name = line.slice(0, colon).trimEnd()
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name)) return null
  return { name, key: name.toLowerCase(), value: oneLine(line.slice(colon + 1)) }
}

/** Folds become one space; what could start a new line or confuse a screen is no part of a value. */
export function oneLine(text: string): string {
  const unfolded = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+[ \t]*/g, ' ') : text
  // eslint-disable-next-line no-control-regex
  return (/[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029]/.test(unfolded) ? unfolded.replace(/[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029]/g, '') : unfolded).trim()
}

export function firstValue(fields: readonly HeaderField[], key: string): string {
  return fields.find((field) => field.key === key)?.value ?? ''
}
