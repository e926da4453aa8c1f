/** SEARCH (RFC 3501 section 6.4.4): the keys a mail client asks for, as one question to each mail. */
import { decodeWords } from '../mail/mime/encoded-words.ts'
import { readHeaders } from './imap-fetch.ts'
import { listOf, readDay, setHolds, textOf, type Word } from './imap-words.ts'
import type { StoredMail } from './mailstore.ts'

type Asks = (mail: StoredMail, sequence: number) => boolean

/** null for a key that is not known, which the server answers with BAD. */
export function readSearch(words: readonly Word[], last: { readonly uid: number; readonly sequence: number }): Asks | null {
  const left = [...words]
  if (textOf(left[0]).toUpperCase() === 'CHARSET') left.splice(0, 2)
  const all: Asks[] = []
  while (left.length > 0) {
    const asks = readKey(left, last)
    if (asks === null) return null
    all.push(asks)
  }
  return (mail, sequence) => all.every((asks) => asks(mail, sequence))
}

const flagKeys: Readonly<Record<string, readonly [string, boolean]>> = {
  SEEN: ['\\Seen', true], UNSEEN: ['\\Seen', false], FLAGGED: ['\\Flagged', true], UNFLAGGED: ['\\Flagged', false],
  DELETED: ['\\Deleted', true], UNDELETED: ['\\Deleted', false], ANSWERED: ['\\Answered', true], UNANSWERED: ['\\Answered', false],
  DRAFT: ['\\Draft', true], UNDRAFT: ['\\Draft', false],
}

function readKey(left: Word[], last: { readonly uid: number; readonly sequence: number }): Asks | null {
  const word = left.shift()
  if (Array.isArray(word)) return readSearch(listOf(word), last)
  const key = textOf(word).toUpperCase()
  const flag = flagKeys[key]
  if (flag !== undefined) return (mail) => mail.flags.has(flag[0]) === flag[1]
  if (/^[\d*]/.test(key)) { const holds = setHolds(key, last.sequence); return (_, sequence) => holds(sequence) }
  const value = (): string => textOf(left.shift())
  switch (key) {
    case 'ALL': return () => true
    case 'UID': { const holds = setHolds(value(), last.uid); return (mail) => holds(mail.uid) }
    case 'KEYWORD': return hasKeyword(value())
    case 'UNKEYWORD': { const has = hasKeyword(value()); return (mail) => !has(mail) }
    case 'LARGER': { const size = Number(value()); return (mail) => mail.bytes.length > size }
    case 'SMALLER': { const size = Number(value()); return (mail) => mail.bytes.length < size }
    case 'SINCE': { const day = readDay(value()); return (mail) => mail.receivedAt.slice(0, 10) >= day }
    case 'BEFORE': { const day = readDay(value()); return (mail) => mail.receivedAt.slice(0, 10) < day }
    case 'ON': { const day = readDay(value()); return (mail) => mail.receivedAt.slice(0, 10) === day }
    case 'SUBJECT': case 'FROM': case 'TO': case 'CC': return inHeader(key, value())
    case 'HEADER': { const name = value(); return inHeader(name, value()) }
    case 'NOT': { const asks = readKey(left, last); return asks === null ? null : (mail, sequence) => !asks(mail, sequence) }
    case 'OR': {
      const one = readKey(left, last)
      const other = readKey(left, last)
      return one === null || other === null ? null : (mail, sequence) => one(mail, sequence) || other(mail, sequence)
    }
    default: return null
  }
}

/** Keywords have no case (RFC 9051 section 2.3.2). */
function hasKeyword(name: string): (mail: StoredMail) => boolean {
  const wanted = name.toLowerCase()
  return (mail) => [...mail.flags].some((flag) => flag.toLowerCase() === wanted)
}

function inHeader(name: string, part: string): Asks {
  const wanted = part.toLowerCase()
  return (mail) => {
    const value = readHeaders(mail.bytes).get(name.toLowerCase())
    return value !== undefined && decodeWords(Buffer.from(value, 'latin1').toString()).toLowerCase().includes(wanted)
  }
}
