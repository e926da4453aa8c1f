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

  test('[RX141] a look that asks for changes alone finds what was flagged or got a keyword since, in a search with letters beyond ASCII too', async () => {
    const server = await dovecot()
    try {
      await server.addUser('u0')
      for (const subject of ['=?utf-8?Q?Gr=C3=B6=C3=9Fe_1?=', '=?utf-8?Q?Gr=C3=B6=C3=9Fe_2?=', 'Other']) await server.put('u0', letter(subject))
      const mailbox = await mailboxes.open(accountOn(server, 'imap'), 'INBOX', never)
      const [first = '', second = '', third = ''] = await mailbox.look(all)
      const query = { unseen: false, flagged: true, from: '', to: '', subject: 'größe', since: '', keyword: '', largerThan: 0, header: null }
      const before = await mailbox.lookOn?.({ ...all, search: query }, null)
      await mailbox.settle([third, second], { do: 'flag' })
      const later = await mailbox.lookOn?.({ ...all, search: query }, before?.mark ?? null)
      expect([before?.uids, later?.uids, later?.whole]).toEqual([[], [second], false])
      await mailbox.settle([first], { do: 'add-keyword', keyword: 'done' })
      expect((await mailbox.lookOn?.({ ...all, search: { ...query, flagged: false, keyword: 'Done' } }, later?.mark ?? null))?.uids).toEqual([first])
      await mailbox.close()
    } finally {
      await server.stop()
    }
  })

  test('[RX147] nested folders in any script tell their depth, and one that only holds others is not to be chosen', async () => {
    const server = await dovecot()
    try {
      await server.addUser('u0')
      await server.put('u0', letter('One'), 'Aufträge/2026/Größe & Co')
      await server.put('u0', letter('Two'), '請求書/十一月')
      const folders = await mailboxes.folders(accountOn(server, 'imap'), never)
      expect(folders.filter(({ path }) => /^(Auf|請)/.test(path)).toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(({ path, name, depth, selectable }) => [path, name, depth, selectable])).toEqual([
        ['Aufträge', 'Aufträge', 0, false], ['Aufträge/2026', '2026', 1, false], ['Aufträge/2026/Größe & Co', 'Größe & Co', 2, true],
        ['請求書', '請求書', 0, false], ['請求書/十一月', '十一月', 1, true],
      ])
      expect(folders.find(({ path }) => path === 'Archive')).toMatchObject({ use: 'archive', depth: 0, selectable: true })
    } finally {
      await server.stop()
    }
  })

  test('[RX147] three hundred folders and those that many share are listed in one answer, and opened by the names they have there', async () => {
    const server = await dovecot()
    try {
      await server.addUser('u0')
      const own = Array.from({ length: 300 }, (_, nth) => `Kunden/${String.fromCodePoint(0x4e00 + nth)} & Söhne ${nth}`)
      await server.admin('mailbox', 'create', '-u', 'u0', ...own)
      await server.put('u0', letter('Shared'), 'Shared/Team Größe/Orders')
      const folders = await mailboxes.folders(accountOn(server, 'imap'), never)
      expect(new Set(folders.map(({ path }) => path))).toEqual(new Set(['INBOX', 'Archive', 'Sent', 'Kunden', ...own, 'Shared', 'Shared/Team Größe', 'Shared/Team Größe/Orders']))
      expect(folders).toHaveLength(307)
      expect(folders.find(({ path }) => path === 'Shared/Team Größe/Orders')).toMatchObject({ name: 'Orders', depth: 2, selectable: true })
      for (const path of [own[299] ?? '', 'Shared/Team Größe/Orders']) {
        const mailbox = await mailboxes.open(accountOn(server, 'imap'), path, never)
        expect(await mailbox.look(all)).toHaveLength(path.startsWith('Shared') ? 1 : 0)
        await mailbox.close()
      }
    } finally {
      await server.stop()
    }
  })

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
