/** Keeps a flow from answering machines: its own mail that came back, and the automatic answers of others. */
import { fault } from '#shared/errors.ts'
import type { Mail } from '#shared/mail.ts'
import { flowHeader } from './compose-mail.ts'

/**
 * Throws SEND_LOOP when the mail was sent by this very flow, or when it is automatic and would be answered. Sending an
 * automatic mail on to somebody else (bounces to a person, newsletters to a team) is no loop.
 */
export function refuseLoop(mail: Mail, recipients: readonly string[], flow: string): void {
  const token = flowHeader.toLowerCase()
  if (mail.headers.some((header) => header.name.toLowerCase() === token && header.value === flow)) {
    throw fault('SEND_LOOP', { reason: 'this mail was sent by this same flow and came back' })
  }
  if (!mail.isAutoReply && !mail.isBounce) return
  const senders = new Set([mail.from, ...mail.fromAll, ...mail.replyTo, ...(mail.sender ? [mail.sender] : [])].map(({ address }) => address.toLowerCase()))
  for (const header of mail.headers) if (header.name.toLowerCase() === 'return-path') senders.add(header.value.replace(/[<>\s]/g, '').toLowerCase())
  const answered = recipients.find((recipient) => senders.has(recipient.toLowerCase()))
  if (answered !== undefined) throw fault('SEND_LOOP', { reason: `${answered} sent ${mail.isBounce ? 'a bounce' : 'an automatic mail'}, and this would answer it` })
}
