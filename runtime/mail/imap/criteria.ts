/**
 * A person's search as SEARCH keys (RFC 9051 section 6.4.4). Letters beyond ASCII go out as UTF-8 literals with their
 * CHARSET, which is imapflow's work; a server finds them in encoded headers too.
 */
import type { SearchObject } from 'imapflow'
import type { MailQuery } from '#shared/mail-search.ts'

export function criteriaOf({ unseen, flagged, from, to, subject, since, keyword, largerThan, header }: MailQuery): SearchObject {
  const texts = Object.entries({ from, to, subject }).flatMap(([name, text]) => (text === '' ? [] : [[name, oneLine(text)] as const]))
  return {
    ...Object.fromEntries(texts),
    ...(unseen ? { seen: false } : {}), ...(flagged ? { flagged: true } : {}),
    ...(since === '' ? {} : { since }), ...(keyword === '' ? {} : { keyword }),
    ...(largerThan === 0 ? {} : { larger: largerThan }), ...(header === null ? {} : { header: { [header.name]: oneLine(header.value) } }),
  }
}

/** No header has such letters once it is unfolded, and no quoted string may (RFC 9051 section 9). */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
