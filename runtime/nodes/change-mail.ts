/** Change a mail in a run: asks the mailbox of the run's mail, or another one, for one change. */
import { fault } from '#shared/errors.ts'
import type { MailChange, MailPointer } from '#shared/mailbox-action.ts'
import type { NodeConfig } from '#shared/nodes/index.ts'
import type { Behaviour, StepContext } from './behaviour.ts'
import { fillPointer, fillText } from './fill-text.ts'

export const changeMail: Behaviour<'change-mail'> = async (config, context) =>
  ({ state: 'asks', request: { do: 'change', ...await placeOf(config, context), change: await changeOf(config, context) } })

async function placeOf(config: NodeConfig<'change-mail'>, { job, scope, mail }: StepContext): Promise<{ readonly connection: string; readonly folder: string; readonly mail: MailPointer }> {
  const { connection, folder, uid } = job.facts
  if (config.which === 'run' && mail === null) throw fault('RUN_STEP_FAILED', { reason: 'This run began with something that happened to a mailbox: there is no mail of its own to change.' })
  if (config.which === 'run') return { connection, folder, mail: { uid } }
  if (config.connection === undefined) throw fault('CONNECTION_NOT_FOUND', { id: '' }, 'connection')
  return { connection: config.connection, folder: await fillText(config.folder, scope, 'Folder'), mail: await fillPointer(config, scope) }
}

async function changeOf({ do: action, target, keyword }: NodeConfig<'change-mail'>, { scope }: StepContext): Promise<MailChange> {
  if (action === 'move' || action === 'copy') return { do: action, folder: await fillText(target, scope, 'To the folder') }
  return action === 'add-keyword' || action === 'remove-keyword' ? { do: action, keyword } : { do: action }
}
