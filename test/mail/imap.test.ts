/** The IMAP adapter over the in-process server: the contract first, then servers that lie, hang, leak or break off. */
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import { mailboxContract } from '../contracts/mailbox.contract.ts'
import { imapServer } from '../servers/imap-server.ts'

const adapter = imapAdapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog })

mailboxContract('imap', 'the sandbox server', async () => {
  const server = await imapServer()
  let users = 0
  return {
    adapter, stop: () => server.stop(),
    account: () => server.account({ user: `u${users++}` }),
    put: (account, bytes, folder) => Promise.resolve(void server.store.deliver(account.user, bytes, folder === undefined ? {} : { folder })),
    flagsOf: (account, folder = 'INBOX') => Promise.resolve((server.store.folder(account.user, folder)?.mails ?? []).map((mail) => [...mail.flags].toSorted())),
  }
})
