/** The mailbox contract over a real Dovecot, and TLS with its own certificate. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '#runtime/mail/mailbox.ts'
import { lookOnContract } from '../contracts/look-on.contract.ts'
import { accountOn, dovecotBed, mailboxes } from '../contracts/mailbox-beds.ts'
import { all, codeOf, letter, mailboxContract } from '../contracts/mailbox.contract.ts'
import { dovecot, hasDovecot, type Dovecot } from '../servers/dovecot.ts'

const never = new AbortController().signal

describe.skipIf(!hasDovecot())('Dovecot', () => {
  mailboxContract('imap', 'Dovecot', () => dovecotBed('imap'))
  lookOnContract('Dovecot', () => dovecotBed('imap'), 10)

  test('[RX12] a folder deleted and made again has another UIDVALIDITY', async () => {
    const server = await dovecot()
    try {
      const validities: string[] = []
      for (const round of [1, 2]) {
        await server.addUser('u0')
        await server.put('u0', letter(`Round ${round}`), 'Again')
        const mailbox = await mailboxes.open(accountOn(server, 'imap'), 'Again', never)
        validities.push(mailbox.uidValidity)
        await mailbox.close()
        await server.admin('mailbox', 'delete', '-u', 'u0', 'Again')
      }
      expect(new Set(validities).size).toBe(2)
    } finally {
      await server.stop()
    }
  })

  describe('TLS', () => {
    let server: Dovecot
    beforeAll(async () => { server = await dovecot(); await server.addUser('u0'); await server.put('u0', letter('One')) })
    afterAll(() => server.stop())
    const looksIn = async (account: Account): Promise<number> => {
      const mailbox = await mailboxes.open(account, 'INBOX', never)
      const found = await mailbox.look(all)
      await mailbox.close()
      return found.length
    }

    test('[RX29] a pasted certificate is trusted over TLS and STARTTLS alike', async () => {
      expect(await looksIn(accountOn(server, 'imap', { security: 'tls', port: server.imaps }))).toBe(1)
      expect(await looksIn(accountOn(server, 'imap', { security: 'starttls' }))).toBe(1)
      expect(await looksIn(accountOn(server, 'imap', { security: 'starttls-if-offered', host: '127.0.0.1' }))).toBe(1)
    })

    test('[RX29] a certificate that nobody vouches for ends the connection, whatever the security', async () => {
      expect(await codeOf(looksIn(accountOn(server, 'imap', { security: 'tls', port: server.imaps, certificate: '' })))).toBe('MAIL_CERTIFICATE_UNTRUSTED')
      expect(await codeOf(looksIn(accountOn(server, 'imap', { security: 'starttls', certificate: '' })))).toBe('MAIL_CERTIFICATE_UNTRUSTED')
      expect(await codeOf(looksIn(accountOn(server, 'imap', { security: 'starttls-if-offered', certificate: '' })))).toBe('MAIL_CERTIFICATE_UNTRUSTED')
    })

    test('[RX29] TLS on the wrong port is told as that', async () => {
      expect(await codeOf(looksIn(accountOn(server, 'imap', { security: 'tls' })))).toBe('MAIL_TLS_EXPECTED')
    })
  })
})
