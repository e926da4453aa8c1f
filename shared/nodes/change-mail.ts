/** Change a mail: moves, copies, marks or deletes a mail on its server, in the middle of a run. */
import { z } from 'zod'
import { connectionIdSchema } from '../ids.ts'
import { textOr } from '../json.ts'
import { keywordPattern } from '../mail-search.ts'
import { changeActions, changeWords, type ChangeAction } from '../mailbox-action.ts'
import { changedShape } from '../shape.ts'
import { pointerOptions } from './fetch-mail.ts'
import { describeNode, field, sayHoles } from './node.ts'

const other = { field: 'which', is: ['other'] } as const
const isAction = (value: unknown): value is ChangeAction => changeActions.some((action) => action === value)

export const changeMail = describeNode({
  kind: 'change-mail',
  family: 'mailbox',
  title: 'Change a mail',
  help: 'Moves, copies, marks or deletes a mail on its server.',
  trigger: false,
  effect: true,
  ports: { in: true, out: true },
  input: null,
  output: changedShape,
  config: z.object({
    do: field(z.enum(changeActions).default('move'), { title: 'What to do', widget: 'select', options: changeActions.map((value) => ({ value, label: changeWords[value] })) }),
    target: field(z.string().max(250).default(''), {
      title: 'To the folder', widget: 'folder', template: true, description: 'A folder that is not there is made.', onlyWhen: { field: 'do', is: ['move', 'copy'] },
    }),
    keyword: field(z.string().max(100).default(''), { title: 'Keyword', widget: 'text', placeholder: 'invoice', onlyWhen: { field: 'do', is: ['add-keyword', 'remove-keyword'] } }),
    which: field(z.enum(['run', 'other']).default('run'), {
      title: 'Which mail', widget: 'select',
      options: [{ value: 'run', label: 'the mail that started this run' }, { value: 'other', label: 'another mail', help: 'One that an earlier step has found, for example' }],
    }),
    connection: field(connectionIdSchema.optional(), { title: 'Connection', widget: 'connection', connectionKinds: ['imap', 'pop3'], onlyWhen: other }),
    folder: field(z.string().min(1, 'Choose the folder').max(250).default('INBOX'), { title: 'Folder', widget: 'folder', template: true, onlyWhen: other }),
    by: field(z.enum(['uid', 'message-id']).default('uid'), { title: 'The mail is named by', widget: 'select', options: pointerOptions, onlyWhen: other }),
    mail: field(z.string().trim().max(1000).default(''), { title: 'Mail', widget: 'text', template: true, placeholder: '{{find.first.uid}}', onlyWhen: other }),
  }).strict()
    .refine((config) => (config.do !== 'move' && config.do !== 'copy') || config.target.trim() !== '', { message: 'Choose the folder', path: ['target'] })
    .refine((config) => (config.do !== 'add-keyword' && config.do !== 'remove-keyword') || keywordPattern.test(config.keyword), { message: 'A keyword has letters, digits, "$", "_" and "-" only', path: ['keyword'] })
    .refine((config) => config.which === 'run' || config.mail !== '', { message: 'Say which mail', path: ['mail'] }),
  card: (config) => {
    const action = isAction(config['do']) ? config['do'] : 'move'
    const needsFolder = action === 'move' || action === 'copy'
    return {
      subtitle: config['which'] === 'other' ? textOr(config['connection'], 'no mailbox chosen yet') : 'the mail of the run',
      lines: [
        { label: 'Do', value: needsFolder ? `${action} to ${sayHoles(textOr(config['target'], '?'))}` : `${changeWords[action]}${/keyword/.test(action) ? `: ${textOr(config['keyword'], '?')}` : ''}` },
        ...(config['which'] === 'other' ? [{ label: 'Which', value: sayHoles(textOr(config['mail'], 'not said yet')) }] : []),
      ],
    }
  },
})
export type ChangeMailConfig = z.infer<typeof changeMail.config>
