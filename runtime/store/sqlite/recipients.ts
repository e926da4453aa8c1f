/** What the states of a row's recipients make of the row: its own state, and when someone must look at it again. */
import type { Recipient, RecipientState } from '#shared/run.ts'

/** The worst open one first; a row is `sent` only when all of it is. */
const worst: readonly RecipientState[] = ['unknown', 'sending', 'held', 'deferred', 'ready', 'refused', 'bounced', 'given-up', 'replaced', 'sent']

export const stateOfRow = (recipients: readonly Recipient[]): RecipientState =>
  worst.find((state) => recipients.some((recipient) => recipient.state === state)) ?? 'sent'

/** A parked row's unknown recipients wait for a person, never for a timer. */
export const isTryable = (state: RecipientState, parked: boolean): boolean =>
  state === 'ready' || state === 'deferred' || (state === 'unknown' && !parked)

/** null: nothing is left to try, or it is being tried. */
export function dueAtOf(recipients: readonly Recipient[], parked: boolean, nextAttemptAt: string | null, at: string): string | null {
  const of = (state: RecipientState): boolean => recipients.some((recipient) => recipient.state === state)
  if (of('sending')) return null
  if (of('ready')) return at
  if (of('unknown') && !parked) return nextAttemptAt ?? at
  return of('deferred') ? nextAttemptAt : null
}

/** Nothing is left to try, and somebody has the mail. */
export const isTaken = (recipients: readonly Recipient[]): boolean =>
  recipients.some(({ state }) => state === 'sent' || state === 'bounced') && !recipients.some(({ state }) => open.has(state))
const open: ReadonlySet<RecipientState> = new Set<RecipientState>(['ready', 'held', 'sending', 'deferred', 'unknown'])
