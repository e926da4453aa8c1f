/** Name servers that never answer: nobody can call their question off, so nobody waits for it. */
import { expect, test } from 'vitest'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import { pop3Adapter } from '#runtime/mail/pop3/adapter.ts'
import { usualLine } from '#shared/connection.ts'
import { codeOf } from '../contracts/mailbox.contract.ts'
import { accountOf } from '../servers/account.ts'
import { fakeClock } from '../servers/fake-clock.ts'

const adapters = { imap: imapAdapter, pop3: pop3Adapter }
const account = (kind: 'imap' | 'pop3') => accountOf({ kind, host: 'mail.example.org', port: 993, security: 'tls', password: 'p' })
const unanswered = (kind: 'imap' | 'pop3') => {
  const clock = fakeClock()
  return { clock, adapter: adapters[kind]({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock, log: silentLog, lookUp: () => new Promise(() => {}) }) }
}

test.for(['imap', 'pop3'] as const)('[RX110] %s: a name that is never looked up ends in time, and says so', async (kind) => {
  const { clock, adapter } = unanswered(kind)
  const outcome = codeOf(adapter.open(account(kind), 'INBOX', new AbortController().signal))
  await clock.untilWaits(usualLine.timeoutSeconds * 1000)
  clock.pass(usualLine.timeoutSeconds * 1000)
  expect(await outcome).toBe('MAIL_HOST_LOOKUP')
  expect(clock.waiting()).toBe(0)
})

test.for(['imap', 'pop3'] as const)('[RX110] %s: an opening that waits for a name is called off at once', async (kind) => {
  const { clock, adapter } = unanswered(kind)
  const stop = new AbortController()
  const outcome = codeOf(adapter.open(account(kind), 'INBOX', stop.signal))
  await clock.untilWaits(usualLine.timeoutSeconds * 1000)
  stop.abort()
  expect(await outcome).toBe('MAIL_CONNECTION_LOST')
  expect(clock.waiting()).toBe(0)
})
