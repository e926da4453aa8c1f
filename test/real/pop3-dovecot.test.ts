/** The mailbox contract over a real Dovecot by POP3, TLS with its own certificate, and two thousand mails byte for byte. */
import { hash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '#runtime/mail/mailbox.ts'
import { accountOn, dovecotBed, mailboxes } from '../contracts/mailbox-beds.ts'
import { all, codeOf, gather, letter, mailboxContract } from '../contracts/mailbox.contract.ts'
import { dovecot, hasDovecot, type Dovecot } from '../servers/dovecot.ts'
import { testSpool } from '../servers/spool.ts'

const never = new AbortController().signal

describe.skipIf(!hasDovecot())('Dovecot', () => {
  mailboxContract('pop3', 'Dovecot (POP3)', () => dovecotBed('pop3'))

  describe('one server', () => {
    let server: Dovecot
    beforeAll(async () => { server = await dovecot(); await server.addUser('u0'); await server.put('u0', letter('One')) })
    afterAll(() => server.stop())
    const looksIn = async (account: Account): Promise<number> => {
      const mailbox = await mailboxes.open(account, 'INBOX', never)
      const found = await mailbox.look(all)
      await mailbox.close()
      return found.length
    }

    test('[PO11] a pasted certificate is trusted over TLS and STLS alike; one that nobody vouches for ends the connection', async () => {
      expect(await looksIn(accountOn(server, 'pop3', { security: 'tls', port: server.pop3s }))).toBe(1)
      expect(await looksIn(accountOn(server, 'pop3', { security: 'starttls' }))).toBe(1)
      expect(await looksIn(accountOn(server, 'pop3', { security: 'starttls-if-offered', host: '127.0.0.1' }))).toBe(1)
      for (const security of ['starttls', 'starttls-if-offered'] as const) expect(await codeOf(looksIn(accountOn(server, 'pop3', { security, certificate: '' })))).toBe('MAIL_CERTIFICATE_UNTRUSTED')
      expect(await codeOf(looksIn(accountOn(server, 'pop3', { security: 'tls', port: server.pop3s, certificate: '' })))).toBe('MAIL_CERTIFICATE_UNTRUSTED')
      expect(await codeOf(looksIn(accountOn(server, 'pop3', { security: 'tls' })))).toBe('MAIL_TLS_EXPECTED')
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
        const mailbox = await mailboxes.open(accountOn(server, 'pop3', { user: 'many' }), 'INBOX', never)
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
