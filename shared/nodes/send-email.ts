/** Send Email: writes the mail into the outbox and sees it accepted by the SMTP server. */
import { z } from 'zod'
import { connectionIdSchema } from '../ids.ts'
import { isJsonObject, type Json, textOr } from '../json.ts'
import { addressingFields, addressLine } from '../sending/addressing.ts'
import { copyFields, copyProblem, probeField } from '../sending/copy.ts'
import { guardFields } from '../sending/guard.ts'
import { headersOfMarks, markFields, oneClickProblem } from '../sending/marks.ts'
import { ownHeaderFields } from '../sending/own-headers.ts'
import { reportFields } from '../sending/reports.ts'
import { readUnsubscribe } from '../sending/unsubscribe.ts'
import { attachmentFields } from '../sending/attachments.ts'
import { modeFields, modeOf, sayMode } from '../sending/mode.ts'
import { outgoingShape, sentShape } from '../shape.ts'
import { paceFields } from '../sending/pace-fields.ts'
import { describeNode, field } from './node.ts'

export const retrySchema = z.object({
  firstSeconds: z.number().min(1).max(86_400).default(300),
  factor: z.number().min(1).max(10).default(2),
  maxSeconds: z.number().min(1).max(86_400).default(4000),
  giveUpHours: z.number().min(0.01).max(720).default(120),
}).strict()
export type Retry = z.infer<typeof retrySchema>
/** Postfix's own rhythm (postconf minimal_backoff_time 300 s, maximal_backoff_time 4000 s, maximal_queue_lifetime 5 d). */
export const defaultRetry: Retry = { firstSeconds: 300, factor: 2, maxSeconds: 4000, giveUpHours: 120 }

const sayRetry = (value: Json): string => {
  const hours = isJsonObject(value) ? value['giveUpHours'] : undefined
  return typeof hours === 'number' ? `tries for ${hours >= 48 && hours % 24 === 0 ? `${hours / 24} days` : `${hours} h`}` : 'tries again'
}
const groups = { body: 'HTML', delivery: 'When sending is not certain' } as const

const unknownWords: Record<string, string> = { resend: 'resend, same id', park: 'ask a person', probe: 'look it up' }

export const sendEmail = describeNode({
  kind: 'send-email',
  family: 'send',
  title: 'Send email',
  help: 'Sends one mail and keeps it until the server has accepted it.',
  trigger: false,
  effect: true,
  ports: { in: true, out: true },
  input: outgoingShape,
  output: sentShape,
  config: z.object({
    ...modeFields,
    connection: field(connectionIdSchema, { title: 'Connection', widget: 'connection', connectionKinds: ['smtp'] }),
    from: field(z.string().min(1, 'Say who the mail is from').max(1000), { title: 'From', widget: 'addresses', one: true, placeholder: 'Support <support@example.org>' }),
    to: field(addressLine, { template: true, title: 'To', widget: 'addresses', placeholder: 'ann@example.org, Desk <desk@example.org>' }),
    cc: field(addressLine, { template: true, title: 'Cc', widget: 'addresses' }),
    bcc: field(addressLine, { template: true, title: 'Bcc', widget: 'addresses' }),
    subject: field(z.string().max(2000).default(''), { template: true, title: 'Subject', widget: 'text' }),
    text: field(z.string().max(200_000).default(''), { template: true, title: 'Text', widget: 'textarea' }),
    html: field(z.string().max(500_000).default(''), { template: true, title: 'HTML', widget: 'textarea', advanced: true, group: groups.body }),
    ...addressingFields,
    ...markFields,
    ...ownHeaderFields,
    ...attachmentFields,
    ...guardFields,
    priority: field(z.enum(['mapped', 'form']).default('mapped'), {
      title: 'When a field is both typed here and mapped', widget: 'select',
      options: [
        { value: 'mapped', label: 'the mapped value wins', help: 'What is typed here is the default' },
        { value: 'form', label: 'what is typed here wins', help: 'The mapped value is the default' },
      ],
    }),
    onUnknown: field(z.enum(['resend', 'park', 'probe']).default('resend'), {
      title: 'If the server\'s answer got lost', widget: 'select', advanced: true, group: groups.delivery,
      options: [
        { value: 'resend', label: 'send the same mail again', help: 'Never lost; the same Message-ID lets the receiver drop a double' },
        { value: 'park', label: 'hold it for a person', help: 'Never doubled; somebody decides in the outbox' },
        { value: 'probe', label: 'look it up in a folder first', help: 'Searches a folder for the mail, then decides' },
      ],
    }),
    probe: probeField(groups.delivery),
    retry: field(retrySchema.default(defaultRetry), { title: 'When the server says "later"', widget: 'retry', advanced: true, group: groups.delivery, sayValue: sayRetry }),
    ...reportFields,
    ...copyFields,
    ...paceFields,
  }).strict().refine((config) => config.bouncesTo !== 'address' || config.returnPath.trim() !== '', { message: 'Say where bounces go', path: ['returnPath'] })
    .superRefine((config, context) => {
      const copy = copyProblem(config)
      if (copy !== null) context.addIssue({ code: 'custom', ...copy })
      const message = oneClickProblem(config)
      if (message !== null) context.addIssue({ code: 'custom', message, path: ['oneClick'] })
      const written = headersOfMarks(config.importance, readUnsubscribe(config.listUnsubscribe).links, config.oneClick)
      for (const [at, { name }] of config.headers.entries()) {
        if (written.includes(name.toLowerCase())) context.addIssue({ code: 'custom', message: `The header "${name}" is written by another setting of this step. Remove it here.`, path: ['headers', at, 'name'] })
      }
    }),
  card: (config) => ({
    subtitle: config['connection'] ? `via ${textOr(config['connection'], '?')}` : 'no connection chosen yet',
    lines: [
      ...(modeOf(config) === 'new' ? [] : [{ label: 'Sends', value: sayMode(config) }]),
      { label: 'From', value: textOr(config['from'], 'not said yet') },
      { label: 'If unsure', value: unknownWords[textOr(config['onUnknown'], 'resend')] ?? '' },
    ],
  }),
})
export type SendEmailConfig = z.infer<typeof sendEmail.config>
