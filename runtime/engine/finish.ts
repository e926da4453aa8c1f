/** How a run ends: what its sends came to decides its state, its send steps and what it tells the person. */
import { type Problem, sayError } from '#shared/errors.ts'
import type { RecipientState, RunState, StepState } from '#shared/run.ts'
import type { Json } from '#shared/json.ts'

export interface SendResult {
  readonly messageId: string
  /** When the mail was put into the outbox. */
  readonly createdAt: string
  readonly recipients: readonly { readonly address: string; readonly state: RecipientState; readonly answer: string }[]
  /** A person must decide before it goes on. */
  readonly parked: boolean
}

export interface Ending { readonly state: Extract<RunState, 'running' | 'waiting' | 'unknown' | 'done' | 'failed'>; readonly problem: Problem | null }

/** The state of a run with these sends; `running` while one has something left to try right now. */
export function endingOf(sends: readonly SendResult[]): Ending {
  const all = sends.flatMap((send) => send.recipients.map((recipient) => ({ ...recipient, parked: send.parked })))
  const of = (state: RecipientState) => all.filter((recipient) => recipient.state === state)
  if (of('sending').length + of('ready').length > 0) return { state: 'running', problem: null }
  const unknown = of('unknown')
  if (unknown.some((recipient) => recipient.parked)) return { state: 'unknown', problem: { code: 'SEND_UNKNOWN', say: sayError('SEND_UNKNOWN'), where: '' } }
  const [deferred] = of('deferred')
  if (deferred) return { state: 'waiting', problem: { code: 'SEND_DEFERRED', say: sayError('SEND_DEFERRED', { answer: deferred.answer }), where: '' } }
  if (unknown.length > 0) return { state: 'waiting', problem: { code: 'SEND_UNKNOWN', say: sayError('SEND_UNKNOWN'), where: '' } }
  const refused = of('refused')
  if (!refused[0]) return { state: 'done', problem: null }
  return {
    state: 'failed',
    problem: refused.length === all.length
      ? { code: 'SEND_REFUSED', say: sayError('SEND_REFUSED', { answer: refused[0].answer }), where: '' }
      : { code: 'SEND_RECIPIENTS_REFUSED', say: sayError('SEND_RECIPIENTS_REFUSED', { count: refused.length, total: all.length, answer: refused[0].answer }), where: '' },
  }
}

const stepStates: Record<Ending['state'], StepState> = { running: 'running', waiting: 'waiting', unknown: 'unknown', done: 'done', failed: 'failed' }
export const stepStateOf = (ending: Ending): StepState => stepStates[ending.state]

/** What a send step leaves behind (shared/shape.ts sentShape). */
export function sentOutput(send: SendResult): Json {
  const of = (state: RecipientState) => send.recipients.filter((recipient) => recipient.state === state).map((recipient) => recipient.address)
  return { messageId: send.messageId, accepted: of('sent'), refused: of('refused'), answer: send.recipients[0]?.answer ?? '' }
}
