/** Links by which a receiver leaves a list (RFC 2369 section 3.2): web pages over https, or a mail to an address; nothing else can get in. */
import { isAddress } from '../address.ts'

export interface UnsubscribeLinks {
  readonly links: readonly string[]
  /** The first that is no such link, as written; null when all are. */
  readonly bad: string | null
}

/** Mail programs look at the first two or three. */
const mostLinks = 5
/** Each stands on a header line of its own, which may have 998 octets (RFC 5322 section 2.1.1). */
const longestLink = 900

/** Between commas, blanks or line breaks, in angle brackets or without. A comma within a link is spelled `%2C`, for some readers cut there. */
export function readUnsubscribe(text: string): UnsubscribeLinks {
  const links: string[] = []
  for (const written of text.trim().split(/[\s,]+(?=<|[a-z]+:)/i)) {
    if (written === '') continue
    const link = (/^<([^<>]*)>,?$/.exec(written)?.[1] ?? written).replace(/,+$/, '').replaceAll(',', '%2C')
    if (links.length === mostLinks || !isLink(link)) return { links, bad: written }
    if (!links.includes(link)) links.push(link)
  }
  return { links, bad: null }
}

export const isPage = (link: string): boolean => /^https:/i.test(link)

const isLink = (link: string): boolean => link.length <= longestLink && (isPage(link) ? isPageLink(link) : isMailLink(link))

/** RFC 3986, ASCII only, without a user name that would hide the host. */
const isPageLink = (link: string): boolean =>
  /^https:\/\/(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::\d{1,5})?(?:[/?#](?:[\w\-.~:/?#[\]@!$&'()*+;=]|%[0-9a-f]{2})*)?$/i.test(link)

/** RFC 6068 with one address, and no header but subject and body. */
function isMailLink(link: string): boolean {
  const [, address = '', fields = ''] = /^mailto:([^?]+)(?:\?(.*))?$/i.exec(link) ?? []
  if (!/^[\x21-\x7e]+$/.test(address) || !isAddress(address) || address.includes('%')) return false
  return fields === '' || fields.split('&').every((field) => /^(?:subject|body)=(?:[\w\-.~!$'()*+;:@/?]|%[0-9a-f]{2})*$/i.test(field))
}
