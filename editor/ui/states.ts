/** The states of runs, steps and sends in words and colour, the same on every screen. */
import type { RecipientState, RunDetail, RunState, SendEvent, SentCopy, StepState } from '#shared/run.ts'
import type { Tone } from './pill.tsx'

export interface StateWords { readonly tone: Tone; readonly say: string }

export const runWords: Record<RunState, StateWords> = {
  queued: { tone: 'quiet', say: 'queued' },
  running: { tone: 'accent', say: 'running' },
  waiting: { tone: 'warn', say: 'waiting' },
  unknown: { tone: 'warn', say: 'needs a decision' },
  done: { tone: 'ok', say: 'done' },
  failed: { tone: 'bad', say: 'failed' },
  bounced: { tone: 'bad', say: 'bounced' },
}
export const stepWords: Record<StepState, StateWords> = {
  done: { tone: 'ok', say: 'done' },
  failed: { tone: 'bad', say: 'failed' },
  waiting: { tone: 'warn', say: 'waiting' },
  unknown: { tone: 'warn', say: 'needs a decision' },
  running: { tone: 'accent', say: 'running' },
  skipped: { tone: 'quiet', say: 'not reached' },
  bounced: { tone: 'bad', say: 'sent, and came back' },
}
export const sendWords: Record<RecipientState, StateWords> = {
  ready: { tone: 'quiet', say: 'to be sent' },
  held: { tone: 'warn', say: 'held for a person' },
  sending: { tone: 'accent', say: 'sending' },
  sent: { tone: 'ok', say: 'sent' },
  deferred: { tone: 'warn', say: 'put off by the server' },
  refused: { tone: 'bad', say: 'not delivered' },
  unknown: { tone: 'warn', say: 'outcome unknown' },
  bounced: { tone: 'bad', say: 'came back' },
  'given-up': { tone: 'quiet', say: 'given up' },
  replaced: { tone: 'quiet', say: 'goes on in an edited copy' },
}
export const eventWords: Record<SendEvent['what'], StateWords> = {
  sent: { tone: 'ok', say: 'Accepted by the server' },
  deferred: { tone: 'warn', say: 'Put off by the server' },
  refused: { tone: 'bad', say: 'Refused by the server' },
  unknown: { tone: 'warn', say: 'Handed over, but the answer got lost' },
  resent: { tone: 'warn', say: 'Sent again after an unknown outcome' },
  looked: { tone: 'warn', say: 'Looked up, not there yet' },
  'look-failed': { tone: 'warn', say: 'Could not be looked up' },
  probed: { tone: 'accent', say: 'Looked up' },
  parked: { tone: 'warn', say: 'Waits for a decision' },
  held: { tone: 'warn', say: 'Held for a person' },
  approved: { tone: 'accent', say: 'A person let it go' },
  discarded: { tone: 'bad', say: 'A person discarded it' },
  decided: { tone: 'accent', say: 'Decided' },
  edited: { tone: 'accent', say: 'Edited' },
  'gave-up': { tone: 'bad', say: 'Given up' },
  bounced: { tone: 'bad', say: 'Came back' },
  delayed: { tone: 'warn', say: 'Delayed on its way' },
  delivered: { tone: 'ok', say: 'Delivered' },
  complained: { tone: 'warn', say: 'Somebody complained' },
}
export const settleWords: Record<RunDetail['settle']['state'], StateWords> = {
  pending: { tone: 'quiet', say: 'still to be done' },
  done: { tone: 'ok', say: 'done' },
  gone: { tone: 'quiet', say: 'the mail was no longer there' },
  failed: { tone: 'bad', say: 'failed' },
}
/** Before the name of the mailbox. */
export const copyWords: Record<SentCopy['state'], StateWords> = {
  waiting: { tone: 'quiet', say: 'A copy is still to be put into' },
  done: { tone: 'ok', say: 'A copy lies in' },
  failed: { tone: 'bad', say: 'No copy could be put into' },
}
