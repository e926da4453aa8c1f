/** One pool of SMTP sessions for each connection in use; a changed connection gets a new one. */
import type { ConnectionId } from '#shared/ids.ts'
import type { Account } from './mail/mailbox.ts'
import type { Sender } from './mail/smtp/sender.ts'

export interface Senders {
  readonly of: (connection: ConnectionId) => Promise<Sender>
  /** The next mail gets a session with the new account; what is on the wire ends on the old one. */
  readonly renew: (connection: string) => void
  readonly close: () => Promise<void>
}

export function makeSenders(account: (connection: ConnectionId) => Promise<Account>, make: (account: Account) => Sender): Senders {
  const open = new Map<string, Promise<Sender>>()
  const closing = new Set<Promise<void>>()
  return {
    of: (connection) => {
      const known = open.get(connection)
      if (known) return known
      const made = account(connection).then(make)
      open.set(connection, made)
      // A connection that can't be opened is asked anew the next time.
      made.catch(() => { if (open.get(connection) === made) open.delete(connection) })
      return made
    },
    renew: (connection) => {
      const known = open.get(connection)
      if (!known) return
      open.delete(connection)
      const closed: Promise<void> = known.then((sender) => sender.close(), () => {}).finally(() => { closing.delete(closed) })
      closing.add(closed)
    },
    close: async () => {
      const all = [...open.values()]
      open.clear()
      await Promise.all([...closing, ...all.map((sender) => sender.then((one) => one.close(), () => {}))])
    },
  }
}
