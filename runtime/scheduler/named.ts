/** An open mailbox under the name by which the ledger knows it: a connection that was pointed at another server has another mailbox, whatever number that one gives. */
import type { ConnectionId } from '#shared/ids.ts'
import type { Account, MailboxAdapter, OpenMailbox } from '../mail/mailbox.ts'
import type { Store } from '../store/store.ts'

interface Parts { readonly adapter: MailboxAdapter; readonly store: Pick<Store, 'nameMailbox'> }
interface Place { readonly connection: ConnectionId; readonly folder: string }
interface Opening { readonly signal: AbortSignal; /** Called at each sign of life. */ readonly alive: () => void }

export async function openNamed({ adapter, store }: Parts, account: Account, { connection, folder }: Place, { signal, alive }: Opening): Promise<OpenMailbox> {
  const mailbox = await adapter.open(account, folder, signal, alive)
  const { uidValidity } = mailbox
  try {
    const name = await store.nameMailbox(connection, folder, `${account.mailbox || account.user}@${account.host.toLowerCase()}`, uidValidity)
    return name === uidValidity ? mailbox : { ...mailbox, uidValidity: name }
  } catch (error) {
    await mailbox.close()
    throw error
  }
}
