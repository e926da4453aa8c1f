/** A server that repeats what it was told must not have the password shown to people, kept in the ledger or logged. */
import type { Account } from './mailbox.ts'
import { saslOf } from './sasl.ts'

/** `text` with the account's password or token struck out, as it is and as SASL encodes it. */
export function withoutSecret(text: string, account: Account): string {
  const { user, password } = account
  if (password === '') return text
  return [...sentLines(account), base64(`\0${user}\0${password}`), base64(password), password].reduce((kept, secret) => kept.replaceAll(secret, '(password)'), text)
}

/** The lines in which the secret may have gone out; LOGIN's first is the name alone. */
const sentLines = (account: Account): readonly string[] =>
  (['OAUTHBEARER', 'XOAUTH2', 'PLAIN'] as const).flatMap((mechanism) => saslOf(account, [mechanism])?.lines ?? [])

const base64 = (plain: string): string => Buffer.from(plain).toString('base64')
