import { expect, test } from 'vitest'
import type { Store } from '#runtime/store/store.ts'
import type { SendId } from '#shared/ids.ts'
import { due, flow, newSend, outcome, send, step, takeIn, time, wantToSend } from './store-world.ts'

const b = 'b@example.org'
const hold = { code: 'SEND_HELD', say: 'The first mails wait for a look.', where: '' } as const

export function shieldContract(ledger: () => Store, reopen: () => Promise<void>): void {
  const holdOne = async (uid: number): Promise<SendId> => {
    const run = await takeIn(ledger(), uid)
    await ledger().recordComputed({
      run, steps: [step(send, 'waiting')], sends: [{ ...newSend(run), hold }], mail: { subject: 'In', from: 'ann@example.org', messageId: '' }, state: 'waiting', problem: hold, at: time('10:01'),
    })
    return newSend(run).id
  }

  test('[SX140] a held row is never due, says why, and is what it was after a restart', async () => {
    const row = await holdOne(1)
    const before = await ledger().send(row)
    expect(before).toMatchObject({ state: 'held', nextAttemptAt: null, recipients: [{ address: b, state: 'held', answer: '' }], history: [{ at: time('10:01'), what: 'held', say: hold.say }] })
    await reopen()
    expect(await ledger().recover(time('11:00'))).toEqual({ runs: 0, unknownSends: 0, closed: [] })
    expect(await ledger().send(row)).toEqual(before)
    expect([await due(ledger(), time('23:00')), await ledger().nextSendAt(time('09:00'))]).toEqual([[], null])
    expect((await ledger().heldSends(flow)).map((held) => held.send)).toEqual([row])
  })

  test('[SX140] let go it is due at once and says so to whoever takes it; it counts as seen for its version', async () => {
    const row = await holdOne(1)
    await ledger().recordOutcome(outcome(row, { [b]: 'ready' }, 'approved'))
    expect(await due(ledger(), time('10:02'))).toMatchObject([{ id: row, approved: true, recipients: [b] }])
    expect(await ledger().approvalsOf(flow, 1)).toEqual({ mails: 1, trusted: false })
    await reopen()
    expect(await due(ledger(), time('10:02'))).toMatchObject([{ id: row, approved: true }])
    await ledger().trustVersion(flow, 1)
    expect([await ledger().approvalsOf(flow, 1), await ledger().approvalsOf(flow, 2)]).toEqual([{ mails: 1, trusted: true }, { mails: 0, trusted: false }])
  })

  test('[SX141] a pause outlives a restart, keeps its first reason, and ends with a start, a stop or a deploy', async () => {
    const deploy = () => ledger().deployFlow({ flow, name: 'Orders', json: '{}', at: time('09:00') })
    await deploy()
    const pause = { flow, at: time('10:00'), problem: { code: 'SEND_LOOP', say: 'It answers itself.', where: 'send' } } as const
    await ledger().pauseFlow(pause)
    await ledger().pauseFlow({ ...pause, at: time('10:05'), problem: hold })
    await reopen()
    expect([await ledger().flowPauses(), await ledger().runningFlows()]).toEqual([[pause], []])
    await ledger().setFlowRunning(flow, true, time('11:00'))
    expect([await ledger().flowPauses(), (await ledger().runningFlows()).length]).toEqual([[], 1])
    await ledger().pauseFlow(pause)
    await ledger().setFlowRunning(flow, false, time('11:00'))
    expect([await ledger().flowPauses(), await ledger().runningFlows()]).toEqual([[], []])
    await ledger().pauseFlow(pause)
    await deploy()
    expect([await ledger().flowPauses(), (await ledger().runningFlows()).length]).toEqual([[], 1])
  })

  test('[SX145] what a flow has sent of late is told oldest first, without what is held, and of very many the newest', async () => {
    for (const uid of [1, 2, 3]) await wantToSend(ledger(), await takeIn(ledger(), uid), [`${uid}@example.org`])
    await holdOne(4)
    const lately = async (since: string, limit = 10) => (await ledger().sentLately(flow, since, limit)).map(({ recipients }) => recipients.join())
    expect(await lately(time('10:00'))).toEqual(['1@example.org', '2@example.org', '3@example.org'])
    expect(await lately(time('10:00'), 3)).toEqual(['2@example.org', '3@example.org'])
    expect(await lately(time('10:02'))).toEqual([])
  })
}
