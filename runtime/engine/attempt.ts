/** One mail handed to its server, and what that came to; never rejects. */
import { problemOf } from '#shared/errors.ts'
import { defaultRetry, type SendEmailConfig } from '#shared/nodes/send-email.ts'
import type { Clock } from '../clock.ts'
import { at } from '../faults.ts'
import type { Sender } from '../mail/smtp/sender.ts'
import type { ClaimedSend, SendOutcome } from '../store/store.ts'
import { notSentOf, outcomeOf } from './outcome.ts'
import { configOf, type Versions } from './versions.ts'

export interface AttemptDeps { readonly versions: Versions; readonly clock: Clock; readonly random: () => number }

/** With a fault the connection is at fault and not the mail, which certainly did not leave and waits for the line. */
export async function attempt(send: ClaimedSend, sender: Sender, { versions, clock, random }: AttemptDeps): Promise<{ readonly outcome: SendOutcome; readonly fault: unknown }> {
  const { retry, onUnknown } = await rulesOf(send, versions)
  try {
    const { recipients } = await sender.deliver({ from: send.from, to: send.recipients }, send.raw)
    at('after-smtp-answer')
    return { outcome: outcomeOf({ send, recipients, retry, park: onUnknown === 'park', at: clock.now(), random: random() }), fault: null }
  } catch (error) {
    return { outcome: notSentOf(send, clock.now(), problemOf(error).say), fault: error }
  }
}

/** The mail is composed and goes out whatever became of its flow; only its rhythm and who decides is read from there. */
const rulesOf = (send: ClaimedSend, versions: Versions): Promise<Pick<SendEmailConfig, 'retry' | 'onUnknown'>> =>
  versions.get(send.flow, send.version).then((flow) => configOf(flow, send.node, 'send-email')).catch(() => ({ retry: defaultRetry, onUnknown: 'resend' as const }))
