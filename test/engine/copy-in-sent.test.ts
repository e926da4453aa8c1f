/** A copy in Sent, through the whole product: the very bytes, once, whatever becomes of the line to the mailbox. */
import { afterEach, expect, test } from 'vitest'
import { until } from '../until.ts'
import { letter, mailWorld, type World } from '../world.ts'

let world: World
afterEach(async () => { await world.stop() })

const keeps = { copy: 'add', copyTo: { connection: 'inbox' } }
const copies = (folder = 'Sent') => world.imap.store.folder('u0', folder)?.mails ?? []
const copyOf = async () => (await world.product.outbox()).sends[0]?.copy

test('[SX170] what the server took lies in its folder for sent mail, byte for byte, read, and without hidden receivers', async () => {
  world = await mailWorld({ inbox: [letter('Order 1')], send: { ...keeps, bcc: 'hidden@example.org' } })
  await until(() => copies().length === 1)
  expect(copies()[0]?.bytes.equals(world.smtp.accepted[0]?.bytes ?? Buffer.alloc(0))).toBe(true)
  expect([...copies()[0]?.flags ?? []]).toEqual(['\\Seen'])
  expect(copies()[0]?.bytes.toString()).not.toContain('hidden@')
  expect(await until(copyOf, (copy) => copy?.state === 'done')).toMatchObject({ connection: 'inbox', folder: 'Sent', say: '' })
  const [run] = await world.settled(1)
  expect(run?.state).toBe('done')
})

test('[SX171] a lost answer to APPEND, and a death before it was written down, leave one copy', async () => {
  let lost = 0
  world = await mailWorld({
    inbox: [letter('Order 1')], send: keeps,
    // The mail is filed, and the line breaks before the server says so.
    imap: { onCommand: ({ name, line }, wire) => {
      if (name !== 'APPEND' || lost > 0) return false
      lost += 1
      world.imap.store.deliver('u0', world.smtp.accepted[0]?.bytes ?? Buffer.alloc(0), { folder: 'Sent', flags: [line.includes('\\Seen') ? '\\Seen' : ''] })
      wire.drop()
      return true
    } },
  })
  const [run] = await world.settled(1)
  expect(run?.state).toBe('done')
  expect(await until(copyOf, (copy) => copy !== null && copy?.say !== '')).toMatchObject({ state: 'waiting' })
  // The next process knows of no try, so it looks first.
  await world.restart()
  await until(copyOf, (copy) => copy?.state === 'done')
  expect(copies()).toHaveLength(1)
  expect(world.smtp.accepted).toHaveLength(1)
})

test('[SX171] a mailbox that refuses costs the run nothing; a folder that is not there is made', async () => {
  world = await mailWorld({ inbox: [letter('Order 1')], send: { copy: 'add', copyTo: { connection: 'inbox', folder: 'Sent/Desk' } } })
  await until(() => copies('Sent/Desk').length === 1)
  expect(await until(copyOf, (copy) => copy?.state === 'done')).toMatchObject({ folder: 'Sent/Desk' })
  world.arrive(letter('Order 2'))
  await until(() => copies('Sent/Desk').length === 2)
})
