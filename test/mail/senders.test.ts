/** A connection changed while mails are on the wire: they end on the old account, the next ones take the new. */
import { expect, test } from 'vitest'
import { connectionId } from '#shared/ids.ts'
import { silentLog } from '#runtime/log.ts'
import { makeSender } from '#runtime/mail/smtp/pool.ts'
import { makeSenders } from '#runtime/senders.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { type Act } from '../servers/smtp-server.ts'
import { accountAt, letter, policy, server, to } from './smtp-world.ts'

test('[RN24] a connection that is changed cuts off no mail, however slowly the old server answers', async () => {
  const { promise: later, resolve: answer } = Promise.withResolvers<Act>()
  const slow = await server({ dot: () => ({ later }) })
  const clock = fakeClock()
  const senders = makeSenders(() => Promise.resolve(accountAt(slow.port)), (account) => makeSender(account, { policy, log: silentLog, clock }))
  const delivered = (await senders.of(connectionId('out'))).deliver(to(), letter())
  await slow.untilDots(1)
  senders.renew('out')
  // The renewed sender's close has begun to wait.
  await new Promise(setImmediate)
  clock.pass(60_000)
  answer('250 ok')
  expect((await delivered).recipients).toMatchObject([{ state: 'sent' }])
  await senders.close()
  expect(clock.waiting()).toBe(0)
})

test('[RN17] a stop waits ten seconds for the old server of a changed connection, and no longer', async () => {
  const hanging = await server({ dot: 'hang' })
  const clock = fakeClock()
  const senders = makeSenders(() => Promise.resolve(accountAt(hanging.port)), (account) => makeSender(account, { policy, log: silentLog, clock }))
  const delivered = (await senders.of(connectionId('out'))).deliver(to(), letter())
  await hanging.untilDots(1)
  senders.renew('out')
  const closed = senders.close()
  await clock.untilWaits(10_000)
  clock.pass(10_000)
  await closed
  expect((await delivered).recipients).toMatchObject([{ state: 'unknown' }])
})
