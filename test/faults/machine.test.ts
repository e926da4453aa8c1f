/** What a machine does to a process besides killing it: it stands still while another is started, its clock is moved, it dies between a wish and its answer. */
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { MailboxesView } from '#shared/api.ts'
import { startProduct } from '../product.ts'
import { until } from '../until.ts'
import { letter, mailWorld, type World } from '../world.ts'

let world: World | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})

test('[RN154] while the program stands still a second one on its data is turned away; it goes on where it was, and each mail runs once', async () => {
  const standing = world = await mailWorld()
  standing.arrive(letter('Order 1'))
  await standing.settled(1)
  process.kill(standing.product.pid, 'SIGSTOP')
  standing.arrive(letter('Order 2'))
  await expect(startProduct(standing.folder)).rejects.toThrow('Another Mailweave is running')
  expect(standing.subjects()).toEqual(['Fwd: Order 1'])
  process.kill(standing.product.pid, 'SIGCONT')
  await standing.settled(2)
  expect(standing.subjects()).toEqual(['Fwd: Order 1', 'Fwd: Order 2'])
})

test('[RN155] killed between DELE and QUIT, the mails come back, are not run again, and are deleted', async () => {
  const killed: { world?: World } = {}
  let deletes = 0
  const pop3 = world = killed.world = await mailWorld({
    by: 'pop3', receive: { after: { do: 'delete' } },
    pop3: { onCommand: async ({ name }) => {
      if (name === 'DELE') deletes += 1
      if (name !== 'QUIT' || deletes === 0 || deletes > 3) return false
      // Never answered: the server has the marks and loses them with the line (RFC 1939 section 6).
      deletes = Infinity
      await killed.world?.product.kill('SIGKILL')
      return true
    } },
  })
  for (const name of ['One', 'Two', 'Three']) pop3.arrive(letter(name))
  await pop3.product.ended
  expect(pop3.unread()).toBe(3)
  await pop3.startAgain()
  await until(() => pop3.unread() === 0)
  const runs = await pop3.settled(3)
  expect(runs.every((run) => run.state === 'done')).toBe(true)
  expect(pop3.subjects().toSorted()).toEqual(['Fwd: One', 'Fwd: Three', 'Fwd: Two'])
})

test.each([['forward', 'SIGUSR2'], ['back', 'SIGPWR']] as const)('[RN156] the clock is put a day %s: mail runs and goes out as before, once, and the looks keep their rhythm', async (_, signal) => {
  const moved = world = await mailWorld({ env: { NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'moved-clock.mjs')}` } })
  const lastLook = async (): Promise<string> => (await moved.product.api<MailboxesView>('GET', '/api/mailboxes')).mailboxes[0]?.lastLookAt ?? ''
  moved.arrive(letter('Before'))
  await moved.settled(1)
  const before = await lastLook()
  process.kill(moved.product.pid, signal)
  const dayMs = 24 * 3_600_000
  // It looks on in its new day by itself, and more than once.
  const first = await until(lastLook, (at) => Math.abs(Date.parse(at) - Date.parse(before)) > dayMs / 2)
  await until(lastLook, (at) => at > first)
  for (const name of ['One', 'Two', 'Three']) moved.arrive(letter(name))
  const runs = await moved.settled(4)
  expect(runs.every((run) => run.state === 'done')).toBe(true)
  expect(moved.subjects().toSorted()).toEqual(['Fwd: Before', 'Fwd: One', 'Fwd: Three', 'Fwd: Two'])
  await until(() => moved.unread() === 0)
})
