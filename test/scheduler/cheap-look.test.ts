/** Looks that ask only what changed, with a real ledger: nothing is left over, and no mail is passed by. */
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { cheapLook } from '#runtime/limits.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import type { OpenMailbox } from '#runtime/mail/mailbox.ts'
import { letter } from '../contracts/mailbox.contract.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { imapServer } from '../servers/imap-server.ts'
import { fakeMailbox } from './fake-mailbox.ts'
import { lookWorld } from './look-world.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).toReversed()) await cleanup() })

async function many(steadyMs = systemClock.steadyMs) {
  const server = await imapServer()
  cleanups.push(() => server.stop())
  const world = await lookWorld()
  cleanups.push(() => world.stop())
  const arrive = (count: number): void => { for (let one = 0; one < count; one += 1) server.store.deliver('u0', letter('Unread')) }
  arrive(cheapLook.few + 10)
  const adapter = imapAdapter({ policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: { ...systemClock, steadyMs }, log: silentLog })
  const mailbox = await adapter.open(server.account(), 'INBOX', new AbortController().signal)
  cleanups.push(() => mailbox.close())
  const searches = (): string[] => server.commands.flatMap(({ name, line }) => (name === 'UID SEARCH' ? [line.replace(/^\S+ /, '')] : []))
  return { server, world, mailbox, arrive, searches }
}

test('[RN44] what a look was not allowed to take is taken by the next ones, also while only changes are asked for', async () => {
  const { world, mailbox, arrive } = await many()
  const trigger = world.trigger({ unseenOnly: true, maxEmails: 300 })
  const look = async () => {
    await mailbox.refresh()
    const { runs, more } = await world.look(trigger, mailbox)
    return [runs, more]
  }
  expect([await look(), await look(), await look()]).toEqual([[300, cheapLook.few - 290], [cheapLook.few - 290, 0], [0, 0]])
  arrive(310)
  expect([await look(), await look(), await look()]).toEqual([[300, 10], [10, 0], [0, 0]])
  expect(new Set(world.uids()).size).toBe(cheapLook.few + 320)
})

test('[RN42, RN45] unread mails that stay unread are asked for once; a whole look follows when a server may have forgotten to tell', async () => {
  const clock = fakeClock()
  const { world, mailbox, searches } = await many(() => clock.steadyMs())
  const trigger = world.trigger({ unseenOnly: true, maxEmails: -1 })
  for (const _ of [1, 2, 3]) await world.look(trigger, mailbox)
  const behind = `UID SEARCH UNDELETED UNSEEN UID ${cheapLook.few + 11}:4294967295`
  expect(searches()).toEqual(['UID SEARCH UNDELETED UNSEEN', behind, behind])
  clock.pass(cheapLook.wholeMs)
  await world.look(trigger, mailbox)
  expect(searches().at(-1)).toBe('UID SEARCH UNDELETED UNSEEN')
})

test('[RN44] what we mark ourselves is asked about once, and no whole look follows', async () => {
  const { world, mailbox, searches } = await many()
  const trigger = world.trigger({ unseenOnly: true, maxEmails: -1 })
  await world.look(trigger, mailbox)
  await mailbox.settle(['7', '8'], { do: 'flag' })
  await world.look(trigger, mailbox)
  await world.look(trigger, mailbox)
  const last = cheapLook.few + 11
  expect(searches().slice(-2)).toEqual([`UID SEARCH UNDELETED UNSEEN UID 7:8,${last}:4294967295`, `UID SEARCH UNDELETED UNSEEN UID ${last}:4294967295`])
})

test('[RN46] a mail that the server failed on is tried again after a restart, whatever came behind it meanwhile', async () => {
  const world = await lookWorld()
  cleanups.push(() => world.stop())
  const fake = fakeMailbox()
  let asked = 0
  const failing: OpenMailbox = {
    ...fake,
    lookOn: async (filter, mark) => {
      const uids = (await fake.look(filter)).filter((uid) => mark === null || Number(uid) > asked)
      asked = fake.mails.length
      return { uids, mark: {}, whole: mark === null }
    },
    async *fetch(uids, spool, limits) {
      for await (const mail of fake.fetch(uids, spool, limits)) yield mail.uid === '1' ? { uid: '1', size: 0, code: 'MAIL_PROTOCOL' as const, reason: 'no bytes' } : mail
    },
  }
  const trigger = world.trigger({ unseenOnly: false, maxEmails: -1 })
  for (const subject of ['Broken', 'Second', 'Third']) {
    fake.arrive(subject)
    await world.look(trigger, failing)
  }
  expect(world.uids()).toEqual([2, 3])
  await world.restart()
  await world.look(world.trigger({ unseenOnly: false, maxEmails: -1 }), fake)
  expect(world.uids()).toEqual([2, 3, 1])
})
