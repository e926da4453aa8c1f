/** A mailbox's account as the mail side takes it; a test says of it what matters to the test. */
import type { Account } from '#runtime/mail/mailbox.ts'
import { usualLine, usualSending } from '#shared/connection.ts'

export const accountOf = (own: Pick<Account, 'kind' | 'port' | 'password'> & Partial<Account>): Account => ({
  id: 'test', host: '127.0.0.1', security: 'none', login: 'password', user: 'u0', mailbox: '', tokens: null, certificate: '', trustedServers: [], ...usualLine, ...usualSending, maxConnections: 1, dkim: null, ...own,
})
