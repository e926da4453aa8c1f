/** Servers that offer to count their changes and then don't, or name mails without end. */
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import { all, codeOf, letter } from '../contracts/mailbox.contract.ts'
import { imapServer, type ImapFaults } from '../servers/imap-server.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).toReversed()) await cleanup() })

async function counting(onCommand: NonNullable<ImapFaults['onCommand']>) {
  const server = await imapServer({
    capabilities: ['IMAP4rev1', 'AUTH=PLAIN', 'IDLE', 'ENABLE', 'CONDSTORE', 'ESEARCH'], onCommand,
    onOutput: (bytes) => Buffer.from(bytes.toString('latin1').replace('* OK [UIDVALIDITY', '* OK [HIGHESTMODSEQ 5] Highest\r\n* OK [UIDVALIDITY'), 'latin1'),
  })
  cleanups.push(() => server.stop())
  for (const subject of ['One', 'Two', 'Three']) server.store.deliver('u0', letter(subject))
  const adapter = imapAdapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog })
  const mailbox = await adapter.open(server.account(), 'INBOX', new AbortController().signal)
  cleanups.push(() => mailbox.close())
  return { server, mailbox }
}

test('[RN47] a server that offers to count its changes and refuses to search by them is looked into whole', async () => {
  const { server, mailbox } = await counting(() => false)
  const first = await mailbox.lookOn?.(all, null)
  expect(first).toMatchObject({ uids: ['1', '2', '3'], whole: true })
  server.store.deliver('u0', letter('Four'))
  await mailbox.refresh()
  expect(await mailbox.lookOn?.(all, first?.mark ?? null)).toMatchObject({ uids: ['1', '2', '3', '4'] })
})

test('[RN47] a set of four thousand million mails in a few bytes is refused, in bounded memory', async () => {
  const { mailbox } = await counting(({ name, tag }, wire) => name === 'UID SEARCH' && wire.write(`* ESEARCH (TAG "${tag}") UID ALL 1:4294967295 MODSEQ 6\r\n${tag} OK Found\r\n`))
  expect(await codeOf(mailbox.lookOn?.(all, null) ?? Promise.resolve())).toBe('MAIL_PROTOCOL')
})
