/** One mail's answer to FETCH (RFC 3501 section 7.4.2), as parts to be written in order, bytes uncopied. */
import type { StoredMail } from './mailstore.ts'
import { writeDate, writeText } from './imap-words.ts'

export type Part = string | Buffer

/** The whole row; `items` in upper case. BODY[] without PEEK also sets \Seen. */
export function fetchRow(mail: StoredMail, sequence: number, items: readonly string[]): readonly Part[] {
  const parts: Part[] = [`* ${sequence} FETCH (`]
  items.forEach((item, index) => {
    if (index > 0) parts.push(' ')
    parts.push(...fetchItem(mail, item))
  })
  parts.push(')\r\n')
  return parts
}

function fetchItem(mail: StoredMail, item: string): readonly Part[] {
  switch (item) {
    case 'UID': return [`UID ${mail.uid}`]
    case 'FLAGS': return [`FLAGS (${[...mail.flags].join(' ')})`]
    case 'INTERNALDATE': return [`INTERNALDATE ${writeDate(mail.receivedAt)}`]
    case 'RFC822.SIZE': return [`RFC822.SIZE ${mail.bytes.length}`]
    case 'ENVELOPE': return [`ENVELOPE ${envelope(readHeaders(mail.bytes))}`]
    case 'BODYSTRUCTURE': return [`BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "8BIT" ${mail.bytes.length} ${mail.bytes.toString('latin1').split('\n').length - 1})`]
    default: return bodyItem(mail, item)
  }
}

function bodyItem(mail: StoredMail, item: string): readonly Part[] {
  const match = /^BODY(\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?$/.exec(item)
  if (match === null) return [`${item} NIL`]
  const [, isPeek, section = '', from, length] = match
  if (isPeek === undefined) mail.flags.add('\\Seen')
  const whole = sectionOf(mail.bytes, section)
  const bytes = from === undefined ? whole : whole.subarray(Number(from), Number(from) + Number(length))
  return [`BODY[${section}]${from === undefined ? '' : `<${from}>`} {${bytes.length}}\r\n`, bytes]
}

function sectionOf(bytes: Buffer, section: string): Buffer {
  const headEnd = endOfHead(bytes)
  if (section === '') return bytes
  if (section === 'HEADER') return bytes.subarray(0, headEnd)
  if (section === 'TEXT') return bytes.subarray(headEnd)
  const wanted = /^HEADER\.FIELDS \(([^)]*)\)$/.exec(section)?.[1]?.split(' ') ?? []
  const lines = bytes.toString('latin1', 0, headEnd).split(/\r?\n(?![ \t])/).filter((line) => wanted.includes(line.split(':')[0]?.toUpperCase() ?? ''))
  return Buffer.from(`${lines.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1')
}

const endOfHead = (bytes: Buffer): number => {
  const end = bytes.indexOf('\r\n\r\n')
  return end < 0 ? bytes.length : end + 4
}

/** First value of each header, unfolded, name in lower case. */
export function readHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const line of bytes.toString('latin1', 0, endOfHead(bytes)).split(/\r?\n(?![ \t])/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).replace(/\r?\n[ \t]+/g, ' ').trim())
  }
  return headers
}

function envelope(headers: ReadonlyMap<string, string>): string {
  const text = (name: string): string => writeText(headers.get(name) ?? null)
  const people = (name: string): string => addresses(headers.get(name) ?? headers.get('from') ?? '')
  const list = (name: string): string => addresses(headers.get(name) ?? '')
  return `(${[text('date'), text('subject'), list('from'), people('sender'), people('reply-to'), list('to'), list('cc'), list('bcc'), text('in-reply-to'), text('message-id')].join(' ')})`
}

function addresses(value: string): string {
  const found = [...value.matchAll(/(?:"((?:[^"\\]|\\.)*)"|([^<>,"]*))\s*<([^<>@]*)@([^<>]*)>|([^\s<>,"@]+)@([^\s<>,"]+)/g)].map((one) => {
    const name = (one[1] ?? one[2] ?? '').trim()
    return `(${[name === '' ? null : name, null, one[3] ?? one[5] ?? '', one[4] ?? one[6] ?? ''].map(writeText).join(' ')})`
  })
  return found.length === 0 ? 'NIL' : `(${found.join('')})`
}
