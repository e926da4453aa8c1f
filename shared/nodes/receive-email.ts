/** Receive Email: the trigger that watches a mailbox and starts one run per mail. */
import { z } from 'zod'
import { connectionIdSchema } from '../ids.ts'
import { isJsonObject, type JsonObject, textOr } from '../json.ts'
import { keywordPattern, mailSearchSchema, saySearch } from '../mail-search.ts'
import { saySchedule, scheduleSchema } from '../schedule.ts'
import { mailShape } from '../shape.ts'
import { describeNode, field } from './node.ts'

export const afterActions = ['leave', 'mark-seen', 'flag', 'move', 'copy', 'delete'] as const
/** POP3 knows neither marks nor folders (RFC 1939). */
export const pop3Actions: readonly (typeof afterActions)[number][] = ['leave', 'delete']
export const afterSchema = z.object({
  do: z.enum(afterActions),
  /** Target folder of move and copy. */
  folder: z.string().max(250).optional(),
  /** flag: puts this keyword on instead of the flag. */
  keyword: z.string().regex(keywordPattern, 'A keyword has letters, digits, "$", "_" and "-" only').optional(),
  /** delete: not before this many days have passed since the run. */
  days: z.number().int().min(0).max(3650).optional(),
}).strict().refine((after) => (after.do !== 'move' && after.do !== 'copy') || Boolean(after.folder), { message: 'Choose the folder', path: ['folder'] })
  .refine((after) => after.keyword === undefined || after.do === 'flag', { message: 'A keyword goes with "flag" alone. Take it out', path: ['keyword'] })
export type After = z.infer<typeof afterSchema>

export const afterWords: Record<After['do'], string> = {
  leave: 'leave as it is', 'mark-seen': 'mark as read', flag: 'flag', move: 'move', copy: 'copy', delete: 'delete',
}
/** `move to Done`, `flag as invoice`: for cards and history. */
export const sayAction = ({ do: action, folder, keyword }: After): string =>
  (folder ? `${afterWords[action]} to ${folder}` : keyword ? `flag as ${keyword}` : afterWords[action])
const sayAfter = (after: unknown): string => {
  const parsed = afterSchema.safeParse(after)
  if (!parsed.success) return 'not chosen'
  const { do: action, days } = parsed.data
  return action === 'delete' && days ? `delete after ${days} ${days === 1 ? 'day' : 'days'}` : sayAction(parsed.data)
}
const mailboxSchema = z.object({ connection: connectionIdSchema, folder: z.string().min(1).max(250).default('INBOX') }).strict()

/** Every mailbox that a step watches, drafts included: what is not chosen yet is ''. */
export function mailboxesOf(config: Readonly<Record<string, unknown>>): readonly { readonly connection: string; readonly folder: string }[] {
  const also = Array.isArray(config['also']) ? config['also'].filter(isJsonObject) : []
  return [config, ...also].map((one) => ({ connection: textOr(one['connection'], ''), folder: textOr(one['folder'], 'INBOX') }))
}
const sayOthers = (config: JsonObject): string => {
  const others = mailboxesOf(config).length - 1
  return others === 0 ? '' : ` and ${others} more`
}
const sayDelay = (seconds: unknown): string => {
  const value = typeof seconds === 'number' ? seconds : 5
  if (value % 3600 === 0) return `every ${value / 3600} h`
  return value % 60 === 0 ? `every ${value / 60} min` : `every ${value} s`
}

const sayRhythm = (schedule: unknown, delay: unknown, onArrival: boolean): string => {
  const times = scheduleSchema.safeParse(schedule)
  return times.success ? saySchedule(times.data) : `${onArrival ? 'on arrival, ' : ''}${sayDelay(delay)}`
}

const groups = { others: 'Other mailboxes', order: 'Order and unreadable mail', bounces: 'Bounces' } as const

export const receiveEmail = describeNode({
  kind: 'receive-email',
  family: 'receive',
  title: 'Receive email',
  help: 'Watches a mailbox and starts one run for each mail.',
  trigger: true,
  effect: false,
  ports: { in: false, out: true },
  input: null,
  output: mailShape,
  config: z.object({
    connection: field(connectionIdSchema, { title: 'Connection', widget: 'connection', connectionKinds: ['imap', 'pop3'] }),
    folder: field(z.string().min(1).max(250).default('INBOX'), { title: 'Folder', widget: 'folder', imapOnly: true }),
    unseenOnly: field(z.boolean().default(true), { title: 'Only unread mail', widget: 'switch', imapOnly: true }),
    search: field(mailSearchSchema.optional(), {
      title: 'Only mail that matches', widget: 'search', imapOnly: true, without: ['unseen'],
    }),
    schedule: field(scheduleSchema.optional(), { title: 'When to look', widget: 'schedule' }),
    delaySeconds: field(z.number().min(1).max(86_400).default(5), {
      title: 'Look every', widget: 'duration', onlyWhen: { field: 'schedule', is: [''] }, description: 'New mail is noticed at once where the server can tell; this look comes on top.',
    }),
    maxEmails: field(z.number().int().min(-1).refine((n) => n !== 0, 'At least 1, or all').default(5), {
      title: 'At most per look', widget: 'max-emails', description: 'The oldest come first; the rest follow at the next look.',
    }),
    startFrom: field(z.union([z.literal('now'), z.literal('unseen'), z.literal('all'), z.iso.date(), z.iso.datetime()]).default('now'), { title: 'Start with', widget: 'start-from' }),
    after: field(afterSchema.default({ do: 'mark-seen' }), { title: 'When the run went well', widget: 'after' }),
    onFailure: field(afterSchema.default({ do: 'leave' }), { title: 'When it failed', widget: 'after' }),
    order: field(z.enum(['oldest', 'newest']).default('oldest'), {
      title: 'Which first', widget: 'select', advanced: true, group: groups.order,
      options: [
        { value: 'oldest', label: 'the oldest', help: 'Mail runs in the order in which it came' },
        { value: 'newest', label: 'the newest', help: 'When more waits than one look takes, the newest goes first and the rest follows' },
      ],
    }),
    also: field(z.array(mailboxSchema).max(20).default([]), {
      title: 'Also watch', widget: 'mailbox-list', advanced: true, group: groups.others, sayValue: (value) => sayOthers({ also: value }).replace(/^ and /, ''), connectionKinds: ['imap', 'pop3'], placeholder: 'INBOX',
      description: 'Other folders or accounts whose mail runs this flow as well, by the same settings.',
    }),
    bounces: field(z.enum(['run', 'note']).default('run'), {
      title: 'Bounces of mail that was sent from here', widget: 'select', advanced: true, group: groups.bounces,
      description: 'In both cases the run that sent the mail is marked as bounced.',
      options: [
        { value: 'run', label: 'run the flow too', help: 'Like any other mail' },
        { value: 'note', label: 'only note them', help: 'The steps behind this one are left out' },
      ],
    }),
    unreadable: field(z.enum(['run', 'put-aside']).default('run'), {
      title: 'Mail that can\'t be read whole', widget: 'select', advanced: true, group: groups.order,
      options: [
        { value: 'run', label: 'run with what can be read', help: 'The run sees the headers and what was cut off' },
        { value: 'put-aside', label: 'put aside for a person', help: 'The run fails; the bytes are kept' },
      ],
    }),
  }).strict(),
  card: (config, connection) => {
    const search = mailSearchSchema.safeParse(config['search'] ?? {})
    return {
      subtitle: textOr(config['connection'], 'no mailbox chosen yet'),
      lines: [
        { label: 'Folder', value: `${textOr(config['folder'], 'INBOX')}${sayOthers(config)}${config['unseenOnly'] === false || connection === 'pop3' ? '' : ', unread'}` },
        ...(search.success && connection !== 'pop3' && Object.keys(search.data).length > 0 ? [{ label: 'Which', value: saySearch(search.data) }] : []),
        { label: 'Looks', value: sayRhythm(config['schedule'], config['delaySeconds'], connection !== 'pop3') },
        { label: 'Then', value: sayAfter(config['after'] ?? { do: 'mark-seen' }) },
      ],
    }
  },
})
export type ReceiveEmailConfig = z.infer<typeof receiveEmail.config>
