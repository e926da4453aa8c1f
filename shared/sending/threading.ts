/** In-Reply-To and References of an answer (RFC 5322 section 3.6.4): the whole way back, so that every mail program finds the thread. */
import type { Mail } from '../mail.ts'
import { thread } from './limits.ts'

export interface Thread {
  readonly inReplyTo: string
  readonly references: readonly string[]
}

/** Ids stand without their angle brackets. */
export function threadOf(mail: Pick<Mail, 'messageId' | 'inReplyTo' | 'references' | 'headers'>): Thread {
  const own = isId(mail.messageId) ? mail.messageId : ''
  const before = mail.references.some(isId) ? mail.references : singleParent(mail)
  const ids = before.filter((id) => isId(id) && id !== own)
  return { inReplyTo: own, references: shortenReferences(own === '' ? ids : [...ids, own]) }
}

/** A mail without References counts as an answer to the one mail that its In-Reply-To names; of several none can be told to be the parent. */
function singleParent({ inReplyTo, headers }: Pick<Mail, 'inReplyTo' | 'headers'>): readonly string[] {
  const written = headers.filter(({ name }) => name.toLowerCase() === 'in-reply-to').flatMap(({ value }) => value.match(/<[^<>\s]+>/g) ?? [])
  return written.length > 1 || inReplyTo === '' ? [] : [inReplyTo]
}

/** Each once, where it stood first; of too many the first, from which the thread grew, and the last ones. */
export function shortenReferences(ids: readonly string[]): readonly string[] {
  const [first, ...others] = new Set(ids.filter(isId))
  if (first === undefined) return []
  const kept: string[] = []
  let letters = first.length
  for (const id of others.toReversed()) {
    letters += id.length + 3
    if (kept.length + 1 >= thread.ids || letters > thread.letters) break
    kept.push(id)
  }
  return [first, ...kept.reverse()]
}

/** What can stand between angle brackets in a header of any relay. */
const isId = (id: string): boolean => id.length <= thread.idLetters && /^(?=.)[\x21-\x3b\x3d\x3f-\x7e]+$/.test(id)
