/** Receive Email in a run: its output is the mail that started the run. */
import { fault } from '#shared/errors.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Behaviour } from './behaviour.ts'

export const receiveEmail: Behaviour<'receive-email'> = (config, { mail }) => {
  if (mail === null) throw fault('RUN_STEP_FAILED', { reason: 'This run was started without a mail.' })
  if (config.unreadable === 'put-aside' && mail.truncated.length > 0) {
    throw fault('MAIL_UNREADABLE', { reason: `over the limit or broken: ${mail.truncated.join(', ')}` })
  }
  // A Mail is JSON through and through; an interface only lacks the index signature to say so.
  return { state: 'done', output: mail as unknown as JsonObject }
}
