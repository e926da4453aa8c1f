/** The mail that a send step answers or sends on: the one that started the run, or the one that a step in front has fetched. */
import { fault } from '#shared/errors.ts'
import { isJsonObject } from '#shared/json.ts'
import type { Mail } from '#shared/mail.ts'
import type { Original } from '../mail/compose/answer-mail.ts'
import { fetchedName } from './fetched-mail.ts'
import type { StepContext } from './behaviour.ts'

/** @param of the step that fetched it; '' for the mail that started the run */
export function originalOf(of: string, { job, mail, scope, fetched }: StepContext): Original {
  const ours = job.ours ?? []
  if (of !== '') return { mail: fetched.get(of)?.mail ?? fetchedMail(of, scope[of]), wholeRef: `mail:${fetchedName(job.mail, of)}/whole`, ours }
  if (mail === null) throw fault('SEND_NO_MAIL', { reason: 'something that happened to a mailbox started this run' }, 'mode')
  return { mail, wholeRef: `mail:${job.mail}/whole`, ours }
}

function fetchedMail(step: string, output: StepContext['scope'][string] | undefined): Mail {
  if (output === undefined || !isJsonObject(output) || !Array.isArray(output['attachments'])) throw fault('SEND_NO_MAIL', { reason: `the step "${step}" has fetched none` }, 'of')
  // The answer of a fetch is a Mail through and through (mailbox-actions.ts).
  return output as unknown as Mail
}
