/** How a run ends: what its sends came to decides its state, its send steps and what it tells the person. */
import { sayBounced } from '#shared/bounced.ts'
import { type Problem, sayError } from '#shared/errors.ts'
import type { EndedState, RecipientState, RunState, StepState } from '#shared/run.ts'
import type { Json } from '#shared/json.ts'

export interface SendResult {
  /** Why it is held, while it is. */
  readonly held?: string
  readonly messageId: string
  /** When the mail was put into the outbox. */
  readonly createdAt: string
  readonly recipients: readonly { readonly address: string; readonly state: RecipientState; readonly answer: string }[]
  /** A person must decide before it goes on. */
  readonly parked: boolean
}

export interface Ending { readonly state: Extract<RunState, 'running' | 'waiting' | 'unknown' | EndedState>; readonly problem: Problem | null }

/** The state of a run with these sends; `running` while one has something left to try right now. */
export function endingOf(sends: readonly SendResult[]): Ending {
  const all = sends.flatMap((send) => send.recipients.map((recipient) => ({ ...recipient, parked: send.parked, held: send.held })))
  const of = (state: RecipientState) => all.filter((recipient) => recipient.state === state)
  if (of('sending').length + of('ready').length > 0) return { state: 'running', problem: null }
  const unknown = of('unknown')
  if (unknown.some((recipient) => recipient.parked)) return { state: 'unknown', problem: { code: 'SEND_UNKNOWN', say: sayError('SEND_UNKNOWN'), where: '' } }
  const [held] = of('held')
  if (held) return { state: 'waiting', problem: { code: 'SEND_HELD', say: sayError('SEND_HELD', { reason: held.held ?? '' }), where: '' } }
  const [deferred] = of('deferred')
  if (deferred) return { state: 'waiting', problem: { code: 'SEND_DEFERRED', say: sayError('SEND_DEFERRED', { answer: deferred.answer }), where: '' } }
  if (unknown.length > 0) return { state: 'waiting', problem: { code: 'SEND_UNKNOWN', say: sayError('SEND_UNKNOWN'), where: '' } }
  const refused = of('refused')
  if (!refused[0]) return of('bounced').length > 0 ? { state: 'bounced', problem: { code: 'SEND_BOUNCED', say: sayBounced(all), where: '' } } : { state: 'done', problem: null }
  const discarded = sayError('SEND_DISCARDED')
  if (refused.every(({ answer }) => answer === discarded)) return { state: 'failed', problem: { code: 'SEND_DISCARDED', say: discarded, where: '' } }
  return {
    state: 'failed',
    problem: refused.length === all.length
      ? { code: 'SEND_REFUSED', say: sayError('SEND_REFUSED', { answer: refused[0].answer }), where: '' }
      : { code: 'SEND_RECIPIENTS_REFUSED', say: sayError('SEND_RECIPIENTS_REFUSED', { count: refused.length, total: all.length, answer: refused[0].answer }), where: '' },
  }
}

const stepStates: Record<Ending['state'], StepState> = { running: 'running', waiting: 'waiting', unknown: 'unknown', done: 'done', failed: 'failed', bounced: 'bounced' }
export const stepStateOf = (ending: Ending): StepState => stepStates[ending.state]

/** What a send step leaves behind (shared/shape.ts sentShape). */
export function sentOutput(send: SendResult): Json {
  const of = (...states: readonly RecipientState[]) => send.recipients.filter((recipient) => states.includes(recipient.state)).map((recipient) => recipient.address)
  // What came back had been accepted.
  return { messageId: send.messageId, accepted: of('sent', 'bounced'), refused: of('refused'), answer: send.recipients[0]?.answer ?? '' }
}
