/** Fetch a mail: reads one mail of a folder whole, in the middle of a run, and leaves it as it is. */
import { z } from 'zod'
import { connectionIdSchema } from '../ids.ts'
import { textOr } from '../json.ts'
import { mailShape } from '../shape.ts'
import { describeNode, field, sayHoles } from './node.ts'

/** How a step names another mail than the run's own. */
export const pointerOptions = [
  { value: 'uid', label: 'its number in the folder', help: 'As "Find mails" and "Receive email" give it' },
  { value: 'message-id', label: 'its Message-ID', help: 'Stays the same when the mail is moved' },
] as const

export const fetchMail = describeNode({
  kind: 'fetch-mail',
  family: 'mailbox',
  title: 'Fetch a mail',
  help: 'Reads one mail of a folder, so that later steps can use it.',
  trigger: false,
  effect: false,
  ports: { in: true, out: true },
  input: null,
  output: mailShape,
  config: z.object({
    connection: field(connectionIdSchema, { title: 'Connection', widget: 'connection', connectionKinds: ['imap', 'pop3'] }),
    folder: field(z.string().min(1, 'Choose the folder').max(250).default('INBOX'), { title: 'Folder', widget: 'folder', template: true }),
    by: field(z.enum(['uid', 'message-id']).default('uid'), { title: 'The mail is named by', widget: 'select', options: pointerOptions }),
    mail: field(z.string().trim().min(1, 'Say which mail').max(1000), { title: 'Which mail', widget: 'text', template: true, placeholder: '{{find.first.uid}}' }),
  }).strict(),
  card: (config) => ({
    subtitle: textOr(config['connection'], 'no mailbox chosen yet'),
    lines: [{ label: 'From', value: sayHoles(textOr(config['folder'], 'INBOX')) }, { label: 'Which', value: sayHoles(textOr(config['mail'], 'not said yet')) }],
  }),
})
export type FetchMailConfig = z.infer<typeof fetchMail.config>
