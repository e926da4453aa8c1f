/** The mailbox contract over a real Dovecot by POP3, TLS with its own certificate, and two thousand mails byte for byte. */
import { hash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { usualLine } from '#shared/connection.ts'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { pop3Adapter } from '#runtime/mail/pop3/adapter.ts'
import { all, codeOf, gather, letter, mailboxContract } from '../contracts/mailbox.contract.ts'
import { dovecot, hasDovecot, type Dovecot } from '../servers/dovecot.ts'
import { testSpool } from '../servers/spool.ts'

const adapter = pop3Adapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog })
const never = new AbortController().signal
const accountOn = (server: Dovecot, more: Partial<Account> = {}): Account => ({
  id: 'test', kind: 'pop3', host: 'localhost', port: server.pop3, security: 'none', login: 'password', mailbox: '', tokens: null, user: 'u0', password: server.password, certificate: server.ca, trustedServers: [], ...usualLine, maxConnections: 1, ...more,
})

describe.skipIf(!hasDovecot())('Dovecot', () => {
  mailboxContract('pop3', 'Dovecot (POP3)', async () => {
    const server = await dovecot()
    let users = 0
    return {
      adapter, stop: () => server.stop(),
      account: () => accountOn(server, { user: `u${users++}` }),
      put: async (account, bytes, folder) => { await server.addUser(account.user); await server.put(account.user, bytes, folder) },
      flagsOf: (account, folder) => server.flagsOf(account.user, folder),
    }
  })

  describe('one server', () => {
    let server: Dovecot
    beforeAll(async () => { server = await dovecot(); await server.addUser('u0'); await server.put('u0', letter('One')) })
    afterAll(() => server.stop())
    const looksIn = async (account: Account): Promise<number> => {
      const mailbox = await adapter.open(account, 'INBOX', never)
      const found = await mailbox.look(all)
      await mailbox.close()
      return found.length
    }

    test('[PO11] a pasted certificate is trusted over TLS and STLS alike; one that nobody vouches for ends the connection', async () => {
      expect(await looksIn(accountOn(server, { security: 'tls', port: server.pop3s }))).toBe(1)
      expect(await looksIn(accountOn(server, { security: 'starttls' }))).toBe(1)
      expect(await looksIn(accountOn(server, { security: 'starttls-if-offered', host: '127.0.0.1' }))).toBe(1)
      for (const security of ['starttls', 'starttls-if-offered'] as const) expect(await codeOf(looksIn(accountOn(server, { security, certificate: '' })))).toBe('MAIL_CERTIFICATE_UNTRUSTED')
      expect(await codeOf(looksIn(accountOn(server, { security: 'tls', port: server.pop3s, certificate: '' })))).toBe('MAIL_CERTIFICATE_UNTRUSTED')
      expect(await codeOf(looksIn(accountOn(server, { security: 'tls' })))).toBe('MAIL_TLS_EXPECTED')
    })

    test('[PO30] two thousand mails come out byte for byte, are deleted, and none is left', async () => {
      const spool = await testSpool()
      try {
        await server.addUser('many')
        const sent = new Set<string>()
        for (let count = 0; count < 2000; count += 1) {
          const bytes = letter(`Number ${count}`, `.${'.'.repeat(count % 3)}\r\n..line\r\n${'x'.repeat(count % 900)} Gr\xfc\xdfe ${count}${count % 7 === 0 ? '\r\n.' : ''}`)
          // Without an end of its last line now and then: the server adds one on the wire.
          const whole = count % 5 === 0 ? bytes.subarray(0, -2) : bytes
          sent.add(hash('sha256', whole))
          await server.put('many', whole)
        }
        const mailbox = await adapter.open(accountOn(server, { user: 'many' }), 'INBOX', never)
        const got = new Set<string>()
        for (let uids = await mailbox.look(all); uids.length > 0; uids = await mailbox.look(all)) {
          const mails = await gather(mailbox.fetch(uids.slice(0, 500), spool, { maxMailBytes: 1024 * 1024 }))
          for (const mail of mails) got.add('sha256' in mail ? mail.sha256 : mail.code)
          expect(await mailbox.settle(mails.map((mail) => mail.uid), { do: 'delete' })).toMatchObject({ gone: [] })
        }
        await mailbox.close()
        expect(got).toEqual(sent)
        expect(await server.flagsOf('many')).toEqual([])
      } finally {
        await spool.remove()
      }
    })
  })
})
