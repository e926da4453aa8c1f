/**
 * What a mail that came in says of one we sent, if it is a bounce or a complaint that names a Message-ID of our own: whom it
 * is about, what became of it, in the server's words. Whether that mail exists is for the ledger to say.
 */
import type { BounceRecipient, Mail, MailBounce } from '#shared/mail.ts'
import type { ReportKind, SentReport } from '#shared/run.ts'
import { cleanAnswer } from '../clean-answer.ts'
import { runOfMessageId } from '../message-id.ts'

/** null for nearly every mail. */
export function reportOf(mail: Pick<Mail, 'bounce' | 'inReplyTo' | 'references'>): SentReport | null {
  const { bounce } = mail
  if (bounce === null) return null
  // Servers that return nothing of the mail still thread their report to it.
  for (const id of [bounce.messageId, mail.inReplyTo, ...mail.references.toReversed()]) {
    const run = runOfMessageId(id)
    if (run !== null) return { run, messageId: `<${id.trim().replace(/^<|>$/g, '')}>`, kind: kindOf(bounce), told: bounce.recipients.map((recipient) => toldOf(recipient, bounce)) }
  }
  return null
}

/** By the bounce's kind, or by one recipient's action, which are the same words. */
const kinds = new Map<string, ReportKind>(Object.entries({ failed: 'bounced', delayed: 'delayed', delivered: 'delivered', relayed: 'delivered', expanded: 'delivered', complaint: 'complained' } satisfies Record<MailBounce['kind'], ReportKind>))
const kindOf = ({ kind }: MailBounce): ReportKind => kinds.get(kind) ?? 'bounced'

function toldOf({ address, action, status, diagnostic, remote }: BounceRecipient, bounce: MailBounce): SentReport['told'][number] {
  // Of a complaint the action is its kind.
  const what = bounce.kind === 'complaint' ? 'complained' : kinds.get(action) ?? kindOf(bounce)
  const words = [status !== '' && !diagnostic.includes(status) ? status : '', diagnostic, what === 'bounced' && diagnostic === '' && remote !== '' ? `said by ${remote}` : '']
  return { address, what, say: cleanAnswer(words.filter((word) => word !== '').join(' ')) }
}
