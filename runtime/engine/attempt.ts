/** One mail handed to its server, and what that came to; never rejects. */
import { fault, problemOf } from '#shared/errors.ts'
import { defaultRetry, type SendEmailConfig } from '#shared/nodes/send-email.ts'
import type { Clock } from '../clock.ts'
import { at } from '../faults.ts'
import { copyWanted } from '#shared/sending/copy.ts'
import { asksReports } from '#shared/sending/reports.ts'
import type { Delivery, Envelope, Sender } from '../mail/smtp/sender.ts'
import type { ClaimedSend, SendOutcome } from '../store/store.ts'
import { notSentOf, outcomeOf } from './outcome.ts'
import { configOf, type Versions } from './versions.ts'

export interface AttemptDeps { readonly versions: Versions; readonly clock: Clock; readonly random: () => number }

export type SendRules = Pick<SendEmailConfig, 'retry' | 'onUnknown' | 'notify' | 'returned' | 'copy' | 'copyTo'>

/** Is with the sender when it returns. With a fault the connection is at fault and not the mail, which certainly did not leave and waits for the line. */
export async function attempt(send: ClaimedSend, { retry, onUnknown, notify, returned, ...rules }: SendRules, sender: Sender, { clock, random }: AttemptDeps): Promise<{ readonly outcome: SendOutcome; readonly fault: unknown; readonly trouble: string | null }> {
  const copy = copyWanted(rules)
  const wish: Pick<Envelope, 'reports'> = asksReports({ notify, returned }) ? { reports: { notify, returned, envelopeId: send.id.slice(0, longestEnvelopeId) } } : {}
  try {
    const delivery = await sender.deliver({ from: send.from, to: send.recipients, ...wish }, send.raw)
    at('after-smtp-answer')
    const answer = delivery.recipients[0]?.answer ?? ''
    // Turned away at the door: that is no word about this mail, which waits with all others until the server takes any.
    if (beforeMail.has(delivery.stage)) throw fault('SEND_SERVER_BUSY', { answer })
    const recipients = withReportNote(delivery)
    const outcome = outcomeOf({ send, recipients, retry, choiceIsOpen: onUnknown !== 'resend', at: clock.now(), random: random() })
    return { outcome: copy ? { ...outcome, copy } : outcome, fault: null, trouble: delivery.trouble === true ? answer : null }
  } catch (error) {
    return { outcome: notSentOf(send, clock.now(), problemOf(error).say), fault: error, trouble: null }
  }
}

const beforeMail: ReadonlySet<Delivery['stage']> = new Set(['greeting', 'ehlo'])

/** The mail is composed and goes out whatever became of its flow; only its rhythm and who decides is read from there. */
export const rulesOf = (send: ClaimedSend, versions: Versions): Promise<SendRules> =>
  versions.get(send.flow, send.version).then((flow) => configOf(flow, send.node, 'send-email')).catch(() => ({ retry: defaultRetry, onUnknown: 'resend' as const, notify: [], returned: 'usual' as const, copy: 'no' as const }))

/** RFC 3461 section 4.4. */
const longestEnvelopeId = 100

/** A wish that the server could not take is told beside its answer, in the step's output and the history. */
const withReportNote = ({ recipients, noReports }: Delivery): Delivery['recipients'] =>
  (noReports !== true ? recipients : recipients.map((one) => (one.state === 'sent' ? { ...one, answer: `${one.answer} (No delivery reports: this server does not offer them.)`.trim() } : one)))
