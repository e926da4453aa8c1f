/**
 * What every mailbox of every server must do, whichever server answers: run over the in-process servers and over Dovecot,
 * for IMAP and POP3. What POP3 has no words for (marks, folders, news) is asked of IMAP alone.
 */
import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fault } from '#shared/errors.ts'
import type { MailQuery } from '#shared/mail-search.ts'
import type { After } from '#shared/nodes/receive-email.ts'
import type { Account, Fetched, MailboxAdapter, NotFetched, OpenMailbox } from '#runtime/mail/mailbox.ts'
import { testSpool, type TestSpool } from '../servers/spool.ts'

export interface MailboxBed {
  readonly adapter: MailboxAdapter
  /** An account with an empty mailbox that no other test uses. */
  account(): Account
  put(account: Account, bytes: Buffer, folder?: string): Promise<void>
  /** Flags of the folder's mails, oldest first, \Recent left out, sorted. */
  flagsOf(account: Account, folder?: string): Promise<readonly (readonly string[])[]>
  stop(): Promise<void>
}

export const letter = (subject: string, body = 'Hello.', headers = ''): Buffer =>
  Buffer.from(`From: Ada <ada@example.org>\r\nTo: support@example.org\r\nSubject: ${subject}\r\nMessage-ID: <${subject.toLowerCase().replaceAll(' ', '-')}@example.org>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n${headers}\r\n${body}\r\n`, 'latin1')
export const all = { unseenOnly: false, firstUid: '', cursor: '', since: '' }
const limits = { maxMailBytes: 100 * 1024 * 1024 }
const never = new AbortController().signal

export async function gather(mails: AsyncIterable<Fetched | NotFetched>): Promise<(Fetched | NotFetched)[]> {
  const gathered: (Fetched | NotFetched)[] = []
  for await (const mail of mails) gathered.push(mail)
  return gathered
}
export const codeOf = async (work: Promise<unknown>): Promise<string> => work.then(() => 'no fault', (error: unknown) => (error instanceof Fault ? error.code : String(error)))

export function mailboxContract(kind: 'imap' | 'pop3', name: string, start: () => Promise<MailboxBed>): void {
  const imapTest = kind === 'imap' ? test : leftOut
  describe(`mailbox over ${name}`, () => {
    let bed: MailboxBed
    /** Of the open mailbox, by name: what the tests of this suite asked for. */
    const asked = new Set<string>()
    const offered = new Set<string>()
    let spool: TestSpool
    beforeAll(async () => { bed = await start(); spool = await testSpool() })
    afterAll(async () => { await bed.stop(); await spool.remove() })

    /** A mailbox with these mails, opened for the time of the work. */
    async function within<T>(letters: readonly Buffer[], work: (mailbox: OpenMailbox, account: Account) => Promise<T>): Promise<T> {
      const account = bed.account()
      for (const one of letters) await bed.put(account, one)
      const mailbox = await bed.adapter.open(account, 'INBOX', never)
      for (const name of Object.keys(mailbox)) offered.add(name)
      const noting = new Proxy(mailbox, {
        get: (target, name) => {
          asked.add(String(name))
          // What a proxy hands on has the type of its target.
          return Reflect.get(target, name) as unknown
        },
      })
      try {
        return await work(noting, account)
      } finally {
        await mailbox.close()
      }
    }

    test('[RX1] a look lists what is there, oldest first, and changes no flag', () => {
      const letters = [letter('One'), letter('Two'), letter('Three')]
      return within(letters, async (mailbox, account) => {
        const uids = await mailbox.look({ ...all, unseenOnly: true })
        expect((await gather(mailbox.fetch(uids, spool, limits))).map((mail) => ('sha256' in mail ? mail.sha256 : mail.code))).toEqual(letters.map((bytes) => hash('sha256', bytes)))
        expect(await bed.flagsOf(account)).toEqual([[], [], []])
      })
    })

    test('[RN22] "from now on" in a mailbox that has long been open is from now, not from when it was opened', () => within([letter('One')], async (mailbox, account) => {
      const later = async () => {
        const { firstUid, passed } = await mailbox.baseline()
        return async () => (await mailbox.look({ ...all, firstUid })).filter((uid) => !passed.some((mail) => mail.uid === uid))
      }
      const first = await later()
      expect(await first()).toEqual([])
      await bed.put(account, letter('Two'))
      await mailbox.refresh()
      expect(await first()).toHaveLength(1)
      const second = await later()
      expect(await second()).toEqual([])
    }))

    test('[RN31] heads tell Message-ID and size of the mails asked for that are there, and change no flag', () => {
      const letters = [letter('One'), letter('Two'), letter('Three'), Buffer.from('Subject: no id\r\n\r\nHello.\r\n')]
      return within(letters, async (mailbox, account) => {
        const uids = await mailbox.look(all)
        const [first = '', second = '', third = '', fourth = ''] = uids
        const told = new Map<string, string>()
        for await (const { uid, messageId, size } of mailbox.fingerprints([fourth, first, third])) told.set(uid, `${messageId} ${size}`)
        expect(told).toEqual(new Map([[first, `one@example.org ${letters[0]?.length}`], [third, `three@example.org ${letters[2]?.length}`], [fourth, ` ${letters[3]?.length}`]]))
        expect(told.has(second)).toBe(false)
        expect(await bed.flagsOf(account)).toEqual([[], [], [], []])
      })
    })

    imapTest('[RX2] a look keeps to unread mails, to those from a UID on or behind one, and to a day', () => within([letter('One'), letter('Two'), letter('Three')], async (mailbox) => {
      const [first = '', second = '', third = ''] = await mailbox.look(all)
      await mailbox.settle([second], { do: 'mark-seen' })
      expect(await mailbox.look({ ...all, unseenOnly: true })).toEqual([first, third])
      expect(await mailbox.look({ ...all, firstUid: third })).toEqual([third])
      expect(await mailbox.look({ ...all, cursor: second })).toEqual([third])
      expect(await mailbox.look({ ...all, cursor: third })).toEqual([])
      expect(await mailbox.look({ ...all, since: '2000-01-01' })).toEqual([first, second, third])
      expect(await mailbox.look({ ...all, since: '2199-01-01' })).toEqual([])
    }))

    test('[RX3] a mail is fetched byte for byte, in the order asked, and stays unread', () => {
      const letters = [letter('Dots', '.\r\n..\r\n.dot at the start\r\nend.'), letter('8 bit', 'Gr\xfc\xdfe \x80\xff\xfe'), letter('Empty', ''), letter('Long line', 'x'.repeat(5000))]
      return within(letters, async (mailbox, account) => {
        const uids = (await mailbox.look(all)).toReversed()
        const mails = await gather(mailbox.fetch(uids, spool, limits))
        expect(mails.map((mail) => mail.uid)).toEqual(uids)
        expect(mails.map((mail) => ('sha256' in mail ? mail.sha256 : mail.code))).toEqual(letters.map((bytes) => hash('sha256', bytes)).toReversed())
        expect(await bed.flagsOf(account)).toEqual([[], [], [], []])
        if (kind === 'imap') for (const mail of mails) expect('receivedAt' in mail ? mail.receivedAt : '').toMatch(/^\d{4}-\d\d-\d\dT/)
      })
    })

    test('[RX4] a mail of 30 MB goes to a file and costs no memory', () => {
      const large = letter('Large', Array.from({ length: 430_000 }, (_, line) => `${line} ${'0123456789'.repeat(6)}`).join('\r\n'))
      return within([letter('Small'), large], async (mailbox) => {
        const uids = await mailbox.look(all)
        const before = process.memoryUsage()
        const mails = await gather(mailbox.fetch(uids, spool, limits))
        const after = process.memoryUsage()
        expect(mails.map((mail) => ('raw' in mail ? mail.raw.kind : mail.code))).toEqual(['bytes', 'file'])
        const [, fetched] = mails
        expect(fetched !== undefined && 'raw' in fetched ? hash('sha256', await spool.bytes(fetched.raw)) : '').toBe(hash('sha256', large))
        expect(after.heapUsed - before.heapUsed).toBeLessThan(5 * 1024 * 1024)
      })
    })

    test('[RX5] a mail above the limit is not fetched, and the ones beside it are', () => within([letter('Small'), letter('Big', 'x'.repeat(20_000)), letter('Other')], async (mailbox) => {
      const uids = await mailbox.look(all)
      const mails = await gather(mailbox.fetch(uids, spool, { maxMailBytes: 10_000 }))
      expect(mails.map((mail) => ('code' in mail ? mail.code : 'fetched'))).toEqual(['fetched', 'MAIL_TOO_LARGE', 'fetched'])
      expect(mails.map((mail) => mail.uid)).toEqual(uids)
    }))

    test('[RX6] a mail that went away is told as gone, by the fetch and by the settling', () => within([letter('One'), letter('Two')], async (mailbox, account) => {
      const [first = '', second = ''] = await mailbox.look(all)
      const other = await bed.adapter.open(account, 'INBOX', never)
      await other.settle([first], { do: 'delete' })
      await other.close()
      const mails = await gather(mailbox.fetch([first, second, second + 1000], spool, limits))
      expect(mails.map((mail) => ('code' in mail ? mail.code : 'fetched'))).toEqual(['MAIL_GONE', 'fetched', 'MAIL_GONE'])
      expect(await mailbox.settle([first, second], { do: 'delete' })).toEqual({ done: [second], gone: [first] })
    }))

    test.for<[After, string[]]>(kind === 'pop3' ? [[{ do: 'leave' }, []]] : [
      [{ do: 'leave' }, []], [{ do: 'mark-seen' }, ['\\Seen']], [{ do: 'flag' }, ['\\Flagged']],
    ])('[RX7] %j may be done twice and touches nothing else', ([after, flags]) => within([letter('One'), letter('Two')], async (mailbox, account) => {
      const [first = ''] = await mailbox.look(all)
      expect(await mailbox.settle([first], after)).toEqual({ done: [first], gone: [] })
      expect(await mailbox.settle([first], after)).toEqual({ done: [first], gone: [] })
      expect(await bed.flagsOf(account)).toEqual([flags, []])
    }))

    imapTest('[RX8] a moved mail lies once in the other folder, which is made when missing; moving it again finds it gone', () => within([letter('One'), letter('Two')], async (mailbox, account) => {
      const [first = '', second = ''] = await mailbox.look(all)
      const after: After = { do: 'move', folder: 'Erledigt für immer' }
      expect(await mailbox.settle([first], after)).toEqual({ done: [first], gone: [] })
      expect(await mailbox.settle([first, second], after)).toEqual({ done: [second], gone: [first] })
      expect(await mailbox.look(all)).toEqual([])
      expect(await bed.flagsOf(account, 'Erledigt für immer')).toHaveLength(2)
    }))

    imapTest('[RX8] moving a mail into the folder it lies in leaves it alone', () => within([letter('One')], async (mailbox) => {
      const uids = await mailbox.look(all)
      for (const folder of ['INBOX', 'Inbox']) expect(await mailbox.settle(uids, { do: 'move', folder })).toEqual({ done: uids, gone: [] })
      expect(await mailbox.look(all)).toEqual(uids)
    }))

    imapTest('[RX9] a mail copied twice lies once in the other folder, and stays', () => within([letter('One'), letter('Two')], async (mailbox, account) => {
      const uids = await mailbox.look(all)
      const after: After = { do: 'copy', folder: 'Copies' }
      expect(await mailbox.settle(uids.slice(0, 1), after)).toEqual({ done: uids.slice(0, 1), gone: [] })
      expect(await mailbox.settle(uids, after)).toEqual({ done: uids, gone: [] })
      expect(await mailbox.look(all)).toEqual(uids)
      expect(await bed.flagsOf(account, 'Copies')).toHaveLength(2)
    }))

    imapTest('[RX9] a mail is copied although another one with its Message-ID lies in the other folder', () => within([letter('One')], async (mailbox, account) => {
      await bed.put(account, letter('One', 'Another text.'), 'Copies')
      const uids = await mailbox.look(all)
      await mailbox.settle(uids, { do: 'copy', folder: 'Copies' })
      await mailbox.settle(uids, { do: 'copy', folder: 'Copies' })
      expect(await bed.flagsOf(account, 'Copies')).toHaveLength(2)
    }))

    test('[RX10] deleting removes the mails named and no other, also none that someone else marked', () => within([letter('One'), letter('Two'), letter('Three')], async (mailbox, account) => {
      const [first = '', second = '', third = ''] = await mailbox.look(all)
      expect(await mailbox.settle([second], { do: 'delete' })).toEqual({ done: [second], gone: [] })
      expect(await mailbox.settle([second], { do: 'delete' })).toEqual({ done: [], gone: [second] })
      expect(await mailbox.look(all)).toEqual([first, third])
      expect(await bed.flagsOf(account)).toHaveLength(2)
    }))

    imapTest('[RX11] new mail is told while the mailbox waits, and a refresh keeps it open', () => within([letter('One')], async (mailbox, account) => {
      const news = Promise.withResolvers<void>()
      mailbox.onNews(() => { news.resolve() })
      expect(await mailbox.look(all)).toHaveLength(1)
      await mailbox.refresh()
      await bed.put(account, letter('Two'))
      await news.promise
      expect(await mailbox.look(all)).toHaveLength(2)
    }))

    imapTest('[RX12] UIDVALIDITY is the same at each opening', () => within([letter('One')], async (mailbox, account) => {
      const again = await bed.adapter.open(account, 'INBOX', never)
      expect(again.uidValidity).toBe(mailbox.uidValidity)
      expect(mailbox.uidValidity).toMatch(/^[1-9]\d*$/)
      await again.close()
    }))

    test('[RX13] a Message-ID is found exactly, not as part of another', () => within([letter('One'), letter('One more')], async (mailbox) => {
      const [first = ''] = await mailbox.look(all)
      expect(await mailbox.findMessageId('<one@example.org>')).toEqual([first])
      expect(await mailbox.findMessageId('one@example.org')).toEqual([first])
      expect(await mailbox.findMessageId('<one@example>')).toEqual([])
      expect(await mailbox.findMessageId('')).toEqual([])
      expect(await mailbox.findMessageId('one@example.org', 10)).toEqual([first])
      expect(await mailbox.findMessageId('none@example.org', 10)).toEqual([])
    }))

    imapTest('[SX169] a mail is put into the folder byte for byte and marked as read; a large one from its file', () => within([], async (mailbox, account) => {
      const small = letter('Sent 1', 'with äöü\r\n.\r\nand a dot')
      const large = letter('Sent 2', 'x'.repeat(76).concat('\r\n').repeat(60_000))
      const path = spool.scratch()
      await writeFile(path, large)
      await mailbox.append?.({ kind: 'bytes', bytes: small })
      await mailbox.append?.({ kind: 'file', path, size: large.length, sha256: hash('sha256', large) })
      const uids = await mailbox.look(all)
      expect((await gather(mailbox.fetch(uids, spool, limits))).map((mail) => ('sha256' in mail ? mail.sha256 : mail.code))).toEqual([small, large].map((bytes) => hash('sha256', bytes)))
      expect(await bed.flagsOf(account)).toEqual([['\\Seen'], ['\\Seen']])
      // The line goes on.
      expect(await mailbox.findMessageId('<sent-2@example.org>')).toEqual(uids.slice(1))
    }))

    imapTest('[SX169] it goes into a folder of any name', () => within([], async (_, account) => {
      const bytes = letter('Sent 1')
      const path = spool.scratch()
      await writeFile(path, bytes)
      for (const folder of ['Gesendet & Büro', '送信済み']) {
        await bed.put(account, letter('One'), folder)
        const sent = await bed.adapter.open(account, folder, never)
        await sent.append?.({ kind: 'bytes', bytes })
        await sent.append?.({ kind: 'file', path, size: bytes.length, sha256: '' })
        expect(await sent.findMessageId('<sent-1@example.org>')).toHaveLength(2)
        await sent.close()
      }
    }))

    imapTest('[SX169] a file that is shorter than it should be leaves no mail behind', () => within([], async (mailbox, account) => {
      const path = spool.scratch()
      await writeFile(path, letter('Half'))
      expect(await codeOf(mailbox.append?.({ kind: 'file', path, size: 100_000, sha256: '' }) ?? Promise.resolve())).toBe('INTERNAL')
      const again = await bed.adapter.open(account, 'INBOX', never)
      expect(await again.look(all)).toEqual([])
      await again.close()
    }))

    imapTest('[RX14] folders come with their own names, whatever the script, and can be opened', () => within([], async (_, account) => {
      for (const folder of ['Büro & Café', '日本語', 'Projekte/2026']) await bed.put(account, letter('One'), folder)
      const folders = await bed.adapter.folders(account, never)
      const paths = folders.filter((folder) => folder.selectable).map((folder) => folder.path)
      expect(paths).toEqual(expect.arrayContaining(['INBOX', 'Büro & Café', '日本語', 'Projekte/2026']))
      expect(folders).toEqual(expect.arrayContaining([expect.objectContaining({ path: 'INBOX', use: 'inbox' }), expect.objectContaining({ path: 'Sent', use: 'sent' })]))
      expect(folders.find(({ path }) => path === 'Projekte/2026')).toMatchObject({ name: '2026', depth: 1 })
      const opened = await bed.adapter.open(account, '日本語', never)
      expect(await opened.look(all)).toHaveLength(1)
      await opened.close()
    }))

    test('[RX15] a wrong password and a missing folder are told as what they are', async () => {
      const account = bed.account()
      expect(await codeOf(bed.adapter.open({ ...account, password: 'wrong' }, 'INBOX', never))).toBe('MAIL_LOGIN_REFUSED')
      expect(await codeOf(bed.adapter.open(account, 'No such folder', never))).toBe('MAIL_FOLDER_MISSING')
    })

    imapTest('[RX16] a peek shows the newest first with the unread counted, and reads none', () => within([letter('One'), letter('Two'), letter('Three')], async (mailbox, account) => {
      const [first = ''] = await mailbox.look(all)
      await mailbox.settle([first], { do: 'mark-seen' })
      const seen = await mailbox.peek(2)
      expect(seen).toMatchObject({ total: 3, waiting: 2, messages: [{ subject: 'Three', from: 'Ada', seen: false }, { subject: 'Two' }] })
      expect(await bed.flagsOf(account)).toEqual([['\\Seen'], [], []])
      expect((await mailbox.peek(0)).messages).toEqual([])
    }))

    imapTest('[RN77, RN82] mails are found as a person searches, counted whole, listed as asked, and none is read by it', () => within([
      letter('Order 1'), letter('Order 2', 'x'.repeat(5000), 'X-Ticket: 7\r\n'), letter('Greetings'), letter('Order 3'),
    ], async (mailbox, account) => {
      const nothing = { unseen: false, flagged: false, from: '', to: '', subject: '', since: '', keyword: '', largerThan: 0, header: null }
      const find = async (query: Partial<MailQuery>, page = { limit: 10, newestFirst: true }) => {
        const found = await mailbox.find({ ...nothing, ...query }, page)
        return [found.count, ...found.mails.map((mail) => mail.subject)]
      }
      const [first = '', second = ''] = await mailbox.look(all)
      await mailbox.settle([first], { do: 'mark-seen' })
      await mailbox.settle([second], { do: 'add-keyword', keyword: 'invoice' })
      expect(await find({ subject: 'order' }, { limit: 2, newestFirst: true })).toEqual([3, 'Order 3', 'Order 2'])
      expect(await find({ subject: 'order' }, { limit: 2, newestFirst: false })).toEqual([3, 'Order 1', 'Order 2'])
      expect(await find({ unseen: true, from: 'ada@' })).toEqual([3, 'Order 3', 'Greetings', 'Order 2'])
      expect(await find({ to: 'support@' })).toEqual([4, 'Order 3', 'Greetings', 'Order 2', 'Order 1'])
      expect(await find({ keyword: 'invoice' })).toEqual([1, 'Order 2'])
      expect(await find({ largerThan: 4096 })).toEqual([1, 'Order 2'])
      expect(await find({ header: { name: 'X-Ticket', value: '' } })).toEqual([1, 'Order 2'])
      expect(await find({ header: { name: 'X-Ticket', value: '8' } })).toEqual([0])
      expect(await find({ since: '2026-01-01', flagged: true })).toEqual([0])
      expect(await mailbox.find({ ...nothing, keyword: 'invoice' }, { limit: 1, newestFirst: true })).toMatchObject({ mails: [{ uid: second, messageId: 'order-2@example.org', from: { name: 'Ada', address: 'ada@example.org', domain: 'example.org' }, unread: true, flagged: false }] })
      expect((await bed.flagsOf(account)).map((flags) => flags.includes('\\Seen'))).toEqual([true, false, false, false])
    }))

    imapTest('[RX140] a look takes what matches, in any script, behind the first UID and the cursor; quotes and line ends in a search are only letters', () => within([
      letter('=?utf-8?Q?Angebot_Gr=C3=B6=C3=9Fe_7?='), letter('Offer 8', 'x', 'X-Ticket: 7\r\n'), letter('=?utf-8?B?6KuL5rGC5pu4?=', 'x'.repeat(5000)), letter('Say "hi" \\ now'),
    ], async (mailbox) => {
      const nothing = { unseen: false, flagged: false, from: '', to: '', subject: '', since: '', keyword: '', largerThan: 0, header: null }
      const [first = '', second = '', third = '', fourth = ''] = await mailbox.look(all)
      const look = (query: Partial<MailQuery>, over = {}) => mailbox.look({ ...all, ...over, search: { ...nothing, ...query } })
      expect(await look({ subject: 'ANGEBOT GRÖ' })).toEqual([first])
      expect(await look({ subject: 'größe' })).toEqual([first])
      expect(await look({ subject: '請求' })).toEqual([third])
      expect(await look({ subject: '"hi" \\' })).toEqual([fourth])
      expect(await look({ subject: 'hi\r\nA1 LOGOUT' })).toEqual([])
      expect(await look({ subject: 'Offer\r\n\t8\0' })).toEqual([second])
      expect(await look({ header: { name: 'X-Ticket', value: '7' } })).toEqual([second])
      expect(await look({ header: { name: 'Subject', value: 'größe' } })).toEqual([first])
      expect(await look({ largerThan: 4096, to: 'support' })).toEqual([third])
      expect(await look({ from: 'ada' }, { firstUid: second, cursor: second })).toEqual([third, fourth])
      expect(await look({ since: '2099-01-01' })).toEqual([])
      expect(await look({ since: '2020-01-01' }, { since: '2099-01-01T00:00:00.000Z' })).toEqual([])
      await mailbox.settle([second], { do: 'flag' })
      await mailbox.settle([third], { do: 'mark-seen' })
      await mailbox.settle([fourth], { do: 'add-keyword', keyword: 'Orders' })
      expect([await look({ flagged: true }), await look({ unseen: true }), await look({ keyword: 'orders' })]).toEqual([[second], [first, second, fourth], [fourth]])
      expect(await look({ from: 'ada' }, { unseenOnly: true, cursor: second })).toEqual([fourth])
    }))

    test('[RN77, RN82] all mails are listed newest or oldest first, as many as asked', () => within([letter('One'), letter('Two'), letter('Three')], async (mailbox) => {
      const everything = { unseen: false, flagged: false, from: '', to: '', subject: '', since: '', keyword: '', largerThan: 0, header: null }
      const uids = await mailbox.look(all)
      expect(await mailbox.find(everything, { limit: 2, newestFirst: true })).toMatchObject({ count: 3, mails: [{ uid: uids[2], subject: 'Three', messageId: 'three@example.org', from: { name: 'Ada', domain: 'example.org' }, date: '2026-11-20T10:00:00.000Z' }, { uid: uids[1] }] })
      expect(await mailbox.find(everything, { limit: 1, newestFirst: false })).toMatchObject({ count: 3, mails: [{ uid: uids[0] }] })
    }))

    imapTest('[RX146] flagging with a keyword puts that on and no flag; twice without harm', () => within([letter('One'), letter('Two')], async (mailbox, account) => {
      const [first = ''] = await mailbox.look(all)
      for (const _ of [1, 2]) expect(await mailbox.settle([first], { do: 'flag', keyword: 'Invoice-2026' })).toEqual({ done: [first], gone: [] })
      expect(await bed.flagsOf(account)).toEqual([['Invoice-2026'], []])
    }))

    imapTest('[RN83] marks and keywords are taken off again, twice without harm', () => within([letter('One')], async (mailbox, account) => {
      const uids = await mailbox.look(all)
      for (const change of [{ do: 'mark-seen' }, { do: 'flag' }, { do: 'add-keyword', keyword: 'invoice' }] as const) await mailbox.settle(uids, change)
      expect(await bed.flagsOf(account)).toEqual([['\\Flagged', '\\Seen', 'invoice']])
      for (const change of [{ do: 'mark-unseen' }, { do: 'unflag' }, { do: 'remove-keyword', keyword: 'invoice' }] as const) {
        await mailbox.settle(uids, change)
        await mailbox.settle(uids, change)
      }
      expect(await bed.flagsOf(account)).toEqual([[]])
    }))

    imapTest('[RN84] a folder is made once; one that is there is told so, and a name that no folder has is said to no server', () => within([], async (mailbox, account) => {
      expect(await mailbox.createFolder?.('Kunden/Müller')).toBe(true)
      expect(await mailbox.createFolder?.('Kunden/Müller')).toBe(false)
      expect((await bed.adapter.folders(account, never)).map((folder) => folder.path)).toContain('Kunden/Müller')
      expect(await codeOf(mailbox.createFolder?.('x\r\nA1 DELETE INBOX') ?? Promise.resolve())).toBe('MAIL_FOLDER_MISSING')
    }))

    test('[RX17] the end is told once: without a fault when we closed it', () => within([], async (mailbox) => {
      const ends: (Error | null)[] = []
      mailbox.onClose((fault) => ends.push(fault))
      await mailbox.close()
      await mailbox.close()
      expect(ends).toEqual([null])
      expect(await codeOf(mailbox.look(all))).toBe('MAIL_CONNECTION_LOST')
    }))

    test('[RX116] sizes, sessions, news, a short look into the mailbox and its folders are told as each protocol can', async () => {
      const account = await within([letter('One')], async (mailbox, mine) => {
        mailbox.onNews(() => {})
        const [uid = ''] = await mailbox.look(all)
        expect(mailbox.sizeOf(uid)).toBe(kind === 'pop3' ? letter('One').length : null)
        expect(mailbox.keepsSession).toBe(kind === 'imap')
        expect(mailbox.uidValidity).toMatch(kind === 'imap' ? /^\d+$/ : /^$/)
        expect(await mailbox.peek(5)).toMatchObject({ total: 1, waiting: 1, messages: [{ uid, subject: 'One', from: 'Ada', seen: false }] })
        await mailbox.refresh()
        expect(await mailbox.look(all)).toEqual([uid])
        const first = await mailbox.lookOn?.(all, null)
        expect(first === undefined).toBe(kind === 'pop3')
        if (first) {
          expect(first.uids).toEqual([uid])
          const again = await mailbox.lookOn?.(all, first.mark)
          // What matched at the mark may be left out; nothing else is ever named.
          expect([uid]).toEqual(expect.arrayContaining([...again?.uids ?? ['nothing']]))
        }
        return mine
      })
      expect((await bed.adapter.folders(account, never)).map((folder) => folder.path)).toContain('INBOX')
    })

    // Last: nothing that a mailbox offers was left out above.
    test('[RX116] everything that a mailbox offers was asked of it', () => {
      expect([...offered].filter((name) => !asked.has(name))).toEqual([])
      expect(offered.size).toBeGreaterThan(0)
    })
  })
}

/** In the place of `test`, where a protocol can't do what is asked. */
const leftOut = (_title: string, _ask: () => Promise<void> | void): void => {}
