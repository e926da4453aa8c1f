/** Completes an outgoing mail that answers another or sends it on: what nobody typed or mapped comes from that mail. */
import { parseAddresses } from '#shared/address.ts'
import { fault } from '#shared/errors.ts'
import type { Mail, MailAddress } from '#shared/mail.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import { answerRecipients } from '#shared/sending/answer-recipients.ts'
import { canStandInText, forwardMail, quoteMail } from '#shared/sending/quote.ts'
import { answerSubject } from '#shared/sending/subject.ts'
import { threadOf } from '#shared/sending/threading.ts'
import { readShownIds } from './compose-mail.ts'
import type { Outgoing, OutgoingAttachment } from './outgoing.ts'

export interface Original {
  readonly mail: Mail
  /** Names its bytes as they came, as an attachment's `ref` does. */
  readonly wholeRef: string
  /** Users of the connections that the flow works with. */
  readonly ours: readonly string[]
}

/** What is said goes before what the mail gives; Cc and attachments add to it. SEND_NOT_ANSWERABLE when nobody can tell whom the answer should go to. */
export function answerMail(said: Outgoing, config: SendEmailConfig, original: Original): Outgoing {
  const { mail } = original
  const isForward = config.mode === 'forward'
  const people = isForward ? { to: said.to, cc: said.cc } : peopleOf(said, config, original)
  const thread = threadOf(mail)
  const answer: Outgoing = {
    ...said, ...people,
    subject: said.subject === '' ? answerSubject(mail.subject, isForward ? 'Fwd:' : 'Re:') : said.subject,
    // A mail sent on answers nobody, but stays in its thread.
    inReplyTo: isForward || said.inReplyTo !== '' ? said.inReplyTo : thread.inReplyTo,
    references: said.references.length > 0 ? said.references : thread.references,
    ...(isForward ? forwarded(said, config, original) : quoted(said, config, original)),
  }
  const filled = (['to', 'cc', 'subject', 'text', 'html', 'inReplyTo', 'references', 'attachments'] as const).filter((field) => said[field].length === 0 && answer[field].length > 0)
  return { ...answer, won: { ...said.won, ...Object.fromEntries(filled.map((field) => [field, 'mail' as const])) } }
}

function peopleOf(said: Outgoing, config: SendEmailConfig, { mail, ours }: Original): { readonly to: readonly MailAddress[]; readonly cc: readonly MailAddress[] } {
  const own = [said.from.address, ...ours, ...parseAddresses(config.ours).addresses.map(({ address }) => address)]
  const answered = answerRecipients(mail, { mode: config.mode === 'reply-all' ? 'reply-all' : 'reply', lists: config.lists, to: said.to, own })
  if ('reason' in answered) throw fault('SEND_NOT_ANSWERABLE', { reason: answered.reason }, 'to')
  const known = new Set([...said.cc, ...said.bcc].map(({ address }) => address.toLowerCase()))
  return { to: answered.to, cc: [...said.cc, ...answered.cc.filter(({ address }) => !known.has(address.toLowerCase()))] }
}

type Content = Pick<Outgoing, 'text' | 'html' | 'attachments'>

function quoted(said: Outgoing, config: SendEmailConfig, { mail }: Original): Content {
  const { text, html, pictures } = quoteMail(said, mail, config.quote)
  const shown = readShownIds(pictures.map((id) => `cid:${id}`).join(' '))
  return { text, html, attachments: withFiles(said.attachments, mail.attachments.filter(({ cid }) => shown.has(cid))) }
}

/** What would lose something in a text is sent on as a file. */
function forwarded(said: Outgoing, config: SendEmailConfig, { mail, wholeRef }: Original): Content {
  if (config.forwardAs === 'attachment' || !canStandInText(mail)) {
    const whole: OutgoingAttachment = { name: `${mail.subject.slice(0, 100).trim() || 'mail'}.eml`, type: 'message/rfc822', disposition: 'attachment', cid: '', ref: wholeRef }
    return { text: said.text, html: said.html, attachments: [...said.attachments, whole] }
  }
  const { text, html } = forwardMail(said, mail)
  return { text, html, attachments: withFiles(said.attachments, mail.attachments) }
}

/** A file that was mapped as well goes once. */
function withFiles(said: readonly OutgoingAttachment[], files: readonly OutgoingAttachment[]): readonly OutgoingAttachment[] {
  const refs = new Set(said.map(({ ref }) => ref))
  return [...said, ...files.filter(({ ref }) => !refs.has(ref)).map(({ name, type, disposition, cid, ref }) => ({ name, type, disposition, cid, ref }))]
}

/** The mail itself, sent on as a file. */
export const isWholeMail = ({ ref }: Pick<OutgoingAttachment, 'ref'>): boolean => ref.endsWith('/whole')
