/** What bounds the product: work in hand while a server hangs, and a disk that takes no more. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import type { MailboxesView } from '#shared/api.ts'
import { runsInHand } from '#runtime/limits.ts'
import { until, untilItRests } from '../until.ts'
import { letter, mailWorld, messageIds, type World } from '../world.ts'

let world: World
afterEach(async () => { await world.stop() })

type Yes = '250 2.0.0 queued'
const saysLater = () => {
  let answer = (_: Yes) => {}
  const later = new Promise<Yes>((resolve) => { answer = resolve })
  return { later, answer: () => { answer('250 2.0.0 queued') } }
}
/** Highest resident memory of the product so far, in MB. */
const peakMb = (pid: number): number => Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
const mailbox = async () => (await world.product.api<MailboxesView>('GET', '/api/mailboxes')).mailboxes[0]

test('[RN16] 500 mails of 200 KB before a server that hangs: the fetch stops at what the hand holds, and goes on when the server answers', async () => {
  const mails = 500
  const { later, answer } = saysLater()
  const large = letter('Order', { body: `${'x'.repeat(76)}\r\n`.repeat(2560) })
  world = await mailWorld({ inbox: Array.from({ length: mails }, () => large), smtp: { dot: (_, n) => (n <= 5 ? { later } : undefined), keepAtDot: true } })
  await world.smtp.untilDots(5)
  const held = await untilItRests(async () => (await world.product.runs()).length, 40)
  expect(held).toBeGreaterThan(0)
  // The look that was let in last may bring a whole chunk.
  expect(held).toBeLessThanOrEqual(runsInHand + 50)
  expect(world.unread()).toBe(mails)
  // Its waiting is told as what it is.
  expect((await mailbox())?.health).toBe('polling')
  answer()
  await world.settled(mails)
  expect(world.smtp.accepted).toHaveLength(mails)
  expect(messageIds(world.smtp).size).toBe(mails)
  console.log(`figure: 500 mails of 200 KB, server hanging: ${held} runs taken in of at most ${runsInHand} in hand, peak ${peakMb(world.product.pid)} MB resident over the whole drain`)
})

/** Files of this process may not grow any more, or may again: what a full disk or a quota does to it. */
function limitFiles(pid: number, most: '1' | 'unlimited'): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${most}:unlimited`])
  if (status !== 0) throw new Error(`prlimit: ${stderr.toString()}`)
}

test('[RN18] on a full disk the mails stay in the mailbox, an answer that came meanwhile is kept, and with room again all arrive once', async () => {
  const { later, answer } = saysLater()
  world = await mailWorld({ inbox: [letter('Order 1')], smtp: { dot: (_, n) => (n === 1 ? { later } : undefined), keepAtDot: true } })
  await world.smtp.untilDots(1)
  const { pid } = world.product
  limitFiles(pid, '1')
  answer()
  for (let number = 2; number <= 20; number += 1) world.arrive(letter(`Order ${number}`))
  const troubled = await until(mailbox, (one) => one?.health === 'backing-off')
  expect(troubled?.say).toContain('The disk is full')
  // The editor still reads.
  expect(await world.product.runs()).toMatchObject([{ state: 'running', mail: { subject: 'Order 1' } }])
  expect(world.unread()).toBe(20)
  expect(world.smtp.accepted).toHaveLength(1)
  limitFiles(pid, 'unlimited')
  const runs = await world.settled(20)
  expect(new Set(runs.map((run) => run.state))).toEqual(new Set(['done']))
  expect(world.smtp.accepted).toHaveLength(20)
  expect(messageIds(world.smtp).size).toBe(20)
  // The answer to the first mail was told to the ledger by the process that had heard it: nobody had to guess.
  const first = runs.find((run) => run.mail.subject === 'Order 1')
  expect((await world.product.run(first?.id ?? '')).sends.flatMap((send) => send.history.map((event) => event.what))).toEqual(['sent'])
  await until(() => world.unread() === 0)
  expect(world.product.pid).toBe(pid)
})

test('[RN18] computed while the disk is full, a run goes on when there is room, without a restart', async () => {
  world = await mailWorld()
  const { pid } = world.product
  for (let number = 1; number <= 60; number += 1) world.arrive(letter(`Order ${number}`))
  await until(() => world.product.runs(), (runs) => runs.length > 0)
  limitFiles(pid, '1')
  await until(() => world.product.log().includes('ledger.disk-full'))
  limitFiles(pid, 'unlimited')
  const runs = await world.settled(60)
  expect(new Set(runs.map((run) => run.state))).toEqual(new Set(['done']))
  expect(world.smtp.accepted).toHaveLength(60)
  expect(messageIds(world.smtp).size).toBe(60)
})
