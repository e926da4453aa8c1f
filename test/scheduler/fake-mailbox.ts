/** A mailbox in memory behind the one interface of the adapters, for tests of who looks when and takes what. */
import { hash } from 'node:crypto'
import type { MailChange } from '#shared/mailbox-action.ts'
import type { After } from '#shared/nodes/receive-email.ts'
import type { Fingerprint } from '#runtime/fingerprint.ts'
import type { Fetched, LookFilter, NotFetched, OpenMailbox } from '#runtime/mail/mailbox.ts'

export interface FakeMail { readonly uid: number; readonly subject: string; seen: boolean; flagged?: boolean; readonly receivedAt: string; readonly size?: number; readonly messageId?: string }

export interface FakeMailbox extends OpenMailbox {
  readonly mails: FakeMail[]
  /** What every look asked for. */
  readonly asked: LookFilter[]
  readonly settled: { readonly uids: readonly string[]; readonly after: After | MailChange }[]
  uidValidity: string
  keepsSession: boolean
  arrive(subject: string, over?: Partial<FakeMail>): number
  /** Most looks and fetches that ran at the same time. */
  busiest(): number
}

export function fakeMailbox(): FakeMailbox {
  const mails: FakeMail[] = []
  const settled: { uids: readonly string[]; after: After | MailChange }[] = []
  const asked: LookFilter[] = []
  let uidNext = 1
  let busy = 0
  let busiest = 0
  const busily = async <T>(work: () => T): Promise<T> => {
    busy += 1
    busiest = Math.max(busiest, busy)
    await Promise.resolve()
    busy -= 1
    return work()
  }
  const raw = (mail: FakeMail) => Buffer.from(`From: a@example.org\r\nSubject: ${mail.subject}\r\n\r\nbody\r\n`)
  return {
    mails, settled, asked,
    uidValidity: '7',
    keepsSession: true,
    baseline: () => Promise.resolve({ firstUid: String(uidNext), passed: [] }),
    sizeOf: () => null,
    async *fingerprints(uids): AsyncIterable<Fingerprint> {
      for (const uid of uids) {
        const mail = await busily(() => mails.find((one) => String(one.uid) === uid))
        if (mail) yield { uid, messageId: mail.messageId ?? '', size: raw(mail).length, receivedAt: mail.receivedAt }
      }
    },
    arrive: (subject, over = {}) => {
      const mail = { uid: uidNext, subject, seen: false, receivedAt: '2026-11-20T11:00:00.000Z', ...over }
      uidNext = mail.uid + 1
      mails.push(mail)
      return mail.uid
    },
    busiest: () => busiest,
    look: (filter) => busily(() => { asked.push(filter); return mails.filter((mail) => mail.uid >= Number(filter.firstUid) && mail.uid > Number(filter.cursor) && (!filter.unseenOnly || !mail.seen) && (filter.since === '' || mail.receivedAt >= filter.since) && matches(mail, filter.search)).map((mail) => String(mail.uid)) }),
    async *fetch(uids, _spool, limits): AsyncIterable<Fetched | NotFetched> {
      for (const uid of uids) {
        const mail = await busily(() => mails.find((one) => String(one.uid) === uid))
        if (!mail) yield { uid, size: 0, code: 'MAIL_GONE', reason: 'gone' }
        else if ((mail.size ?? 0) > limits.maxMailBytes) yield { uid, size: mail.size ?? 0, code: 'MAIL_TOO_LARGE', reason: 'large' }
        else {
          const bytes = raw(mail)
          yield { uid, flags: mail.seen ? ['\\Seen'] : [], receivedAt: mail.receivedAt, raw: { kind: 'bytes', bytes }, sha256: hash('sha256', bytes) }
        }
      }
    },
    settle: (uids, after) => busily(() => {
      settled.push({ uids, after })
      const there = new Set(mails.map((mail) => String(mail.uid)))
      for (const mail of mails) if (uids.includes(String(mail.uid)) && after.do === 'mark-seen') mail.seen = true
      return { done: uids.filter((uid) => there.has(uid)), gone: uids.filter((uid) => !there.has(uid)) }
    }),
    find: () => Promise.resolve({ count: 0, mails: [] }),
    findMessageId: () => Promise.resolve([]),
    peek: () => Promise.resolve({ messages: [], total: mails.length, waiting: 0 }),
    refresh: () => Promise.resolve(),
    onNews: () => {},
    onClose: () => {},
    close: () => Promise.resolve(),
  }
}

/** As much of a search as these mails have to be searched by. */
function matches({ subject, seen, flagged, receivedAt }: FakeMail, search: LookFilter['search']): boolean {
  if (!search) return true
  return subject.includes(search.subject) && (!search.flagged || flagged === true) && (!search.unseen || !seen) && (search.since === '' || receivedAt >= search.since)
}
