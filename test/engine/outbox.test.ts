/** The outbox's line and its alarm on a clock that stands still: nothing is passed over, and a server that hangs holds up its own line only. */
import { beforeEach, expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { sendId } from '#shared/ids.ts'
import { defaultRetry } from '#shared/nodes/send-email.ts'
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

test('[SX128] a mail that is always put off is tried in Postfix\' rhythm for five days and then given up with the last answer', async () => {
  bed.configs['f'] = { retry: defaultRetry }
  let tries = 0
  bed.servers['a'] = (address) => {
    tries += 1
    return Promise.resolve({ recipients: [{ address, state: 'deferred', answer: `451 4.7.1 try ${tries} later` }], stage: 'answered' })
  }
  const send = bed.row('grey', 'a')
  const began = Date.parse(bed.clock.now())
  const row = bed.rowOf('grey')
  row.send = { ...send, giveUpAt: new Date(began + 5 * 24 * 3_600_000).toISOString() }
  bed.outbox.add([row.send])
  const times: number[] = []
  for (;;) {
    await until(() => bed.outcomesOf('grey').length > times.length && bed.hand.count() === 0)
    times.push(Date.parse(row.last?.at ?? '') - began)
    if (row.dueAt === null) break
    bed.clock.pass(Date.parse(row.dueAt) - Date.parse(bed.clock.now()) + 1)
  }
  const waits = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / 1000))
  // random() is 0.5 here, the middle of the tenth of jitter either way.
  expect(waits.slice(0, 6)).toEqual([300, 600, 1200, 2400, 4000, 4000])
  expect(new Set(waits.slice(4))).toEqual(new Set([4000]))
  // 4,500 s for the first four, then every 4,000 s up to the end of the fifth day and once behind it.
  expect(tries).toBe(1 + 4 + Math.ceil((5 * 24 * 3600 - 4500) / 4000))
  expect(times.at(-1)).toBeGreaterThanOrEqual(5 * 24 * 3_600_000)
  expect(row.last).toMatchObject({ nextAttemptAt: null, event: { what: 'refused' }, recipients: [{ state: 'refused', answer: `Not accepted within 120.1 hours; the last answer was: 451 4.7.1 try ${tries} later` }] })
  await bed.outbox.stop()
  expect(bed.hand.count()).toBe(0)
}, 30_000)

test('[SX128] a mail that had to wait longer than its time for a limit is not given up at its first "later"', async () => {
  let state: 'sent' | 'deferred' = 'deferred'
  bed.servers['a'] = answers(bed, () => state)
  const row = (bed.row('late', 'a'), bed.rowOf('late'))
  row.send = { ...row.send, giveUpAt: bed.clock.now() }
  bed.outbox.add([row.send])
  await until(() => bed.outcomesOf('late').length === 1)
  expect(row.last?.event.what).toBe('deferred')
  state = 'sent'
  bed.clock.pass(101_000)
  await until(() => bed.sentOf('a') === 1)
  await bed.outbox.stop()
})

test('[SX183] while mails of which nobody knows are looked for, however long that takes, the others of their line go out; what is to be sent again takes its turn', async () => {
  const looks: ((what: 'send') => void)[] = []
  bed.choose = () => new Promise((resolve) => { looks.push(resolve) })
  bed.servers['a'] = answers(bed)
  // More of them than the line has places.
  bed.outbox.add(Array.from({ length: 8 }, (_, nth) => ({ ...bed.row(`doubted${nth}`, 'a'), unknown: true })))
  bed.put(10, 'a')
  await until(() => bed.sentOf('a') === 10)
  expect(looks).toHaveLength(8)
  for (const found of looks) found('send')
  await until(() => bed.hand.count() === 0)
  for (let nth = 0; nth < 8; nth += 1) expect(bed.outcomesOf(`doubted${nth}`)).toEqual(['resent'])
})
