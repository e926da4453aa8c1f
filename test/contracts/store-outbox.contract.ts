import { expect, test } from 'vitest'
import type { Store } from '#runtime/store/store.ts'
import { connectionId, flowId, type SendId, sendId } from '#shared/ids.ts'
import { bytesOf, due, flow, inbox, newSend, outbox, outcome, step, receive, send, takeIn, time, wantToSend } from './store-world.ts'

const [b, c, d] = ['b@example.org', 'c@example.org', 'd@example.org']

export function outboxContract(ledger: () => Store): void {
  const begin = async (uid: number, recipients: readonly string[] = [b]) => {
    const run = await takeIn(ledger(), uid)
    return { run, row: await wantToSend(ledger(), run, recipients) }
  }
  const put = async (uid: number, changed: Partial<ReturnType<typeof newSend>>, at: string, of = flow): Promise<SendId> => {
    const run = await takeIn(ledger(), uid, { flow: of })
    const wanted = { ...newSend(run), ...changed }
    await ledger().recordComputed({ run, steps: [step(receive, 'done')], sends: [wanted], mail: { subject: '', from: '', messageId: '' }, state: 'running', problem: null, at })
    return wanted.id
  }
  const ids = async (filter: Parameters<Store['outbox']>[0]) => (await ledger().outbox(filter)).sends.map(({ id }) => id)
  const refuse = async (row: SendId, who = b) => {
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, { [who]: 'refused' }, 'refused'))
  }

  test('[LG45] rows are found by flow, connection, state, time and part of subject or recipient in any script, alone and together', async () => {
    const [other, elsewhere] = [flowId('other'), connectionId('elsewhere')]
    const first = await put(1, { subject: 'Rechnung Übersee', recipients: [b] }, time('10:00'))
    const second = await put(2, { subject: '請求書', recipients: ['Müller@example.org'], connection: elsewhere }, time('11:00'))
    const third = await put(3, { subject: 'Bill' }, time('12:00'), other)
    await refuse(first)
    const found = (filter: object) => ids({ limit: 10, ...filter })
    expect(await found({})).toEqual([third, second, first])
    expect(await found({ flow })).toEqual([second, first])
    expect(await found({ flow: flowId('nobody-knows') })).toEqual([])
    expect(await found({ connection: elsewhere })).toEqual([second])
    expect(await found({ state: 'refused' })).toEqual([first])
    expect(await found({ since: time('11:00') })).toEqual([third, second])
    expect(await found({ text: 'ÜBER' })).toEqual([first])
    expect(await found({ text: '請' })).toEqual([second])
    expect(await found({ text: 'müller@' })).toEqual([second])
    // Words of the row that are neither subject nor address are not searched.
    expect(await found({ text: 'refused' })).toEqual([])
    expect(await found({ text: 'address' })).toEqual([])
    expect(await found({ flow, connection: outbox, state: 'refused', text: 'rech', since: time('09:00') })).toEqual([first])
    expect(await found({ flow: other, state: 'refused' })).toEqual([])
  })

  test.each(['refused', 'ready', 'deferred', 'given-up', 'sending', 'sent'] as const)('[LG45] pages of %s mails show each once, whatever comes and goes meanwhile', async (state) => {
    const into = async (row: SendId) => {
      if (state === 'ready') return
      await ledger().markSending([row], time('10:01'))
      if (state !== 'sending') await ledger().recordOutcome(outcome(row, { [b]: state }, 'decided', { nextAttemptAt: time('20:00') }))
    }
    const rows: SendId[] = []
    for (let uid = 1; uid <= 7; uid += 1) {
      const { row } = await begin(uid)
      await into(row)
      rows.push(row)
    }
    const first = await ledger().outbox({ state, limit: 3 })
    await into((await begin(8)).row)
    const leaving = rows[2]
    if (leaving === undefined) throw new Error('no such row')
    await ledger().recordOutcome(outcome(leaving, { [b]: state === 'sent' ? 'unknown' : 'sent' }, 'decided'))
    const second = await ledger().outbox({ state, limit: 3, cursor: first.next ?? '' })
    expect([...first.sends, ...second.sends].map(({ id }) => id)).toEqual([rows[6], rows[5], rows[4], rows[3], rows[1], rows[0]])
    expect(second.next).toBeNull()
  })

  test('[LG46] matching rows are counted in groups of those whom the same people may see, up to the newest that was there', async () => {
    await begin(1)
    await begin(2)
    await put(3, { connection: inbox }, time('10:00'))
    const { groups, upTo } = await ledger().countSends({ state: 'ready' })
    expect(groups.toSorted((one, other) => one.rows - other.rows)).toEqual([{ flow, version: 1, connection: inbox, source: inbox, rows: 1 }, { flow, version: 1, connection: outbox, source: inbox, rows: 2 }])
    const { row } = await begin(4)
    expect((await ledger().countSends({ state: 'ready', upTo })).groups.reduce((sum, { rows }) => sum + rows, 0)).toBe(3)
    expect(await ids({ state: 'ready', upTo, limit: 10 })).not.toContain(row)
    expect((await ledger().countSends({ flow: flowId('nobody-knows') })).groups).toEqual([])
  })

  test('[LG14] who was given up and who went over to a copy stands below who was refused', async () => {
    const { row } = await begin(1, [b, c, d])
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, { [b]: 'sent', [c]: 'given-up', [d]: 'refused' }, 'refused'))
    expect((await ledger().send(row))?.state).toBe('refused')
    await ledger().recordOutcome(outcome(row, { [d]: 'given-up' }, 'decided'))
    expect((await ledger().send(row))?.state).toBe('given-up')
    expect(await due(ledger(), time('23:00'))).toEqual([])
  })

  test('[LG47] an edited copy is due at once, the old row ends with it, and who has the mail is in neither', async () => {
    const { run, row } = await begin(1, [b, c, d])
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, { [b]: 'sent', [c]: 'refused', [d]: 'refused' }, 'refused'))
    const copy = sendId(`${row}~2`)
    const event = { at: time('11:00'), what: 'edited', say: 'c became e.', by: 'Ana' } as const
    const whole = { id: copy, connection: inbox, messageId: `<${run}@mailweave>`, subject: 'Out', recipients: ['e@example.org'], giveUpAt: time('20:00'), raw: null }
    await ledger().replaceSend({ old: row, at: time('11:00'), event, ended: [{ address: c, state: 'replaced' }, { address: d, state: 'given-up' }], copy: whole })
    expect(await due(ledger(), time('11:00'))).toMatchObject([{ id: copy, run, flow, version: 1, node: send, connection: inbox, from: 'a@example.org', recipients: ['e@example.org'], attempts: 0, giveUpAt: time('20:00'), raw: bytesOf(`out ${run}`) }])
    expect(await ledger().send(row)).toMatchObject({ state: 'given-up', recipients: [{ state: 'sent' }, { state: 'replaced', answer: 'refused answer' }, { state: 'given-up' }], history: [{ what: 'refused' }, event] })
    expect(await ledger().send(copy)).toMatchObject({ state: 'ready', replaces: row, createdAt: time('11:00'), history: [event] })
    expect((await ledger().sendsOfRun(run)).map(({ id }) => id)).toEqual([row, copy])
    expect((await ledger().outbox({ limit: 1 })).counts).toEqual({ 'given-up': 1, ready: 1 })
    const again = sendId(`${row}~3`)
    await ledger().replaceSend({ old: copy, at: time('11:01'), event, ended: [{ address: 'e@example.org', state: 'replaced' }], copy: { ...whole, id: again, raw: bytesOf('new words') } })
    expect(await ledger().rawOfSend(again)).toEqual(bytesOf('new words'))
    expect(await ids({ flow, state: 'replaced', limit: 10 })).toEqual([copy])
  })

  test('[LG48] what was refused is kept however old it is, until it went out or was given up', async () => {
    const { run, row } = await begin(1)
    await refuse(row)
    await ledger().setRunState({ run, state: 'failed', problem: null, at: time('10:03') })
    expect(await ledger().prune('2027-01-01T00:00:00.000Z')).toBe(0)
    expect(await ledger().rawOfSend(row)).toEqual(bytesOf(`out ${run}`))
    await ledger().recordOutcome(outcome(row, { [b]: 'given-up' }, 'decided'))
    expect(await ledger().prune('2027-01-01T00:00:00.000Z')).toBe(1)
    expect(await ledger().rawOfSend(row)).toBeNull()
    expect(await ledger().send(row)).toMatchObject({ dropped: true })
  })

  test('[LG49] who is tried again on a person\'s wish is due at once, with a time of its own to be given up', async () => {
    const { row } = await begin(1)
    await refuse(row)
    await ledger().recordOutcome(outcome(row, { [b]: 'ready' }, 'decided', { at: time('12:00'), giveUpAt: '2026-04-01T00:00:00.000Z' }))
    expect(await due(ledger(), time('12:00'))).toMatchObject([{ id: row, recipients: [b], giveUpAt: '2026-04-01T00:00:00.000Z' }])
  })

  test('[LG50] a mail that was settled is not settled again when its run goes on; one that was not is settled by how the run ends then', async () => {
    const settled = await begin(1)
    const open = await begin(2)
    for (const { run } of [settled, open]) await ledger().setRunState({ run, state: 'failed', problem: null, at: time('10:03') })
    const waiting = async () => (await ledger().unsettled(inbox, 'INBOX', '7', time('10:04'), 10)).map(({ run, state }) => ({ run, state }))
    expect(await waiting()).toEqual([{ run: settled.run, state: 'failed' }, { run: open.run, state: 'failed' }])
    await ledger().recordSettled([{ run: settled.run, state: 'done', action: 'move', say: '', at: time('10:04') }])
    for (const { run } of [settled, open]) await ledger().setRunState({ run, state: 'running', problem: null, at: time('10:05') })
    expect(await waiting()).toEqual([])
    for (const { run } of [settled, open]) await ledger().setRunState({ run, state: 'done', problem: null, at: time('10:06') })
    expect(await waiting()).toEqual([{ run: open.run, state: 'done' }])
  })
}
