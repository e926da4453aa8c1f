/** How fast and when mails leave, on a clock that stands still: limits, turns, quiet hours, delays, and a person who wants it now. */
import { beforeEach, expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { connectionId, flowId, sendId } from '#shared/ids.ts'
import { noLimits } from '#shared/sending/pace.ts'
import { makeSentCount } from '#runtime/engine/sent-count.ts'
import { until } from '../until.ts'
import { answers, outboxBed, type OutboxBed } from './outbox-bed.ts'

let bed: OutboxBed
beforeEach(() => { bed = outboxBed() })

const hourMs = 3600_000
const minuteMs = 60_000
const quiet = { from: '20:00', to: '07:00', days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], timeZone: 'UTC' }
const queue = (connection: string, flow = 'f') => ({ connection: connectionId(connection), flow: flowId(flow) })
/** Everything is at rest: nothing in hand, no look under way. */
const rest = async (): Promise<void> => {
  await until(() => bed.hand.count() === 0)
  await new Promise(setImmediate)
}

test('[SX120] in no stretch of a minute, an hour or a day do more mails leave than the limit allows', () => {
  const limits = { minute: 7, hour: 50, day: 400 }
  const stretches = { minute: minuteMs, hour: hourMs, day: 24 * hourMs }
  const count = makeSentCount()
  const times: number[] = []
  let now = 12_345.6
  while (now < 2.5 * 24 * hourMs) {
    const opens = count.opens(limits, now)
    expect(opens === null).toBe(count.room(limits, now) > 0)
    if (opens === null) {
      count.add(1, now)
      times.push(now)
      // Crooked steps, so that slots are met at all their places.
      now += (times.length * 7919) % 400
    } else now += opens.inMs
  }
  for (const period of ['minute', 'hour', 'day'] as const) {
    const most = limits[period]
    for (let at = 0; at + most < times.length; at += 1) expect((times[at + most] ?? Infinity) - (times[at] ?? 0)).toBeGreaterThan(stretches[period])
  }
  // And as many as it allows but for a slot's breadth: two whole days and a half.
  expect(times.length).toBeGreaterThan(2.4 * 400)
})

test('[SX120] a mail that never reached the server counts for nothing', async () => {
  bed.limits['a'] = { ...noLimits, hour: 3 }
  let isUp = false
  bed.servers['a'] = (address) => (isUp ? answers(bed)(address) : Promise.reject(fault('MAIL_UNREACHABLE', { host: 'x', port: 25 })))
  bed.put(3, 'a')
  await until(() => bed.held.length === 3)
  await rest()
  isUp = true
  bed.clock.pass(1001)
  await until(() => bed.sentOf('a') === 3)
  await bed.outbox.stop()
})

test('[SX120] what was sent before a restart counts, as late as it can have been', async () => {
  bed.limits['a'] = { ...noLimits, hour: 5 }
  bed.servers['a'] = answers(bed)
  bed.lately.push({ ...queue('a'), at: new Date(Date.parse(bed.clock.now()) - 30 * minuteMs).toISOString(), handed: 4, sent: 4 })
  await bed.outbox.begin()
  bed.put(3, 'a')
  await until(() => bed.sentOf('a') === 1)
  await rest()
  expect(bed.held.map(({ code }) => code)).toEqual(['SEND_LIMIT', 'SEND_LIMIT'])
  bed.clock.pass(29 * minuteMs)
  await rest()
  expect(bed.sentOf('a')).toBe(1)
  bed.clock.pass(3 * minuteMs)
  await until(() => bed.sentOf('a') === 3)
  await bed.outbox.stop()
})

test('[SX121] what is over the limit lies in the ledger with its reason and its time, holds up nobody, and is fetched when it may go', async () => {
  bed.limits['a'] = { ...noLimits, hour: 10 }
  bed.servers['a'] = answers(bed)
  bed.servers['b'] = answers(bed)
  bed.put(100, 'a')
  bed.put(30, 'b')
  await until(() => bed.sentOf('b') === 30 && bed.sentOf('a') === 10)
  await rest()
  expect(bed.held).toHaveLength(90)
  expect(bed.outbox.waitOf(queue('a'))).toMatchObject({ problem: { code: 'SEND_LIMIT', say: 'Waits for the limit of 10 an hour of this connection.' }, at: '2026-11-20T13:01:00.000Z' })
  expect(bed.outbox.waitOf(queue('b'))).toBeNull()
  bed.fetched.rows = 0
  for (let hours = 1; hours <= 9; hours += 1) {
    bed.clock.pass(hourMs + 2 * minuteMs)
    await until(() => bed.sentOf('a') === 10 * (hours + 1))
    await rest()
  }
  // No row was read in vain, and none is told a second time.
  expect(bed.fetched.rows).toBe(90)
  expect(bed.held).toHaveLength(90)
  expect(bed.outbox.waitOf(queue('a'))).toMatchObject({ problem: { code: 'SEND_LIMIT' } })
  await bed.outbox.stop()
})

test('[SX122] flows on one connection take turns: the single mail of one goes before ten thousand of another', async () => {
  bed.limits['a'] = { ...noLimits, minute: 4 }
  bed.servers['a'] = answers(bed)
  bed.put(10_000, 'a', 'newsletter')
  await until(() => bed.sentOf('a') === 4)
  await rest()
  bed.put(1, 'a', 'invoice')
  bed.clock.pass(minuteMs + 2000)
  await until(() => bed.sentOf('a') === 8)
  expect(bed.outcomesOf('ainvoice0')).toEqual(['sent'])
  await bed.outbox.stop()
})

test('[SX122] within the hand too: with one session, mails of two flows alternate', async () => {
  bed.sessions['a'] = 1
  let open = (_: 'go') => {}
  const gate = new Promise<'go'>((resolve) => { open = resolve })
  bed.servers['a'] = async (address) => { await gate; return answers(bed)(address) }
  bed.put(4, 'a', 'one')
  bed.put(2, 'a', 'two')
  await until(() => bed.handed.length === 1)
  open('go')
  await until(() => bed.sentOf('a') === 6)
  expect(bed.handed).toEqual(['aone0', 'atwo0', 'aone1', 'atwo1', 'aone2', 'aone3'])
  await bed.outbox.stop()
})

test('[SX123] a flow\'s own limit holds back its mails alone; a new version counts at once, for what waits too', async () => {
  bed.configs['slow'] = { limits: { hour: 2 } }
  bed.servers['a'] = answers(bed)
  bed.put(6, 'a', 'slow')
  bed.put(6, 'a', 'free')
  await until(() => bed.sentOf('a') === 8)
  await rest()
  expect(bed.outbox.waitOf(queue('a', 'slow'))?.problem.say).toBe('Waits for the limit of 2 an hour of this flow.')
  bed.configs['slow'] = { limits: { hour: 5 } }
  bed.outbox.repace(flowId('slow'), 2)
  await until(() => bed.sentOf('a') === 11)
  await rest()
  expect(bed.outcomesOf('aslow5')).toEqual([])
  await bed.outbox.stop()
})

test('[SX125] in quiet hours nothing of the flow leaves; what waits goes when they end, however the clock on the wall was put meanwhile', async () => {
  bed = outboxBed('2026-11-20T19:59:00.000Z')
  bed.configs['f'] = { quiet }
  bed.servers['a'] = answers(bed)
  bed.put(1, 'a')
  await until(() => bed.sentOf('a') === 1)
  bed.clock.pass(minuteMs)
  bed.outbox.add([bed.row('late', 'a'), bed.row('later', 'a')])
  bed.put(1, 'a', 'awake')
  await until(() => bed.sentOf('a') === 2)
  await rest()
  expect(bed.held).toEqual([{ id: 'late', code: 'SEND_QUIET' }, { id: 'later', code: 'SEND_QUIET' }])
  expect(bed.outbox.waitOf(queue('a'))?.at).toBe('2026-11-21T07:00:00.000Z')
  bed.clock.pass(10 * hourMs)
  await rest()
  expect(bed.sentOf('a')).toBe(2)
  // Put forward to 7:30, then what comes is sent at once.
  bed.clock.jump(90 * minuteMs)
  bed.clock.pass(minuteMs)
  await until(() => bed.sentOf('a') === 4)
  // Put back into the quiet hours: they count again.
  bed.clock.jump(-2 * hourMs)
  bed.outbox.add([bed.row('again', 'a')])
  await rest()
  expect(bed.outcomesOf('again')).toEqual([])
  await bed.outbox.stop()
})

test('[SX125] a mail put off by its server does not come back in the quiet hours', async () => {
  bed = outboxBed('2026-11-20T19:59:30.000Z')
  bed.configs['f'] = { quiet }
  let state: 'sent' | 'deferred' = 'deferred'
  bed.servers['a'] = answers(bed, () => state)
  bed.put(1, 'a')
  await until(() => bed.outcomesOf('a0').length === 1)
  state = 'sent'
  bed.clock.pass(10 * hourMs)
  await rest()
  expect(bed.outcomesOf('a0')).toEqual(['deferred'])
  bed.clock.pass(hourMs + 2 * minuteMs)
  await until(() => bed.outcomesOf('a0').length === 2)
  await bed.outbox.stop()
})

test('[SX124] a mail with a time of its own goes then, and a restart keeps it', async () => {
  bed.servers['a'] = answers(bed)
  const send = bed.row('tomorrow', 'a')
  const row = bed.rows.get(send.id)
  if (row) row.dueAt = '2026-11-21T09:00:00.000Z'
  bed.outbox.addLater(send, '2026-11-21T09:00:00.000Z')
  expect(bed.held).toEqual([{ id: 'tomorrow', code: 'SEND_DELAYED' }])
  bed.clock.pass(3 * hourMs)
  await bed.outbox.stop()
  bed.again().wake()
  bed.clock.pass(17 * hourMs)
  await rest()
  expect(bed.outcomesOf('tomorrow')).toEqual([])
  bed.clock.pass(hourMs + minuteMs)
  await until(() => bed.outcomesOf('tomorrow').length === 1)
  await bed.outbox.stop()
})

test('[SX126] who wants a mail now passes over its delay, the quiet hours and the flow\'s limit, but not the server\'s', async () => {
  bed = outboxBed('2026-11-20T21:00:00.000Z')
  bed.configs['f'] = { quiet, limits: { hour: 1 } }
  bed.limits['a'] = { ...noLimits, day: 2 }
  bed.servers['a'] = answers(bed)
  const sends = ['one', 'two', 'three'].map((id) => bed.row(id, 'a'))
  bed.outbox.add(sends)
  await rest()
  expect(bed.held).toHaveLength(3)
  bed.outbox.addNow(sends)
  await until(() => bed.sentOf('a') === 2)
  await rest()
  expect(bed.outcomesOf('three')).toEqual([])
  expect(bed.held.at(-1)).toEqual({ id: 'three', code: 'SEND_LIMIT' })
  await bed.outbox.stop()
})

test('[SX127] mails of one flow leave in the order in which they were written, also behind those that waited in the ledger', async () => {
  bed.sessions['a'] = 1
  bed.limits['a'] = { ...noLimits, minute: 3 }
  bed.servers['a'] = answers(bed)
  bed.put(8, 'a')
  await until(() => bed.sentOf('a') === 3)
  await rest()
  bed.clock.pass(minuteMs + 1000)
  // Comes while those that waited are being fetched.
  bed.outbox.add([bed.row('new', 'a')])
  for (const sent of [6, 9]) {
    await until(() => bed.sentOf('a') === sent)
    await rest()
    bed.clock.pass(minuteMs + 1000)
  }
  expect(bed.handed).toEqual([...Array.from({ length: 8 }, (_, index) => `a${index}`), 'new'])
  expect(bed.rows.get(sendId('new'))?.outcomes).toEqual(['sent'])
  await bed.outbox.stop()
})
