/** How a run ends: what its sends came to decides its state, its send steps and what it tells the person. */
import { sayBounced } from '#shared/bounced.ts'
import { type Problem, sayError } from '#shared/errors.ts'
import type { NodeId } from '#shared/ids.ts'
import type { EndedState, RecipientState, RunState, SendView, StepState } from '#shared/run.ts'
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
  if (!refused[0]) {
    const givenUp = of('given-up')
    if (of('bounced').length > 0) return { state: 'bounced', problem: { code: 'SEND_BOUNCED', say: sayBounced(all), where: '' } }
    const discarded = sayError('SEND_DISCARDED')
    if (givenUp.length > 0 && givenUp.every(({ answer }) => answer === discarded)) return { state: 'failed', problem: { code: 'SEND_DISCARDED', say: discarded, where: '' } }
    return givenUp.length > 0 ? { state: 'failed', problem: givenUpProblem(givenUp, all.length) } : { state: 'done', problem: null }
  }
  return {
    state: 'failed',
    problem: refused.length === all.length
      ? { code: 'SEND_REFUSED', say: sayError('SEND_REFUSED', { answer: refused[0].answer }), where: '' }
      : { code: 'SEND_RECIPIENTS_REFUSED', say: sayError('SEND_RECIPIENTS_REFUSED', { count: refused.length, total: all.length, answer: refused[0].answer }), where: '' },
  }
}

function givenUpProblem(givenUp: SendResult['recipients'], total: number): Problem {
  const answer = givenUp.find((recipient) => recipient.answer !== '')?.answer ?? ''
  return { code: 'SEND_GIVEN_UP', say: sayError('SEND_GIVEN_UP', { count: givenUp.length, total, answer }), where: '' }
}

/** How each send step of a run stands: a row and its edited copies are one mail, and who went over to a copy counts there. */
export function resultsOf(sends: readonly SendView[]): readonly { readonly node: NodeId; readonly result: SendResult }[] {
  const byNode = Map.groupBy(sends, (send) => send.node)
  return [...byNode].map(([node, rows]) => ({ node, result: rows.map(resultOf).reduce(continued) }))
}

const resultOf = (send: SendView): SendResult => ({
  messageId: send.messageId,
  createdAt: send.createdAt,
  recipients: send.recipients.filter((recipient) => recipient.state !== 'replaced'),
  ...(send.state === 'held' ? { held: send.history.findLast(({ what }) => what === 'held')?.say ?? '' } : {}),
  parked: send.history.findLast((event) => event.what === 'parked' || event.what === 'decided')?.what === 'parked',
})

const continued = (before: SendResult, copy: SendResult): SendResult =>
  ({ ...before, messageId: copy.messageId, recipients: [...before.recipients, ...copy.recipients], parked: before.parked || copy.parked })

const stepStates: Record<Ending['state'], StepState> = { running: 'running', waiting: 'waiting', unknown: 'unknown', done: 'done', failed: 'failed', bounced: 'bounced' }
export const stepStateOf = (ending: Ending): StepState => stepStates[ending.state]

/** What a send step leaves behind (shared/shape.ts sentShape). */
export function sentOutput(send: SendResult): Json {
  const of = (...states: readonly RecipientState[]) => send.recipients.filter((recipient) => states.includes(recipient.state)).map((recipient) => recipient.address)
  // What came back had been accepted.
  return { messageId: send.messageId, accepted: of('sent', 'bounced'), refused: of('refused'), answer: send.recipients[0]?.answer ?? '' }
}
