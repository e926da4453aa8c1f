/** Find mails: lists the mails of a folder that match a search, in the middle of a run. */
import { z } from 'zod'
import { connectionIdSchema } from '../ids.ts'
import { textOr } from '../json.ts'
import { mailSearchSchema, saySearch } from '../mail-search.ts'
import { foundShape } from '../shape.ts'
import { describeNode, field, sayHoles } from './node.ts'

export const findMails = describeNode({
  kind: 'find-mails',
  family: 'mailbox',
  title: 'Find mails',
  help: 'Lists the mails of a folder that match a search.',
  trigger: false,
  effect: false,
  ports: { in: true, out: true },
  input: null,
  output: foundShape,
  config: z.object({
    connection: field(connectionIdSchema, { title: 'Connection', widget: 'connection', connectionKinds: ['imap', 'pop3'] }),
    folder: field(z.string().min(1, 'Choose the folder').max(250).default('INBOX'), { title: 'Folder', widget: 'folder', template: true }),
    search: field(mailSearchSchema.default({}), { title: 'Which mails', widget: 'search', template: true }),
    limit: field(z.number().int().min(1).max(100).default(10), { title: 'List at most', widget: 'number', description: 'All that match are counted; so many are listed.' }),
    order: field(z.enum(['newest', 'oldest']).default('newest'), {
      title: 'First in the list', widget: 'select', options: [{ value: 'newest', label: 'the newest' }, { value: 'oldest', label: 'the oldest' }],
    }),
  }).strict(),
  card: (config) => {
    const search = mailSearchSchema.safeParse(config['search'] ?? {})
    return {
      subtitle: textOr(config['connection'], 'no mailbox chosen yet'),
      lines: [{ label: 'In', value: sayHoles(textOr(config['folder'], 'INBOX')) }, { label: 'Which', value: search.success ? sayHoles(saySearch(search.data)) : 'not said yet' }],
    }
  },
})
export type FindMailsConfig = z.infer<typeof findMails.config>
