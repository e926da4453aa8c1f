/** Send Email, concern "Copy in Sent": whether the sender finds the mail among those sent, and who puts it there. */
import { z } from 'zod'
import { connectionIdSchema } from '../ids.ts'
import { isJsonObject } from '../json.ts'
import { field } from '../nodes/node.ts'

/** `folder` '' is the server's own folder for sent mail. */
const mailboxSchema = z.object({ connection: connectionIdSchema, folder: z.string().max(250).default('') }).strict()
export type CopyMailbox = z.infer<typeof mailboxSchema>
const probeSchema = mailboxSchema.extend({
  /** Not found for this long, it was not sent: servers file a mail some time after they took it. */
  forSeconds: z.number().min(1).max(86_400).default(180),
})
export type Probe = z.infer<typeof probeSchema>
export const defaultProbeSeconds = 180

const group = 'Copy in Sent'
export const copyFields = {
  copy: field(z.enum(['no', 'add', 'server']).default('no'), {
    title: 'Copy of the sent mail', widget: 'select', advanced: true, group,
    options: [
      { value: 'no', label: 'keep none', help: 'The outbox shows every mail anyway' },
      { value: 'add', label: 'put one into a mailbox', help: 'Once the server has taken the mail, marked as read; hidden receivers (Bcc) are not named in it' },
      { value: 'server', label: 'the mail server keeps one itself', help: 'As Gmail and Microsoft 365 do; nothing is added' },
    ],
  }),
  copyTo: field(mailboxSchema.optional(), { title: 'Where it lies', widget: 'probe', advanced: true, group, onlyWhen: { field: 'copy', is: ['add', 'server'] }, sayValue: () => '' }),
} as const

export const probeField = (shownIn: string) => field(probeSchema.optional(), {
  title: 'Folder to look in', widget: 'probe', advanced: true, group: shownIn, onlyWhen: { field: 'onUnknown', is: ['probe'] },
  description: 'With no mailbox named here, it is looked for where the mail server keeps its own copy.',
})

interface Wishes { readonly copy: 'no' | 'add' | 'server'; readonly copyTo?: CopyMailbox | undefined; readonly onUnknown: string; readonly probe?: Probe | undefined }

/** Where a copy is to be put; null when none is. */
export const copyWanted = ({ copy, copyTo }: Pick<Wishes, 'copy' | 'copyTo'>): CopyMailbox | null => (copy === 'add' ? copyTo ?? null : null)

/** Where to look for a mail whose answer got lost; null when nothing was chosen. */
export const probeOf = ({ copy, copyTo, probe }: Omit<Wishes, 'onUnknown'>): Probe | null => probe ?? (copy === 'server' && copyTo ? { ...copyTo, forSeconds: defaultProbeSeconds } : null)

/** What can't work, and at which field; null when all can. */
export function copyProblem(config: Wishes): { readonly message: string; readonly path: string[] } | null {
  const { copy, copyTo, onUnknown, probe } = config
  if (copy !== 'no' && copyTo === undefined) return { message: 'Choose the mailbox', path: ['copyTo'] }
  if (onUnknown !== 'probe') return null
  if (probeOf(config) === null) return { message: 'Choose the folder to look in', path: ['probe'] }
  // Mailweave's own copy comes after the answer, so it is never there while the answer is missing.
  const same = copy === 'add' && probe !== undefined && copyTo !== undefined && probe.connection === copyTo.connection && probe.folder === copyTo.folder
  return same ? { message: 'Only Mailweave\'s own copy lies there, and it is put there after the answer. Choose a folder that the mail server fills', path: ['probe'] } : null
}

/** Connections named there, drafts included. */
export const copyConnections = (config: Readonly<Record<string, unknown>>): readonly string[] =>
  [config['probe'], config['copyTo']].flatMap((one) => (isJsonObject(one) && typeof one['connection'] === 'string' ? [one['connection']] : []))
