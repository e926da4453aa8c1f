/** The addresses of the mailing list that a mail came through: a mail to one of them goes to everybody on it. */
import { isAddress } from '../address.ts'
import type { Mail } from '../mail.ts'

/** In lower case; empty when the mail came through none. The first is the one to write to. */
export function listAddresses({ isList, headers }: Pick<Mail, 'isList' | 'headers'>): readonly string[] {
  if (!isList) return []
  const values = (name: string): readonly string[] => headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value.slice(0, longestValue))
  const found = [
    // RFC 2369 section 3.4: one or more addresses, mails among them.
    ...values('list-post').flatMap((value) => [...value.matchAll(/<mailto:([^>?]+)/gi)].map(([, address = '']) => decoded(address))),
    ...values('mailing-list').flatMap((value) => /\blist ([^\s;]+)/i.exec(value)?.[1] ?? []),
    ...values('x-beenthere'),
    // RFC 2919: `dev.lists.example.org` is, nearly everywhere, dev@lists.example.org.
    ...values('list-id').flatMap((value) => /<([^<>.\s]+)\.([^<>\s]+)>/.exec(value)?.slice(1, 3).join('@') ?? []),
  ]
  return [...new Set(found.map((address) => address.trim().toLowerCase()).filter(isAddress))]
}

/** Header values of a mail are not its writer's to make slow. */
const longestValue = 4000

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
