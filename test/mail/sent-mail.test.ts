/** Where sent mail lies: one mail is found there, by the server's search or in spite of it. */
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { connectionId } from '#shared/ids.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import { makeSentMail } from '#runtime/sent-mail.ts'
import { makeVisitPool } from '#runtime/visit-pool.ts'
import { letter } from '../contracts/mailbox.contract.ts'
import { imapServer, type ImapFaults } from '../servers/imap-server.ts'

const adapter = imapAdapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog })
const inbox = connectionId('inbox')
let stop: () => Promise<unknown> = () => Promise.resolve()
afterEach(() => stop())

async function world(faults: ImapFaults = {}) {
  const server = await imapServer(faults)
  const account = server.account({ user: 'u0' })
  const pool = makeVisitPool({ adapter, account: () => Promise.resolve(account), clock: systemClock })
  stop = async () => { await pool.close(); await server.stop() }
  let listed = 0
  const sentMail = makeSentMail({ pool, folders: () => { listed += 1; return adapter.folders(account, new AbortController().signal) } })
  return { server, sentMail, listed: () => listed, isThere: (id: string, folder = 'Sent') => sentMail.isInFolder(inbox, folder, id) }
}

test('[SX168] the server\'s own folder for sent mail is asked for once, and again when the connection was changed', async () => {
  const { server, sentMail, listed, isThere } = await world()
  server.store.deliver('u0', letter('Order 1'), { folder: 'Sent' })
  expect([await isThere('<order-1@example.org>', ''), await isThere('<order-2@example.org>', ''), await isThere('<order-1@example.org>', 'INBOX')]).toEqual([true, false, false])
  expect(listed()).toBe(1)
  sentMail.renew(inbox)
  await isThere('<order-1@example.org>', '')
  expect(listed()).toBe(2)
})

const asksHeader = (line: string): boolean => / UID SEARCH .*HEADER/i.test(line)
test.each([
  ['refuses to search headers', 'NO Not on this server'], ['does not know such a search', 'BAD What is that'], ['finds nothing', 'OK Searched'],
] as const)('[SX168] a server that %s is not believed: the heads of the newest mails are read', async (_, answer) => {
  const { server, isThere } = await world({ onCommand: ({ tag, line }, wire) => asksHeader(line) && wire.write(`${answer.startsWith('OK') ? '* SEARCH\r\n' : ''}${tag} ${answer}\r\n`) })
  expect(await isThere('<order-1@example.org>')).toBe(false)
  for (const subject of ['Order 1', 'Order 2', 'Order 3']) server.store.deliver('u0', letter(subject), { folder: 'Sent' })
  expect([await isThere('<order-1@example.org>'), await isThere('<order@example.org>')]).toEqual([true, false])
})

test('[SX168] a mail that a server files between two looks is found in the second, over the same line', async () => {
  const { server, isThere } = await world()
  expect(await isThere('<order-1@example.org>')).toBe(false)
  server.store.deliver('u0', letter('Order 1'), { folder: 'Sent' })
  expect(await isThere('<order-1@example.org>')).toBe(true)
  expect(server.commands.filter(({ name }) => name === 'AUTHENTICATE' || name === 'LOGIN')).toHaveLength(1)
})
