/** The mailbox adapter of an account's own protocol. */
import { fault } from '#shared/errors.ts'
import { imapAdapter } from './imap/adapter.ts'
import type { ImapDeps } from './imap/connect.ts'
import type { Account, MailboxAdapter } from './mailbox.ts'
import { pop3Adapter } from './pop3/adapter.ts'

export function mailboxAdapter(deps: ImapDeps): MailboxAdapter {
  const imap = imapAdapter(deps)
  const pop3 = pop3Adapter(deps)
  const adapterOf = ({ id, kind }: Account): MailboxAdapter => {
    switch (kind) {
      case 'imap': return imap
      case 'pop3': return pop3
      case 'smtp': throw fault('CONNECTION_KIND', { id, reason: 'it receives no mail' })
    }
  }
  return {
    open: async (account, ...how) => adapterOf(account).open(account, ...how),
    folders: async (account, signal) => adapterOf(account).folders(account, signal),
  }
}
