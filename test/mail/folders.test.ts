/** The tree of an account's folders as a server lists it. */
import { expect, test } from 'vitest'
import { mailboxes } from '../contracts/mailbox-beds.ts'
import { imapServer } from '../servers/imap-server.ts'

test('[RX147] a name on the way to a folder that the server does not list stands in the tree all the same, once and not to be chosen', async () => {
  const server = await imapServer()
  try {
    for (const path of ['A/B/C', 'A/B/D', 'A/E', 'F']) server.store.makeFolder('u0', path)
    const folders = await mailboxes.folders(server.account(), new AbortController().signal)
    expect(folders.filter(({ path }) => /^[A-F](\/|$)/.test(path)).map(({ path, name, depth, selectable }) => [path, name, depth, selectable])).toEqual([
      ['A', 'A', 0, false], ['A/B', 'B', 1, false], ['A/B/C', 'C', 2, true], ['A/B/D', 'D', 2, true], ['A/E', 'E', 1, true], ['F', 'F', 0, true],
    ])
  } finally {
    await server.stop()
  }
})
