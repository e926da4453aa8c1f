/** Turns what an SMTP attempt brought into what the ledger keeps: each recipient's state, the words for history, the next try. */
import { sayError } from '#shared/errors.ts'
import type { Retry } from '#shared/nodes/send-email.ts'
import type { SendEvent } from '#shared/run.ts'
import type { RecipientOutcome } from '../mail/smtp/sender.ts'
import type { ClaimedSend, SendOutcome } from '../store/store.ts'
import { addMs, retryDelayMs } from './retry.ts'

export interface Attempt {
  readonly send: ClaimedSend
  readonly recipients: readonly RecipientOutcome[]
  readonly retry: Retry
  /** A person, or a look into a folder, decides about unknown ones: there is nothing to wait for before they are asked. */
  readonly choiceIsOpen?: boolean
  readonly at: string
  readonly random: number
}

/** 4xx is put off until the give-up time and refused after it; unknown ones come back at the same rhythm for the flow's choice. */
export function outcomeOf({ send, recipients, retry, choiceIsOpen = false, at, random }: Attempt): SendOutcome {
  // The time that it waited for its turn is not its server's doing: the first "later" is never the last.
  const gaveUp = at >= send.giveUpAt && send.attempts > 0
  const judged = recipients.map((recipient) =>
    recipient.state === 'deferred' && gaveUp
      ? { ...recipient, state: 'refused' as const, answer: sayError('SEND_GAVE_UP', { hours: hoursBetween(send.createdAt, at), answer: recipient.answer }) }
      : recipient)
  const has = (state: RecipientOutcome['state']): boolean => judged.some((recipient) => recipient.state === state)
  const atOnce = choiceIsOpen && has('unknown') && !has('deferred')
  return {
    send: send.id,
    at,
    recipients: judged,
    event: eventOf(judged, at, send.unknown),
    handed: true,
    nextAttemptAt: atOnce ? at : has('deferred') || has('unknown') ? addMs(at, retryDelayMs(retry, send.attempts + 1, random)) : null,
  }
}

/** The mail certainly did not leave, for a reason that is not its own: it is ready as before, within the time it has. */
export function notSentOf(send: ClaimedSend, at: string, say: string): SendOutcome {
  const gaveUp = at >= send.giveUpAt
  const answer = gaveUp ? sayError('SEND_GAVE_UP', { hours: hoursBetween(send.createdAt, at), answer: say }) : say
  return {
    send: send.id,
    at,
    recipients: send.recipients.map((address) => ({ address, state: gaveUp ? 'refused' : 'ready', answer })),
    event: { at, what: gaveUp ? 'refused' : 'deferred', say: answer },
    nextAttemptAt: null,
  }
}

function eventOf(recipients: readonly RecipientOutcome[], at: string, again: boolean): SendEvent {
  const first = (state: RecipientOutcome['state']) => recipients.find((recipient) => recipient.state === state)
  const unknown = first('unknown')
  if (unknown) return { at, what: 'unknown', say: unknown.answer || sayError('SEND_UNKNOWN') }
  const deferred = first('deferred')
  if (deferred) return { at, what: 'deferred', say: sayError('SEND_DEFERRED', { answer: deferred.answer }) }
  const refused = first('refused')
  if (refused) return { at, what: 'refused', say: sayError('SEND_REFUSED', { answer: refused.answer }) }
  const answer = recipients[0]?.answer ?? ''
  return again
    ? { at, what: 'resent', say: `Sent again with the same Message-ID, because it was not known whether the first try went out. ${answer}`.trim() }
    : { at, what: 'sent', say: answer }
}

const hoursBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 360_000) / 10
