/** What a person says about a mail of the outbox: one that nobody knows to be sent, one that is put off, or one that is held. */
import type { Decision } from '#shared/api.ts'
import { fault, sayError } from '#shared/errors.ts'
import type { FlowId, RunId, SendId } from '#shared/ids.ts'
import type { RecipientState, SendEvent } from '#shared/run.ts'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'

export interface DecideDeps {
  readonly store: Pick<Store, 'send' | 'recordOutcome'>
  readonly clock: Clock
  readonly isInHand: (send: SendId) => boolean
  readonly endFromStore: (run: RunId, flow: FlowId) => Promise<void>
  /** The outbox looks for what is due. */
  readonly wake: () => void
}
/** Rejects with RUN_NOT_FOUND when there is no such row, API_BAD_REQUEST when it is not there to be decided so. */
export type Decide = (send: SendId, decision: Decision['do']) => Promise<void>

export const makeDecide = ({ store, clock, isInHand, endFromStore, wake }: DecideDeps): Decide => async (id, decision) => {
  const send = await store.send(id)
  if (!send) throw fault('RUN_NOT_FOUND', { id })
  if (isInHand(id)) throw fault('API_BAD_REQUEST', { reason: 'This mail is being sent right now. Look again in a moment.' })
  const { from, to, what, say } = decisions[decision]
  const open = send.recipients.filter((recipient) => from.includes(recipient.state))
  if (open.length === 0) throw fault('API_BAD_REQUEST', { reason: 'There is nothing to decide about this mail any more.' })
  const now = clock.now()
  await store.recordOutcome({
    send: id, at: now, nextAttemptAt: null, event: { at: now, what, say },
    recipients: open.map((recipient) => ({ address: recipient.address, state: to, answer: decision === 'discard' ? say : recipient.answer })),
  })
  await endFromStore(send.run, send.flow)
  wake()
}

interface Rule { readonly from: readonly RecipientState[]; readonly to: RecipientState; readonly what: SendEvent['what']; readonly say: string }
const undecided: readonly RecipientState[] = ['unknown', 'deferred']
const decisions: Record<Decision['do'], Rule> = {
  resend: { from: undecided, to: 'ready', what: 'decided', say: 'A person chose to send it again.' },
  'was-sent': { from: undecided, to: 'sent', what: 'decided', say: 'A person said that it was sent.' },
  'give-up': { from: undecided, to: 'refused', what: 'decided', say: 'A person gave it up.' },
  approve: { from: ['held'], to: 'ready', what: 'approved', say: '' },
  discard: { from: ['held'], to: 'refused', what: 'discarded', say: sayError('SEND_DISCARDED') },
}
