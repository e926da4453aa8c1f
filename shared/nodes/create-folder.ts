/** Create a folder: makes a folder in a mailbox unless it is there, in the middle of a run. */
import { z } from 'zod'
import { connectionIdSchema } from '../ids.ts'
import { textOr } from '../json.ts'
import { madeFolderShape } from '../shape.ts'
import { describeNode, field, sayHoles } from './node.ts'

export const createFolder = describeNode({
  kind: 'create-folder',
  family: 'mailbox',
  title: 'Create a folder',
  help: 'Makes a folder in a mailbox, unless it is there already.',
  trigger: false,
  effect: true,
  ports: { in: true, out: true },
  input: null,
  output: madeFolderShape,
  config: z.object({
    connection: field(connectionIdSchema, { title: 'Connection', widget: 'connection', connectionKinds: ['imap'] }),
    folder: field(z.string().trim().min(1, 'Name the folder').max(250), { title: 'Folder', widget: 'folder', template: true, placeholder: 'Customers/{{receive.from.domain}}' }),
  }).strict(),
  card: (config) => ({
    subtitle: textOr(config['connection'], 'no mailbox chosen yet'),
    lines: [{ label: 'Folder', value: sayHoles(textOr(config['folder'], 'not named yet')) }],
  }),
})
export type CreateFolderConfig = z.infer<typeof createFolder.config>
