/** Servers for the mailbox contract, by either protocol: the sandbox's in this process, and a real Dovecot. */
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { mailboxAdapter } from '#runtime/mail/adapter.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { accountOf } from '../servers/account.ts'
import { dovecot, type Dovecot } from '../servers/dovecot.ts'
import type { ImapServer } from '../servers/imap-server.ts'
import type { MailboxBed } from './mailbox.contract.ts'

export const mailboxes = mailboxAdapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog })

export async function sandboxBed(starting: Promise<Pick<ImapServer, 'account' | 'store' | 'stop'>>): Promise<MailboxBed> {
  const server = await starting
  let users = 0
  return {
    adapter: mailboxes, stop: () => server.stop(),
    account: () => server.account({ user: `u${users++}` }),
    put: (account, bytes, folder) => Promise.resolve(void server.store.deliver(account.user, bytes, folder === undefined ? {} : { folder })),
    flagsOf: (account, folder = 'INBOX') => Promise.resolve((server.store.folder(account.user, folder)?.mails ?? []).map((mail) => [...mail.flags].toSorted())),
  }
}

export const accountOn = (server: Dovecot, kind: 'imap' | 'pop3', more: Partial<Account> = {}): Account =>
  accountOf({ kind, host: 'localhost', port: server[kind], password: server.password, certificate: server.ca, ...more })

export async function dovecotBed(kind: 'imap' | 'pop3'): Promise<MailboxBed> {
  const server = await dovecot()
  let users = 0
  return {
    adapter: mailboxes, stop: () => server.stop(),
    account: () => accountOn(server, kind, { user: `u${users++}` }),
    put: async (account, bytes, folder) => { await server.addUser(account.user); await server.put(account.user, bytes, folder) },
    flagsOf: (account, folder) => server.flagsOf(account.user, folder),
  }
}
