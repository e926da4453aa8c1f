/** What a person may decide about a mail in the outbox, and about which of its recipients: one rule for the server and for the buttons. */
import { sayError } from './errors.ts'
import type { Recipient, RecipientState, SendEvent, SendView } from './run.ts'

export const decisions = ['send-now', 'retry', 'resend', 'was-sent', 'give-up', 'cancel', 'approve', 'discard'] as const
export type DecisionKind = (typeof decisions)[number]

export interface DecisionRule {
  /** Recipients it is about; the others stay as they are, above all those who have the mail. */
  readonly from: readonly RecipientState[]
  readonly to: RecipientState
  /** For the history. */
  readonly what: SendEvent['what']
  readonly say: string
  /** Said to the recipients' state in place of the server's last words. */
  readonly answer?: string
}
export const decisionRules: Readonly<Record<DecisionKind, DecisionRule>> = {
  // Past its delay and the limits; the line of its server is as closed as it is.
  'send-now': { from: ['ready'], to: 'ready', what: 'decided', say: '' },
  retry: { from: ['refused', 'bounced', 'deferred'], to: 'ready', what: 'decided', say: 'To be tried again now.' },
  resend: { from: ['unknown'], to: 'ready', what: 'decided', say: 'To be sent again.' },
  'was-sent': { from: ['unknown'], to: 'sent', what: 'decided', say: 'Said that it was sent.' },
  'give-up': { from: ['unknown', 'deferred', 'refused', 'bounced'], to: 'given-up', what: 'decided', say: 'Given up.' },
  cancel: { from: ['ready', 'deferred'], to: 'given-up', what: 'decided', say: 'Called off.' },
  approve: { from: ['held'], to: 'ready', what: 'approved', say: '' },
  discard: { from: ['held'], to: 'given-up', what: 'discarded', say: sayError('SEND_DISCARDED'), answer: sayError('SEND_DISCARDED') },
}

/** Whom the decision would be about; nobody where it makes no sense. */
export const concernedBy = (decision: DecisionKind, recipients: readonly Recipient[]): readonly Recipient[] =>
  recipients.filter(({ state }) => decisionRules[decision].from.includes(state))

const open: readonly RecipientState[] = ['refused', 'bounced', 'deferred', 'ready']
/** Those who can be written to anew. Nobody while one of them may have the mail or is just being asked. */
export const editable = (recipients: readonly Recipient[]): readonly Recipient[] =>
  recipients.some(({ state }) => state === 'unknown' || state === 'sending') ? [] : recipients.filter(({ state }) => open.includes(state))

/** Nothing more can be done with the bytes of a row that lost them. */
export const mayDecide = (decision: DecisionKind, send: Pick<SendView, 'recipients' | 'dropped'>): boolean =>
  concernedBy(decision, send.recipients).length > 0 && !(send.dropped && decisionRules[decision].to === 'ready')
