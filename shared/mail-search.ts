/** A search in a mailbox as a person fills it in: one small form for every step that looks for mails. An empty one finds all. */
import { z } from 'zod'

/** RFC 9051 section 9, atom, without the few letters that nobody uses in a keyword. */
export const keywordPattern = /^[\w$.+-]{1,100}$/

export const mailSearchSchema = z.object({
  unseen: z.boolean().optional(),
  flagged: z.boolean().optional(),
  /** Part of the name or the address. */
  from: z.string().max(500).optional(),
  /** Part of a name or an address in To. */
  to: z.string().max(500).optional(),
  subject: z.string().max(500).optional(),
  /** Received on or after this day. */
  since: z.iso.date('"Received since" is not a day').optional(),
  /** Received in the last so many days. */
  withinDays: z.number().int().min(1).max(3650).optional(),
  keyword: z.string().regex(keywordPattern, 'A keyword has letters, digits, "$", "_" and "-" only').optional(),
  largerThanKb: z.number().int().min(1).max(1_000_000).optional(),
  header: z.object({
    name: z.string().max(100).regex(/^[!-9;-~]+$/, 'A header name has no blanks and no colon'),
    /** '' asks only whether the mail has the header. */
    value: z.string().max(500),
  }).strict().optional(),
}).strict()
export type MailSearch = z.infer<typeof mailSearchSchema>

/** The same, complete and with every day said: what a mailbox is asked. '' , 0 and null ask for nothing. */
export interface MailQuery {
  readonly unseen: boolean
  readonly flagged: boolean
  readonly from: string
  readonly to: string
  readonly subject: string
  /** A day, e.g. `2026-11-20`. */
  readonly since: string
  readonly keyword: string
  /** Bytes. */
  readonly largerThan: number
  readonly header: { readonly name: string; readonly value: string } | null
}

const dayMs = 24 * 3600_000

/** @param at the run's clock, so that "the last 7 days" are the same ones when the run is computed again */
export function queryOf(search: MailSearch, at: string): MailQuery {
  const back = search.withinDays === undefined ? '' : new Date(Date.parse(at) - search.withinDays * dayMs).toISOString().slice(0, 10)
  return {
    unseen: search.unseen ?? false, flagged: search.flagged ?? false, from: search.from ?? '', to: search.to ?? '', subject: search.subject ?? '',
    since: [search.since ?? '', back].sort().at(-1) ?? '', keyword: search.keyword ?? '', largerThan: (search.largerThanKb ?? 0) * 1024, header: search.header ?? null,
  }
}

/** Whether a mail that does not match may do so later: its marks can change, and nothing else of it. */
export const asksForMarks = (query: MailQuery): boolean => query.unseen || query.flagged || query.keyword !== ''

/** Whether it leaves nothing out. */
export const asksForAll = ({ unseen, flagged, header, largerThan, ...texts }: MailQuery): boolean =>
  !unseen && !flagged && header === null && largerThan === 0 && Object.values(texts).every((text) => text === '')

/** The search in a few words, for cards and history. */
export function saySearch(search: MailSearch): string {
  const days = search.withinDays
  const words = [
    search.unseen ? 'unread' : '', search.flagged ? 'flagged' : '',
    search.from ? `from ${search.from}` : '', search.to ? `to ${search.to}` : '', search.subject ? `subject has ${search.subject}` : '',
    search.since ? `since ${search.since}` : '', days === undefined ? '' : days === 1 ? 'of the last day' : `of the last ${days} days`,
    search.keyword ? `keyword ${search.keyword}` : '', search.largerThanKb ? `over ${search.largerThanKb} KB` : '',
    search.header ? `${search.header.name}: ${search.header.value || 'any'}` : '',
  ].filter((word) => word !== '')
  return words.length === 0 ? 'all mail' : words.join(', ')
}
