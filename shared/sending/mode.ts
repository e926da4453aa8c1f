/** What a send step makes of a mail: a new one, an answer to one, or that mail sent on; the settings that go with it, and what they fill. */
import { z } from 'zod'
import { textOr, type JsonObject } from '../json.ts'
import { field } from '../nodes/node.ts'

export const sendModes = ['new', 'reply', 'reply-all', 'forward'] as const
export type SendMode = (typeof sendModes)[number]

const modeWords: Record<SendMode, string> = { new: 'a new mail', reply: 'a reply', 'reply-all': 'a reply to all', forward: 'the mail, forwarded' }
const group = 'Which mail, and whom'
const answers = ['reply', 'reply-all']

export const modeFields = {
  mode: field(z.enum(sendModes).default('new'), {
    title: 'What is sent', widget: 'select',
    options: [
      { value: 'new', label: modeWords.new, help: 'What is typed or mapped, and nothing else' },
      { value: 'reply', label: modeWords.reply, help: 'To whoever wrote the mail, in its thread' },
      { value: 'reply-all', label: modeWords['reply-all'], help: 'To its writer and all others who got it, but not to ourselves' },
      { value: 'forward', label: modeWords.forward, help: 'To whom you say, with its attachments' },
    ],
  }),
  quote: field(z.enum(['below', 'inline', 'none']).default('below'), {
    title: 'The mail that is answered', widget: 'select', onlyWhen: { field: 'mode', is: answers },
    options: [
      { value: 'below', label: 'stands below the answer' },
      { value: 'inline', label: 'stands first, the answer below it', help: 'Line by line with ">"' },
      { value: 'none', label: 'is left out' },
    ],
  }),
  forwardAs: field(z.enum(['inline', 'attachment']).default('inline'), {
    title: 'The forwarded mail', widget: 'select', onlyWhen: { field: 'mode', is: ['forward'] },
    options: [
      { value: 'inline', label: 'stands in the text', help: 'With its attachments; pictures from the internet are left out, because they tell its sender who looks' },
      { value: 'attachment', label: 'is attached as a file', help: 'Byte for byte as it came, with all its headers' },
    ],
  }),
  of: field(z.string().max(64).default(''), {
    title: 'Which mail', widget: 'mail-of', advanced: true, group, onlyWhen: { field: 'mode', is: ['reply', 'reply-all', 'forward'] },
  }),
  lists: field(z.enum(['author', 'list']).default('author'), {
    title: 'Mail from a mailing list is answered', description: 'Where "Safety" lets lists be answered.', widget: 'select', advanced: true, group, onlyWhen: { field: 'mode', is: answers },
    options: [
      { value: 'author', label: 'to its author', help: 'Also where the list has put its own address under "Reply to"' },
      { value: 'list', label: 'to the list', help: 'Everybody on it gets the answer' },
    ],
  }),
  ours: field(z.string().max(10_000).default(''), {
    title: 'Other addresses of ours', widget: 'addresses', advanced: true, group, onlyWhen: { field: 'mode', is: ['reply-all'] },
    description: 'They get no copy, nor do "From" and the users of the connections',
  }),
} as const

/** What each mode fills by itself; what is typed or mapped goes before it. */
const filledFields: Record<SendMode, readonly string[]> = { new: [], reply: ['to', 'subject'], 'reply-all': ['to', 'cc', 'subject'], forward: ['subject'] }

/** From a draft, which may hold anything. */
export function modeOf(config: JsonObject): SendMode {
  const written = textOr(config['mode'], 'new')
  return sendModes.find((mode) => mode === written) ?? 'new'
}
export const filledByMode = (config: JsonObject): readonly string[] => filledFields[modeOf(config)]

/** For the card. */
export const sayMode = (config: JsonObject): string => modeWords[modeOf(config)]
