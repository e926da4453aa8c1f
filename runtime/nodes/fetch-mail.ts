/** Fetch a mail in a run: asks its mailbox for one mail, named by what earlier steps left or by what is typed. */
import type { Behaviour } from './behaviour.ts'
import { fillPointer, fillText } from './fill-text.ts'

export const fetchMail: Behaviour<'fetch-mail'> = async (config, { scope }) => ({
  state: 'asks',
  request: { do: 'fetch', connection: config.connection, folder: await fillText(config.folder, scope, 'Folder'), mail: await fillPointer(config, scope) },
})
