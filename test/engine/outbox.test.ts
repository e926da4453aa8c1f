/** The outbox's line and its alarm on a clock that stands still: nothing is passed over, and a server that hangs holds up its own line only. */
import { beforeEach, expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { sendId } from '#shared/ids.ts'
import { until } from '../until.ts'
import { answers, outboxBed, type OutboxBed } from './outbox-bed.ts'

let bed: OutboxBed
beforeEach(() => { bed = outboxBed() })

test('[RN7] a row whose time has come is tried then, whatever is put off behind it meanwhile', async () => {
  let state: 'sent' | 'deferred' = 'deferred'
  bed.servers['a'] = answers(bed, () => state)
  bed.outbox.add([bed.row('first', 'a')])
  await until(() => bed.outcomesOf('first').length === 1)
  bed.clock.pass(60_000)
  bed.outbox.add([bed.row('second', 'a')])
  await until(() => bed.outcomesOf('second').length === 1)
  state = 'sent'
  bed.clock.pass(45_000)
  await until(() => bed.outcomesOf('first').length === 2)
  expect(bed.outcomesOf('first')).toEqual(['deferred', 'sent'])
  expect(bed.outcomesOf('second')).toEqual(['deferred'])
  bed.clock.pass(60_000)
  await until(() => bed.outcomesOf('second').length === 2)
  await bed.outbox.stop()
  expect(bed.hand.count()).toBe(0)
})

test('[RN9] mails that meet the same broken line count as one failure; after a second they are tried again', async () => {
  let isUp = false
  bed.servers['a'] = (address) => (isUp ? answers(bed)(address) : Promise.reject(fault('MAIL_UNREACHABLE', { host: 'x', port: 25 })))
  bed.put(20, 'a')
  await until(() => bed.held.length >= 20)
  await until(() => bed.hand.count() === 0)
  isUp = true
  bed.clock.pass(1001)
  await until(() => bed.sentOf('a') === 20)
  await bed.outbox.stop()
  expect(bed.hand.count()).toBe(0)
})

test('[RN9] a server that failed and then hangs holds a few mails in hand, not the whole hand; all go when it answers', async () => {
  let answer = (_: 'go') => {}
  let server: 'down' | 'hangs' = 'down'
  const gate = new Promise<'go'>((resolve) => { answer = resolve })
  let asked = 0
  bed.servers['a'] = async (address) => {
    if (server === 'down') throw fault('MAIL_UNREACHABLE', { host: 'x', port: 25 })
    asked += 1
    await gate
    return answers(bed)(address)
  }
  bed.servers['b'] = answers(bed)
  bed.put(30, 'a')
  await until(() => bed.held.length >= 30)
  await until(() => bed.hand.count() === 0)
  server = 'hangs'
  bed.clock.pass(1001)
  await until(() => asked === 5)
  expect(bed.hand.count()).toBe(5)
  bed.put(30, 'b')
  await until(() => bed.sentOf('b') === 30)
  expect(bed.sentOf('a')).toBe(0)
  answer('go')
  await until(() => bed.sentOf('a') === 30)
  await bed.outbox.stop()
  expect(bed.hand.count()).toBe(0)
})

test('[RN18] an answer that the full disk did not take is written when there is room, and the mail is not sent again', async () => {
  let times = 0
  bed.servers['a'] = (address) => { times += 1; return answers(bed)(address) }
  bed.isDiskFull = true
  bed.outbox.add([bed.row('first', 'a')])
  await until(() => times === 1)
  await bed.clock.untilWaits(2000)
  expect(bed.outbox.reserve(sendId('first'))).toBeNull()
  bed.isDiskFull = false
  bed.clock.pass(2000)
  await until(() => bed.sentOf('a') === 1)
  await bed.outbox.stop()
  expect(times).toBe(1)
  expect(bed.hand.count()).toBe(0)
})

test('[LG53] a row is taken out of its line and kept from everybody until it is released; one on the wire can\'t be had', async () => {
  let answer = (_: 'go') => {}
  const gone = new Promise<'go'>((resolve) => { answer = resolve })
  bed.servers['a'] = async (address) => {
    await gone
    return answers(bed)(address)
  }
  bed.put(6, 'a')
  await until(() => bed.rowOf('a4').dueAt === null)
  expect(bed.outbox.reserve(sendId('a0'))).toBeNull()
  const release = bed.outbox.reserve(sendId('a5'))
  bed.outbox.add([bed.rowOf('a5').send])
  bed.outbox.wake()
  answer('go')
  await until(() => bed.sentOf('a') === 5)
  expect(bed.outcomesOf('a5')).toEqual([])
  release?.()
  bed.outbox.wake()
  await until(() => bed.sentOf('a') === 6)
  await bed.outbox.stop()
  expect(bed.hand.count()).toBe(0)
})
