/** A watched mailbox as people see it: how it is, and how much mail came when. */
import type { MailboxView } from '#shared/api.ts'
import type { MailboxStatus } from '#shared/connection.ts'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'

export const viewMailbox = async (store: Pick<Store, 'mailboxCounts'>, clock: Clock, status: MailboxStatus): Promise<MailboxView> =>
  ({ ...status, ...await store.mailboxCounts(status.connection, status.folder, clock.now()) })
