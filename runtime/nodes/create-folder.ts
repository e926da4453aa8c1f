/** Create a folder in a run: asks its mailbox for the folder, which may be there already. */
import type { Behaviour } from './behaviour.ts'
import { fillText } from './fill-text.ts'

export const createFolder: Behaviour<'create-folder'> = async ({ connection, folder }, { scope }) =>
  ({ state: 'asks', request: { do: 'create-folder', connection, folder: await fillText(folder, scope, 'Folder') } })
