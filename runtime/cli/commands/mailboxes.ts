/** `mailweave mailboxes [look|pause|resume|reconnect CONNECTION [FOLDER]]`. */
import { parseArgs } from 'node:util'
import type { MailboxesView, MailboxView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { Command } from '../command.ts'
import { jsonText, oneLine } from '../plain.ts'
import { connectRemote, remoteOptions } from '../remote.ts'

const acts = ['look', 'pause', 'resume', 'reconnect']

export const mailboxes: Command = async (words) => {
  const { values, positionals: [act = 'list', connection = '', folder = 'INBOX'] } = parseArgs({ args: [...words], options: remoteOptions, allowPositionals: true })
  const known = act === 'list' || (acts.includes(act) && connection !== '')
  if (!known) throw fault('API_BAD_REQUEST', { reason: 'Say what: mailweave mailboxes, or mailweave mailboxes look, pause, resume or reconnect CONNECTION [FOLDER]' })
  const remote = await connectRemote(values)
  const shown = act === 'list' ? (await remote.call<MailboxesView>('GET', '/api/mailboxes')).mailboxes : [await remote.call<MailboxView>('POST', `/api/mailboxes/${act}`, { connection, folder })]
  if (values.json) console.log(jsonText(shown))
  else if (shown.length === 0) console.log('No mailbox is being watched.')
  else for (const box of shown) console.log(oneLine(`${box.connection}/${box.folder}  ${box.health}  last look ${box.lastLookAt ?? 'never'}  last mail ${box.lastMailAt ?? 'never'}  ${box.say || (box.paused ? `paused by ${box.paused.by}` : '')}`))
  return 0
}
