/** The POP3 adapter over the sandbox's server: the mailbox contract, and what is POP3's own. */
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { pop3Adapter } from '#runtime/mail/pop3/adapter.ts'
import { mailboxContract } from '../../contracts/mailbox.contract.ts'
import { pop3Server } from '../../servers/pop3-server.ts'

const adapter = pop3Adapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog })

mailboxContract('pop3', 'the sandbox server (POP3)', async () => {
  const server = await pop3Server()
  let users = 0
  return {
    adapter, stop: () => server.stop(),
    account: () => server.account({ user: `u${users++}` }),
    put: (account, bytes, folder) => Promise.resolve(void server.store.deliver(account.user, bytes, folder === undefined ? {} : { folder })),
    flagsOf: (account, folder = 'INBOX') => Promise.resolve((server.store.folder(account.user, folder)?.mails ?? []).map((mail) => [...mail.flags].toSorted())),
  }
})
