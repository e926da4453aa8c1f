/**
 * Whom an answer goes to: RFC 5322 section 3.6.3 with what mailing lists need beside it. Nobody is guessed: where it is
 * not plain who would get the answer, there is a reason instead.
 */
import { isAddress, parseAddresses } from '../address.ts'
import type { Mail, MailAddress } from '../mail.ts'
import { mostAnswered } from './limits.ts'
import { listAddresses } from './mailing-list.ts'

export interface AnswerRules {
  readonly mode: 'reply' | 'reply-all'
  /** Of a mail that came through a mailing list. */
  readonly lists: 'author' | 'list'
  /** Whom a person has named; empty: the mail says it. */
  readonly to: readonly MailAddress[]
  /** Our own addresses, to which no answer to all goes. */
  readonly own: readonly string[]
}
export type Answered =
  | { readonly to: readonly MailAddress[]; readonly cc: readonly MailAddress[] }
  /** Fits behind "This mail can't be answered:". */
  | { readonly reason: string }

export function answerRecipients(mail: Mail, rules: AnswerRules): Answered {
  if (rules.to.length > 0) {
    const others = rules.mode === 'reply' ? [] : othersOf(mail, [...rules.own, ...rules.to.map(({ address }) => address)])
    const answered = bounded([], others)
    return 'reason' in answered ? answered : { to: rules.to, cc: others }
  }
  const followUp = rules.mode === 'reply-all' ? followUpOf(mail) : []
  if (followUp.length > 0) return bounded(filled(without(followUp, rules.own), followUp), [])
  const answered = answerTo(mail, rules.lists)
  if ('reason' in answered) return answered
  if (rules.mode === 'reply') return bounded(answered.to, [])
  const to = without(answered.to, rules.own)
  const others = othersOf(mail, [...rules.own, ...to.map(({ address }) => address)])
  // Our own mail, answered: it goes where that went, and only to ourselves when there was nobody else.
  return to.length === 0 ? bounded(filled(others, answered.to), []) : bounded(to, others)
}

/** The others of To and Cc, each once; an address that can't be read is left out, for it got nothing before either. */
const othersOf = (mail: Pick<Mail, 'to' | 'cc'>, taken: readonly string[]): readonly MailAddress[] => without(readable([...mail.to, ...mail.cc]), taken)

function answerTo(mail: Mail, lists: AnswerRules['lists']): Answered {
  if (mail.ambiguousSender) return { reason: 'it names more than one sender, and nobody can tell which one is real' }
  if (returnsNowhere(mail)) return { reason: 'its return path is empty: a machine sent it and takes no answer' }
  const asked = filled(named(mail.replyTo), named(mail.fromAll))
  if (asked.length === 0) return { reason: 'it names no sender' }
  const list = listAddresses(mail)
  const wanted = list.length === 0 ? asked : lists === 'list' ? [addressOf(list[0] ?? '')] : authorsOf(mail, list)
  if (wanted.length === 0) return { reason: 'it names no address of its writer, only the one of the mailing list' }
  const known = readable(wanted)
  if (known.length === 0) return { reason: `the address to answer to can't be read: ${wanted[0]?.address.slice(0, 100) ?? ''}` }
  const open = known.filter(({ address }) => !takesNoAnswer(address))
  return open.length === 0 ? { reason: `${known[0]?.address ?? ''} takes no answers` } : { to: without(open, []), cc: [] }
}

/** A list that puts its own address into Reply-To, or into From for the sake of DMARC, hides nobody: the writer stands in the other of the two. */
function authorsOf(mail: Mail, list: readonly string[]): readonly MailAddress[] {
  const writers = (from: readonly MailAddress[]) => from.filter(({ address }) => !list.includes(address.toLowerCase()))
  const replyTo = writers(mail.replyTo)
  return replyTo.length > 0 ? replyTo : writers(mail.fromAll)
}

/** Mail-Followup-To: where whoever wrote a mail to a list wants the answers to all (D. J. Bernstein, cr.yp.to/proto/replyto.html). */
function followUpOf({ headers }: Mail): readonly MailAddress[] {
  const value = headers.find(({ name }) => name.toLowerCase() === 'mail-followup-to')?.value ?? ''
  return parseAddresses(value).addresses
}

/** Without those named and without doubles. */
function without(people: readonly MailAddress[], taken: readonly string[]): readonly MailAddress[] {
  const seen = new Set(taken.map((address) => address.toLowerCase()))
  return people.filter(({ address }) => {
    const key = address.toLowerCase()
    return !seen.has(key) && seen.add(key)
  })
}

const filled = (people: readonly MailAddress[], otherwise: readonly MailAddress[]): readonly MailAddress[] => (people.length > 0 ? people : otherwise)
const named = (people: readonly MailAddress[]): readonly MailAddress[] => people.filter(({ address }) => address !== '')
const readable = (people: readonly MailAddress[]): readonly MailAddress[] => people.filter(({ address }) => isAddress(address))
const addressOf = (address: string): MailAddress => ({ name: '', address, domain: address.slice(address.lastIndexOf('@') + 1) })
const returnsNowhere = ({ headers }: Mail): boolean => headers.find(({ name }) => name.toLowerCase() === 'return-path')?.value.replace(/\s/g, '') === '<>'

/** "noreply" and what it is called elsewhere; addresses that only take bounces. */
const mute = /^(?:.*[._+-])?(?:(?:no|not|do[._-]?not|don[ot]t|never|ne[._-]?pas)[._-]?(?:reply|respond|response|responder|respuesta|answer|repondre|reponse)|nicht[._-]?antworten|keine[._-]?antwort|mailer-daemon|bounces?)(?:[._+-].*)?@/i
const takesNoAnswer = (address: string): boolean => mute.test(address)

function bounded(to: readonly MailAddress[], cc: readonly MailAddress[]): Answered {
  const count = to.length + cc.length
  return count > mostAnswered ? { reason: `the answer would go to ${count} people, and ${mostAnswered} are the most` } : { to, cc }
}
