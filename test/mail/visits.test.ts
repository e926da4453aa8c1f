/** Short visits that a person waits for: how many mails match, and a question that is called off. */
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { connectionId } from '#shared/ids.ts'
import { queryOf } from '#shared/mail-search.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import { makeVisits, type Visits } from '#runtime/mailboxes.ts'
import { codeOf, letter } from '../contracts/mailbox.contract.ts'
import { imapServer } from '../servers/imap-server.ts'
import { testSpool } from '../servers/spool.ts'

const adapter = imapAdapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog })
const inbox = connectionId('inbox')
const never = new AbortController().signal
const asked = (search: Parameters<typeof queryOf>[0], signal = never) => ({ query: queryOf(search, '2026-11-20T12:00:00.000Z'), signal })
let stop: () => Promise<unknown> = () => Promise.resolve()
afterEach(() => stop())

async function world(): Promise<{ readonly visits: Visits; readonly server: Awaited<ReturnType<typeof imapServer>> }> {
  const server = await imapServer()
  const spool = await testSpool()
  stop = async () => { await server.stop(); await spool.remove() }
  return { server, visits: makeVisits(adapter, () => Promise.resolve(server.account({ user: 'u0' })), spool) }
}

test('[RX145] mails that match are counted, unread ones apart, the newest shown; nothing is read by it', async () => {
  const { visits, server } = await world()
  for (const subject of ['Order 1', 'Other', 'Order 2', 'Order 3']) server.store.deliver('u0', letter(subject))
  server.store.folder('u0', 'INBOX')?.mails[0]?.flags.add('\\Seen')
  const found = await visits.messages(inbox, 'INBOX', 2, asked({ subject: 'order' }))
  expect(found).toMatchObject({ total: 3, waiting: 2, messages: [{ subject: 'Order 3', from: 'Ada', seen: false }, { subject: 'Order 2' }] })
  expect(await visits.messages(inbox, 'INBOX', 1, asked({ subject: 'order', unseen: true }))).toMatchObject({ total: 2, waiting: 2 })
  expect(await visits.messages(inbox, 'INBOX', 1, asked({}))).toMatchObject({ total: 4, waiting: 3, messages: [{ subject: 'Order 3' }] })
  expect(await visits.messages(inbox, 'INBOX', 1, asked({ subject: 'nothing' }))).toEqual({ total: 0, waiting: 0, messages: [] })
  expect(server.store.folder('u0', 'INBOX')?.mails.map((mail) => mail.flags.has('\\Seen'))).toEqual([true, false, false, false])
})

test('[RX145] a wrong folder is told as that, and a question that is called off ends at once', async () => {
  const { visits } = await world()
  expect(await codeOf(visits.messages(inbox, 'Nowhere', 1, asked({ flagged: true })))).toBe('MAIL_FOLDER_MISSING')
  expect(await codeOf(visits.messages(inbox, 'INBOX', 1, asked({ flagged: true }, AbortSignal.abort())))).toBe('MAIL_CONNECTION_LOST')
})
