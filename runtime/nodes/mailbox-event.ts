/** When a mailbox has trouble, in a run: its output is what happened to the mailbox. */
import { fault } from '#shared/errors.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Behaviour } from './behaviour.ts'

export const mailboxEvent: Behaviour<'mailbox-event'> = (_config, { event }) => {
  if (event === null) throw fault('RUN_STEP_FAILED', { reason: 'This run was started by a mail and not by a mailbox.' })
  // Texts, numbers and null throughout; an interface only lacks the index signature to say so.
  return { state: 'done', output: event as unknown as JsonObject }
}
