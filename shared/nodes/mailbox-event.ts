/** When a mailbox has trouble: the trigger that starts a run when a watched mailbox fails, recovers or is let go. */
import { z } from 'zod'
import { connectionIdSchema } from '../ids.ts'
import { mailboxEvents } from '../mailbox-event.ts'
import { mailboxEventShape } from '../shape.ts'
import { describeNode, field } from './node.ts'

const mailboxChoiceSchema = z.object({
  connection: connectionIdSchema,
  /** Left out: every folder of it that is watched. */
  folder: z.string().min(1).max(250).optional(),
}).strict()

/** Tries go up to five minutes apart, so ten of them are some half an hour. */
const repeatsBeforeAgain = 10

const eventWords = { error: 'can\'t be read', recovered: 'can be read again', stopped: 'is no longer watched' } as const
const shortWords = { error: 'fails', recovered: 'recovers', stopped: 'stops' } as const
const whoseWords: Record<string, string> = { flow: 'the mailboxes of this flow', all: 'every watched mailbox', chosen: 'chosen mailboxes' }

export const mailboxEvent = describeNode({
  kind: 'mailbox-event',
  family: 'receive',
  title: 'When a mailbox has trouble',
  help: 'Starts a run when a mailbox can\'t be read, can be read again, or is no longer watched.',
  trigger: true,
  effect: false,
  ports: { in: false, out: true },
  input: null,
  output: mailboxEventShape,
  config: z.object({
    mailboxes: field(z.enum(['flow', 'all', 'chosen']).default('flow'), {
      title: 'Mailboxes', widget: 'select',
      options: [
        { value: 'flow', label: 'those of this flow', help: 'The ones that its "Receive email" reads' },
        { value: 'all', label: 'all that are watched', help: 'Of every flow that runs' },
        { value: 'chosen', label: 'chosen ones' },
      ],
    }),
    chosen: field(z.array(mailboxChoiceSchema).max(100).default([]), { title: 'Chosen mailboxes', widget: 'mailbox-list', connectionKinds: ['imap', 'pop3'], onlyWhen: { field: 'mailboxes', is: ['chosen'] } }),
    events: field(z.array(z.enum(mailboxEvents)).min(1, 'Choose at least one of the events').max(mailboxEvents.length).default([...mailboxEvents]), {
      title: 'When it', widget: 'choices',
      options: [
        { value: 'error', label: eventWords.error, help: 'At the first try that fails' },
        { value: 'recovered', label: eventWords.recovered, help: 'At the first look that goes well after that' },
        { value: 'stopped', label: eventWords.stopped, help: 'A flow stopped, somebody paused it, or the program ends' },
      ],
    }),
    again: field(z.number().int().min(0).max(10_000).default(repeatsBeforeAgain), {
      title: 'Again after tries', widget: 'number', description: '0 tells of each trouble once.',
    }),
  }).strict().refine((config) => config.mailboxes !== 'chosen' || config.chosen.length > 0, { message: 'Choose at least one mailbox', path: ['chosen'] }),
  card: (config) => {
    const events = Array.isArray(config['events']) ? mailboxEvents.filter((name) => Array.isArray(config['events']) && config['events'].includes(name)) : mailboxEvents
    return {
      subtitle: whoseWords[typeof config['mailboxes'] === 'string' ? config['mailboxes'] : 'flow'] ?? '',
      lines: [{ label: 'When it', value: events.map((name) => shortWords[name]).join(', ') }],
    }
  },
})
export type MailboxEventConfig = z.infer<typeof mailboxEvent.config>
