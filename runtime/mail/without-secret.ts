/** A server that repeats what it was told must not have the password shown to people, kept in the ledger or logged. */
import type { Account } from './mailbox.ts'

/** `text` with the account's password struck out, as typed and as AUTH PLAIN and LOGIN encode it. */
export function withoutSecret(text: string, { user, password }: Pick<Account, 'user' | 'password'>): string {
  if (password === '') return text
  return [base64(`\0${user}\0${password}`), base64(password), password].reduce((kept, secret) => kept.replaceAll(secret, '(password)'), text)
}

const base64 = (plain: string): string => Buffer.from(plain).toString('base64')
