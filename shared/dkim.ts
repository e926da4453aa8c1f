/** DKIM (RFC 6376) as a connection names it, and the DNS record that must stand behind it. */
import { z } from 'zod'
import { isAddress } from './address.ts'

/** A selector may have parts between dots, each a label of DNS (RFC 6376 section 3.1). */
const selectorPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/

export const dkimSchema = z.object({
  /** ASCII; other scripts as A-labels. */
  domain: z.string().trim().toLowerCase().max(200).refine((domain) => domain.includes('.') && /^[a-z0-9.-]+$/.test(domain) && isAddress(`a@${domain}`), 'A domain like example.org'),
  selector: z.string().trim().toLowerCase().max(63).regex(selectorPattern, 'A name of letters, digits and hyphens, like mail2026'),
}).strict()
export type Dkim = z.infer<typeof dkimSchema>

export interface DnsRecord { readonly name: string; readonly value: string }

export const publishedKey = (kind: 'rsa' | 'ed25519', base64: string): string => `v=DKIM1; k=${kind}; p=${base64}`

/**
 * What the published TXT records say of the one that should be there (RFC 6376 section 3.6.1): `other` is another key,
 * `revoked` an empty one, `testing` the right one with `t=y`, by which receivers take its mail for unsigned.
 * @param published each record with its pieces put together
 */
export function judgeDkimRecord(wanted: DnsRecord, published: readonly string[]): 'same' | 'testing' | 'missing' | 'other' | 'revoked' {
  const keys = published.map(tagsOf).filter((tags) => tags.has('p') && (tags.get('v') ?? 'DKIM1') === 'DKIM1')
  const right = tagsOf(wanted.value)
  const found = keys.find((tags) => tags.get('p') === right.get('p') && (tags.get('k') ?? 'rsa') === right.get('k'))
  if (found) return (found.get('t') ?? '').split(':').includes('y') ? 'testing' : 'same'
  if (keys.length === 0) return 'missing'
  return keys.every((tags) => tags.get('p') === '') ? 'revoked' : 'other'
}

/** Tag lists (section 3.2); blanks within a value fold it and mean nothing here. */
const tagsOf = (text: string): ReadonlyMap<string, string> => new Map(text.split(';').flatMap((part): (readonly [string, string])[] => {
  const at = part.indexOf('=')
  return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).replace(/\s+/g, '')]]
}))
