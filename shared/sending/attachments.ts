/** Which attachments go along with a mail, under which names, and what becomes of a mail that is too large: the settings and how they are read. */
import { z } from 'zod'
import { field } from '../nodes/node.ts'
import type { Json } from '../json.ts'
import type { Shape } from '../shape.ts'

/** What the pattern for names may read beside the steps: the file, and its number among those that go along. */
export const renameSources: Readonly<Record<string, Shape>> = {
  attachment: { kind: 'object', title: 'File', fields: { name: { kind: 'text', title: 'File name' }, type: { kind: 'text', title: 'Type' }, size: { kind: 'number', title: 'Size in bytes' } } },
  n: { kind: 'number', title: 'Number of the file' },
}

const group = 'Attachments'
const list = z.string().max(1000).default('')
const sayMb = (value: Json): string => (typeof value === 'number' && value > 0 ? `${value} MB each` : '')
export const tooLargeChoices = ['fail', 'drop-largest', 'without'] as const
export type TooLarge = (typeof tooLargeChoices)[number]
/** 25 MB of files are 35.9 MB as sent, in base64 with its line ends; it is what the server of Gmail announces (SIZE 35882577). */
const usualMb = 36
/** As the screens write sizes. */
export const mb = 1_000_000

export const attachmentFields = {
  filesNamed: field(list, { title: 'Only files named', widget: 'text', advanced: true, group, placeholder: '*.pdf, invoice*', description: 'Between commas; * stands for anything. Empty lets every name go along.' }),
  filesOfType: field(list, { title: 'Only files of type', widget: 'text', advanced: true, group, placeholder: 'application/pdf, image/*', description: 'Empty lets every type go along.' }),
  fileMaxMb: field(z.number().min(0).max(1000).default(0), { title: 'Largest file, in MB', widget: 'number', advanced: true, group, description: '0 lets any size go along.', sayValue: sayMb }),
  mailMaxMb: field(z.number().min(0.01).max(1000).default(usualMb), { title: 'Largest mail, in MB', widget: 'number', advanced: true, group, description: 'As it is sent, which is a third more than the files.', sayValue: (value) => (typeof value === 'number' ? `${value} MB in all` : '') }),
  tooLarge: field(z.enum(tooLargeChoices).default('fail'), {
    title: 'If the mail is larger', widget: 'select', advanced: true, group,
    options: [
      { value: 'fail', label: 'send nothing', help: 'The run fails and says why' },
      { value: 'drop-largest', label: 'leave out the largest files', help: 'The mail says at its end what is missing' },
      { value: 'without', label: 'send it without attachments', help: 'The mail says at its end what is missing' },
    ],
  }),
  inlinePictures: field(z.enum(['keep', 'drop']).default('keep'), {
    title: 'Pictures shown inside the text', widget: 'select', advanced: true, group,
    options: [{ value: 'keep', label: 'go along' }, { value: 'drop', label: 'are left out' }],
  }),
  renameFiles: field(z.string().max(500).default(''), { title: 'Name the files', widget: 'text', template: true, holes: () => renameSources, advanced: true, group, placeholder: '{{receive.from.domain}}-{{n}}-{{attachment.name}}', description: 'Empty keeps their names. The ending stays what it was.' }),
} as const

/** Entries between commas or semicolons. */
export const splitList = (text: string): readonly string[] => text.split(/[,;]/).map((one) => one.trim()).filter((one) => one !== '')

/** Whether a text is like one of the patterns, in which `*` stands for anything and `?` for one letter; upper and lower case are the same. No pattern: yes. */
export function isLikeOne(text: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => isLike(text.normalize('NFC').toLowerCase(), pattern.normalize('NFC').toLowerCase()))
}

/** One star to go back to is enough; the work is the text's length times the pattern's at most. */
function isLike(text: string, pattern: string): boolean {
  let at = 0
  let star = -1
  let from = 0
  let of = 0
  while (at < text.length) {
    if (pattern[of] === '*') {
      star = of
      from = at
      of += 1
    } else if (pattern[of] === '?' || pattern[of] === text[at]) {
      of += 1
      at += 1
    } else if (star >= 0) {
      of = star + 1
      from += 1
      at = from
    } else return false
  }
  while (pattern[of] === '*') of += 1
  return of === pattern.length
}
