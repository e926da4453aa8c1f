/** One pool of SMTP sessions for each connection in use; a changed connection gets a new one. */
import type { ConnectionId } from '#shared/ids.ts'
import { smtpCommandMs, smtpDataDoneMs } from './limits.ts'
import type { Account } from './mail/mailbox.ts'
import type { Sender } from './mail/smtp/sender.ts'

export interface Senders {
  readonly of: (connection: ConnectionId) => Promise<Sender>
  /** The next mail gets a session with the new account; what is on the wire ends on the old one. */
  readonly renew: (connection: string) => void
  readonly close: () => Promise<void>
}

/** From a mail's first command to the answer to its dot. */
const longestAnswerMs = 2 * smtpCommandMs + smtpDataDoneMs

export function makeSenders(account: (connection: ConnectionId) => Promise<Account>, make: (account: Account) => Sender): Senders {
  const open = new Map<string, Promise<Sender>>()
  /** Senders with the old account whose last mails await their answers. */
  const retired = new Set<Promise<Sender>>()
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
      retired.add(known)
      // No haste: a mail that is cut off after its dot might be sent twice, and each session has its own deadlines.
      void known.then((sender) => sender.close(longestAnswerMs), () => {}).finally(() => { retired.delete(known) })
    },
    close: async () => {
      const all = [...open.values(), ...retired]
      open.clear()
      await Promise.all(all.map((sender) => sender.then((one) => one.close(), () => {})))
    },
  }
}
