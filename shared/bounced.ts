/** What is said of a run whose mail came back: from whom, in the words of the first. */
import { sayError } from './errors.ts'
import type { Recipient } from './run.ts'

export function sayBounced(recipients: readonly Pick<Recipient, 'address' | 'state' | 'answer'>[]): string {
  const came = recipients.filter(({ state }) => state === 'bounced')
  const [first] = came
  return sayError('SEND_BOUNCED', { whom: came.length === 1 ? (first?.address ?? '') : `${came.length} of ${recipients.length} recipients`, answer: first?.answer ?? '' })
}
