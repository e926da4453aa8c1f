/** What a mail says of itself to mail programs: how important it is and how to leave the list. */
import { z } from 'zod'
import { field } from '../nodes/node.ts'
import { type Importance, importanceHeaders, importances } from './importance.ts'
import { isPage, readUnsubscribe } from './unsubscribe.ts'

const group = 'Importance and unsubscribing'

const unsubscribeLine = z.string().max(5000).default('').superRefine((text, context) => {
  const { bad } = readUnsubscribe(text)
  if (bad !== null) context.addIssue({ code: 'custom', message: `"${bad.slice(0, 100)}" in "Unsubscribe links" is no link like https://example.org/leave or mailto:leave@example.org.` })
})

export const markFields = {
  importance: field(z.enum(importances).default('normal'), {
    title: 'Importance', widget: 'select', advanced: true, group,
    options: [{ value: 'normal', label: 'normal' }, { value: 'high', label: 'high importance' }, { value: 'low', label: 'low importance' }],
  }),
  listUnsubscribe: field(unsubscribeLine, {
    title: 'Unsubscribe links', widget: 'text', advanced: true, group, placeholder: 'https://example.org/leave, mailto:leave@example.org',
    description: 'Mail programs show a button for it. A page over https, an address to write to, or both.',
  }),
  oneClick: field(z.boolean().default(false), {
    title: 'Unsubscribe with one click', widget: 'switch', advanced: true, group,
    description: 'The page takes people off the list by itself when it is called with POST (RFC 8058). The connection must sign its mail with DKIM.',
  }),
}

/** Lower-case names of the headers that these settings write; a header of the flow's own can't have one of them. */
export const headersOfMarks = (importance: Importance, links: readonly string[], oneClick: boolean): readonly string[] => [
  ...importanceHeaders[importance].map(({ name }) => name.toLowerCase()),
  ...(links.length > 0 ? ['list-unsubscribe'] : []), ...(links.length > 0 && oneClick ? ['list-unsubscribe-post'] : []),
]

/** One click needs a page that can be called; null when it is there, or may come from a mapping. */
export const oneClickProblem = (config: { readonly oneClick: boolean; readonly listUnsubscribe: string }): string | null => {
  const { links, bad } = readUnsubscribe(config.listUnsubscribe)
  return config.oneClick && bad === null && links.length > 0 && !links.some(isPage) ? 'One click needs a page: put a link that begins with https:// under "Unsubscribe links"' : null
}
