import { expect, test } from 'vitest'
import type { Store } from '#runtime/store/store.ts'
import { sendId } from '#shared/ids.ts'
import type { SendEvent } from '#shared/run.ts'
import { bytesOf, due, flow, inbox, newSend, nobody, outbox, outcome, queue, send, takeIn, time, wantToSend } from './store-world.ts'

const [b, c, d] = ['b@example.org', 'c@example.org', 'd@example.org']

export function sendingContract(ledger: () => Store): void {
  const begin = async (uid: number, recipients: readonly string[] = [b]) => {
    const run = await takeIn(ledger(), uid)
    return { run, row: await wantToSend(ledger(), run, recipients) }
  }

  test('[LG12] a new row is due at once, with all it takes to send it', async () => {
    const { run, row } = await begin(1, [b, c])
    expect(await due(ledger(), time('10:01'))).toEqual([{
      id: row, run, flow, version: 1, node: send, connection: outbox, messageId: `<${run}@mailweave>`, from: 'a@example.org', recipients: [b, c],
      attempts: 0, createdAt: time('10:01'), giveUpAt: '2026-03-09T10:00:00.000Z', unknown: false, looks: 0, raw: bytesOf(`out ${run}`),
    }])
    expect(await ledger().rawOfSend(row)).toEqual(bytesOf(`out ${run}`))
    expect(await ledger().nextSendAt(time('10:01'))).toBeNull()
  })

  test('[SX166] looks in vain are counted since the last attempt, those that could not be made are not', async () => {
    const { row } = await begin(1)
    const happens = (what: SendEvent['what']) => ledger().recordOutcome(outcome(row, { [b]: 'unknown' }, what, { nextAttemptAt: time('10:02') }))
    const looks = async () => (await due(ledger(), time('10:02')))[0]?.looks
    await ledger().markSending([row], time('10:01'))
    await happens('unknown')
    expect(await looks()).toBe(0)
    for (const what of ['looked', 'look-failed', 'looked'] as const) await happens(what)
    expect(await looks()).toBe(2)
    await ledger().markSending([row], time('10:03'))
    await happens('unknown')
    expect(await looks()).toBe(0)
  })

  test('[LG13] a ready row that lies ahead because the clock was put back is waited for', async () => {
    await begin(1)
    expect(await due(ledger(), time('09:00'))).toEqual([])
    expect(await ledger().nextSendAt(time('09:00'))).toBe(time('10:01'))
  })

  test('[LG12] rows of a queue come oldest first, bounded, without those in hand', async () => {
    const rows = [(await begin(1)).row, (await begin(2)).row, (await begin(3)).row]
    const ids = async (limit: number, skip: readonly (typeof rows)[number][] = [], of = queue.connection) =>
      (await ledger().dueSends(time('10:01'), { ...queue, connection: of }, limit, new Set(skip))).map((one) => one.id)
    expect(await ids(2)).toEqual(rows.slice(0, 2))
    expect(await ids(2, rows.slice(0, 1))).toEqual(rows.slice(1))
    expect(await ids(10, [], inbox)).toEqual([])
    expect(await ids(10)).toEqual(rows)
    expect(await ledger().dueQueues(time('10:01'))).toEqual([queue])
    expect(await ledger().dueQueues(time('10:00'))).toEqual([])
  })

  test('[LG13] a row being sent is not due, and a deferred one is due at its time', async () => {
    const { row } = await begin(1)
    await ledger().markSending([row], time('10:01'))
    expect(await due(ledger(), time('23:00'))).toEqual([])
    expect(await ledger().send(row)).toMatchObject({ state: 'sending', attempts: 1, nextAttemptAt: null, recipients: [{ address: b, state: 'sending' }] })
    await ledger().recordOutcome(outcome(row, { [b]: 'deferred' }, 'deferred', { nextAttemptAt: time('10:07') }))
    expect(await due(ledger(), time('10:06'))).toEqual([])
    expect(await ledger().nextSendAt(time('10:06'))).toBe(time('10:07'))
    expect(await ledger().nextSendAt(time('10:07'))).toBeNull()
    expect(await due(ledger(), time('10:07'))).toMatchObject([{ id: row, attempts: 1, recipients: [b], unknown: false }])
    expect(await ledger().send(row)).toMatchObject({ nextAttemptAt: time('10:07'), recipients: [{ address: b, state: 'deferred', answer: 'deferred answer' }] })
  })

  test('[LG13] who has the mail, or was refused, is never among those to try again', async () => {
    const { row } = await begin(1, [b, c, d])
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, { [b]: 'sent', [c]: 'deferred', [d]: 'refused' }, 'deferred', { nextAttemptAt: time('10:07') }))
    expect(await due(ledger(), time('10:07'))).toMatchObject([{ recipients: [c] }])
    await ledger().markSending([row], time('10:07'))
    await ledger().recordOutcome(outcome(row, { [c]: 'sent' }, 'sent'))
    expect((await ledger().send(row))?.recipients.map((one) => one.state)).toEqual(['sent', 'sent', 'refused'])
    expect(await due(ledger(), time('23:00'))).toEqual([])
  })

  test('[LG13] recipients that an outcome does not name keep their state', async () => {
    const { row } = await begin(1, [b, c])
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, { [b]: 'sent' }, 'sent'))
    expect(await ledger().send(row)).toMatchObject({ state: 'sending', recipients: [{ state: 'sent' }, { state: 'sending' }] })
    expect(await due(ledger(), time('23:00'))).toEqual([])
  })

  test.each([
    [{ [b]: 'sent', [c]: 'sent' }, 'sent'], [{ [b]: 'sent', [c]: 'refused' }, 'refused'], [{ [b]: 'refused', [c]: 'deferred' }, 'deferred'],
    [{ [b]: 'deferred', [c]: 'unknown' }, 'unknown'], [{ [b]: 'unknown', [c]: 'sent' }, 'unknown'],
  ] as const)('[LG14] a row with %j stands as %s', async (states, state) => {
    const { row } = await begin(1, [b, c])
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, states, 'deferred', { nextAttemptAt: time('10:07') }))
    expect((await ledger().send(row))?.state).toBe(state)
    expect((await ledger().outbox({ limit: 10 })).counts).toEqual({ [state]: 1 })
  })

  test('[LG15] an unknown row comes back for the flow\'s choice, until it is parked, and again when a person has decided', async () => {
    const { run, row } = await begin(1)
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, { [b]: 'unknown' }, 'unknown', { nextAttemptAt: time('10:07') }))
    expect(await due(ledger(), time('10:06'))).toEqual([])
    expect(await ledger().nextSendAt(time('10:06'))).toBe(time('10:07'))
    expect(await due(ledger(), time('10:07'))).toMatchObject([{ id: row, unknown: true, recipients: [b] }])
    await ledger().recordOutcome(outcome(row, { [b]: 'unknown' }, 'parked'))
    expect(await due(ledger(), time('23:00'))).toEqual([])
    expect(await ledger().nextSendAt(time('23:00'))).toBeNull()
    await ledger().recordOutcome(outcome(row, { [b]: 'ready' }, 'decided', { at: time('11:00') }))
    expect(await due(ledger(), time('11:00'))).toMatchObject([{ id: row, unknown: false, recipients: [b] }])
    expect((await ledger().send(row))?.history.map((event) => event.what)).toEqual(['unknown', 'parked', 'decided'])
    expect((await ledger().run(run))?.resent).toBe(1)
  })

  test('[LG15] of a parked row only those are tried of whom it is known that they have no mail', async () => {
    const { row } = await begin(1, [b, c])
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, { [b]: 'unknown', [c]: 'deferred' }, 'unknown', { nextAttemptAt: time('10:07') }))
    await ledger().recordOutcome(outcome(row, {}, 'parked', { nextAttemptAt: time('10:07') }))
    expect(await due(ledger(), time('10:07'))).toMatchObject([{ id: row, unknown: false, recipients: [c] }])
    await ledger().markSending([row], time('10:07'))
    expect((await ledger().send(row))?.recipients).toMatchObject([{ state: 'unknown' }, { state: 'sending' }])
    await ledger().recordOutcome(outcome(row, { [c]: 'sent' }, 'sent'))
    expect(await due(ledger(), time('23:00'))).toEqual([])
  })

  test('[LG15] sending again after an unknown outcome is counted on the run', async () => {
    const { run, row } = await begin(1)
    await ledger().markSending([row], time('10:01'))
    expect((await ledger().run(run))?.resent).toBe(0)
    await ledger().recordOutcome(outcome(row, { [b]: 'unknown' }, 'unknown', { nextAttemptAt: time('10:07') }))
    await ledger().markSending([row], time('10:07'))
    await ledger().recordOutcome(outcome(row, { [b]: 'sent' }, 'resent'))
    expect((await ledger().run(run))?.resent).toBe(1)
  })

  test('[LG16] the outbox is listed newest first, by state, page by page, with its counts', async () => {
    const rows = []
    for (const uid of [1, 2, 3, 4]) rows.push((await begin(uid)).row)
    const [first, second, third, fourth] = rows
    if (first === undefined || second === undefined) throw new Error('no rows')
    await ledger().markSending([first, second], time('10:01'))
    await ledger().recordOutcome(outcome(first, { [b]: 'sent' }, 'sent'))
    await ledger().recordOutcome(outcome(second, { [b]: 'refused' }, 'refused'))
    const page = await ledger().outbox({ limit: 3 })
    expect(page.sends.map((one) => one.id)).toEqual([fourth, third, second])
    expect(page.counts).toEqual({ ready: 2, refused: 1, sent: 1 })
    expect((await ledger().outbox({ limit: 3, cursor: page.next ?? '' })).sends.map((one) => one.id)).toEqual([first])
    expect((await ledger().outbox({ limit: 3, state: 'ready' })).sends.map((one) => one.id)).toEqual([fourth, third])
    expect(await ledger().outbox({ limit: 3, state: 'sent' })).toMatchObject({ next: null, sends: [{ id: first, size: 28, subject: 'Out', history: [{ what: 'sent', say: 'sent said' }] }] })
  })

  test('[SX124] a row with a time of its own is due then, and a person may have it sent now', async () => {
    const run = await takeIn(ledger(), 1)
    const wanted = { ...newSend(run), dueAt: time('15:00') }
    await ledger().recordComputed({ run, steps: [], sends: [wanted], mail: { subject: 'In', from: '', messageId: '' }, state: 'running', problem: null, at: time('10:01') })
    expect(await due(ledger(), time('14:59'))).toEqual([])
    expect(await ledger().dueQueues(time('14:59'))).toEqual([])
    expect(await ledger().nextSendAt(time('10:01'))).toBe(time('15:00'))
    expect(await ledger().send(wanted.id)).toMatchObject({ state: 'ready', nextAttemptAt: time('15:00') })
    expect(await ledger().hasten([wanted.id], time('11:00'))).toMatchObject([{ id: wanted.id, recipients: [b], attempts: 0 }])
    expect(await due(ledger(), time('11:00'))).toMatchObject([{ id: wanted.id }])
    expect((await ledger().send(wanted.id))?.history).toMatchObject([{ what: 'decided' }])
    await ledger().markSending([wanted.id], time('11:00'))
    expect(await ledger().hasten([wanted.id], time('11:01'))).toEqual([])
    expect((await ledger().send(wanted.id))?.state).toBe('sending')
  })

  test('[SX120] what was offered to a server is counted by the minute, for its connection and its flow; what was not is not', async () => {
    const rows = [(await begin(1)).row, (await begin(2)).row, (await begin(3)).row]
    const [first, second, third] = rows
    if (first === undefined || second === undefined || third === undefined) throw new Error('no rows')
    await ledger().markSending(rows, time('10:01'))
    await ledger().recordOutcome(outcome(first, { [b]: 'sent' }, 'sent', { handed: true }))
    await ledger().recordOutcome(outcome(second, { [b]: 'deferred' }, 'deferred', { handed: true, nextAttemptAt: time('10:07') }))
    await ledger().recordOutcome(outcome(third, { [b]: 'ready' }, 'deferred'))
    expect(await ledger().handedLately(time('09:00'))).toEqual([{ ...queue, at: time('10:02'), handed: 2, sent: 1 }])
    expect(await ledger().handedLately(time('10:03'))).toEqual([])
  })

  test('[LG16] a row that does not exist is told, and no other is touched', async () => {
    const { row } = await begin(1)
    const stranger = sendId(`${'0'.repeat(24)}-send`)
    expect(await ledger().send(stranger)).toBeNull()
    expect(await ledger().rawOfSend(stranger)).toBeNull()
    await expect(ledger().markSending([row, stranger], time('10:01'))).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await ledger().dueSends(time('10:01'), queue, 10, nobody)).toMatchObject([{ id: row, attempts: 0 }])
  })
}
