/** The mailbox adapter of an account's own protocol. */
import { fault } from '#shared/errors.ts'
import { imapAdapter } from './imap/adapter.ts'
import type { ImapDeps } from './imap/connect.ts'
import type { Account, MailboxAdapter } from './mailbox.ts'

export function mailboxAdapter(deps: ImapDeps): MailboxAdapter {
  const imap = imapAdapter(deps)
  // Few have one; who has none pays no memory for it.
  let pop3: Promise<MailboxAdapter> | null = null
  const adapterOf = async ({ id, kind }: Account): Promise<MailboxAdapter> => {
    switch (kind) {
      case 'imap': return imap
      case 'pop3': return pop3 ??= import('./pop3/adapter.ts').then(({ pop3Adapter }) => pop3Adapter(deps))
      case 'smtp': throw fault('CONNECTION_KIND', { id, reason: 'it receives no mail' })
    }
  }
  return {
    open: async (account, ...how) => (await adapterOf(account)).open(account, ...how),
    folders: async (account, signal) => (await adapterOf(account)).folders(account, signal),
  }
}
