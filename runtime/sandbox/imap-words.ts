/** IMAP's own writing (RFC 3501 section 9): commands into words, words back into answers, sets of numbers, folder names in modified UTF-7. */

/** An atom or quoted string, a literal's bytes, or a list. */
export type Word = string | Buffer | readonly Word[]

/** Splits a command line into words; `literals` are taken in order where the line has {n}. Unclosed quotes and lists end with the line. */
export function readWords(line: string, literals: readonly Buffer[]): readonly Word[] {
  let at = 0
  let literal = 0
  const list = (): readonly Word[] => {
    const words: Word[] = []
    while (at < line.length) {
      const char = line[at]
      if (char === ' ') at += 1
      else if (char === ')') { at += 1; return words }
      else if (char === '(') { at += 1; words.push(list()) }
      else if (char === '"') words.push(quoted())
      else words.push(atomOrLiteral())
    }
    return words
  }
  const quoted = (): string => {
    let text = ''
    for (at += 1; at < line.length && line[at] !== '"'; at += 1) {
      if (line[at] === '\\') at += 1
      text += line[at] ?? ''
    }
    at += 1
    return Buffer.from(text, 'latin1').toString('utf8')
  }
  const atomOrLiteral = (): Word => {
    // A section's brackets hold blanks and lists of their own: BODY.PEEK[HEADER.FIELDS (A B)]<0.10>
    const atom = /^(?:\[[^\]]*\]|[^\s()"])+/.exec(line.slice(at))?.[0] ?? line.slice(at)
    at += Math.max(1, atom.length)
    return /^\{\d+\+?\}$/.test(atom) ? literals[literal++] ?? '' : atom
  }
  return list()
}

export const textOf = (word: Word | undefined): string => (typeof word === 'string' ? word : Buffer.isBuffer(word) ? word.toString('utf8') : '')
export const listOf = (word: Word | undefined): readonly Word[] => (Array.isArray(word) ? word : word === undefined ? [] : [word])

/** A string for an answer: quoted where it may be, else a literal. */
export function writeText(text: string | null): string {
  if (text === null) return 'NIL'
  if (/^[\x20-\x7e]*$/.test(text)) return `"${text.replace(/["\\]/g, '\\$&')}"`
  return `{${Buffer.byteLength(text, 'latin1')}}\r\n${text}`
}

/** Whether a set like 1:5,7,9:* names the number; `*` is `last`. */
export function setHolds(set: string, last: number): (number: number) => boolean {
  const ranges = set.split(',').map((part) => {
    const [from = 0, to = from] = part.split(':').map((end) => (end === '*' ? last : Number(end)))
    return [Math.min(from, to), Math.max(from, to)] as const
  })
  return (number) => ranges.some(([from, to]) => number >= from && number <= to)
}

/** Folder names on the wire (RFC 3501 section 5.1.3). */
export const writePath = (path: string): string =>
  writeText(path.replace(/&|[^\x20-\x7e]+/g, (part) => (part === '&' ? '&-' : `&${utf16(part).toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`)))
export const readPath = (wire: string): string =>
  wire.replace(/&([^-]*)-/g, (_, code: string) => (code === '' ? '&' : fromUtf16(Buffer.from(code.replaceAll(',', '/'), 'base64'))))

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()
const fromUtf16 = (bytes: Buffer): string => Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16().toString('utf16le')

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** INTERNALDATE as the server writes it, in UTC. */
export function writeDate(iso: string): string {
  const [day = '', time = ''] = iso.split('T')
  const [year, month, date] = day.split('-')
  return `"${date}-${months[Number(month) - 1]}-${year} ${time.slice(0, 8)} +0000"`
}
/** 1-Feb-2026 as 2026-02-01; '' when it is no day. */
export function readDay(text: string): string {
  const [, date = '', name = '', year = ''] = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})/.exec(text) ?? []
  const month = months.findIndex((known) => known.toLowerCase() === name.toLowerCase())
  return month < 0 ? '' : `${year}-${String(month + 1).padStart(2, '0')}-${date.padStart(2, '0')}`
}
