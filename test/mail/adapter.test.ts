/** The adapter of an account's own protocol passes on all that it is given. */
import { expect, onTestFinished, test } from 'vitest'
import { mailboxes } from '../contracts/mailbox-beds.ts'
import { letter } from '../contracts/mailbox.contract.ts'
import { imapServer } from '../servers/imap-server.ts'

test('[RX111] who opens a mailbox by its account is told that a long answer gets on', async () => {
  const server = await imapServer()
  onTestFinished(() => server.stop())
  server.store.deliver('u0', letter('One'))
  let signs = 0
  const mailbox = await mailboxes.open(server.account(), 'INBOX', new AbortController().signal, () => { signs += 1 })
  onTestFinished(() => mailbox.close())
  await mailbox.settle(['1'], { do: 'flag' })
  expect(signs).toBeGreaterThan(0)
})
