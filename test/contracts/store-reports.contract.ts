/** What a mail that came in tells of one that was sent, in any ledger: noted with its own run, once, and no more than it may. */
import { expect, test } from 'vitest'
import type { ComputedRun, Store } from '#runtime/store/store.ts'
import { type RunId, runId, type SendId } from '#shared/ids.ts'
import type { RecipientState, SentReport } from '#shared/run.ts'
import { due, flow, inbox, newSend, outcome, receive, send, step, takeIn, time, wantToSend } from './store-world.ts'

const [b, c] = ['b@example.org', 'c@example.org']

export function reportsContract(ledger: () => Store): void {
  let uid = 100
  /** A run whose mail to these came to this. */
  const sentRun = async (states: Readonly<Record<string, RecipientState>>, end: 'done' | 'failed' | null = 'done') => {
    const run = await takeIn(ledger(), uid += 1)
    const row = await wantToSend(ledger(), run, Object.keys(states))
    await ledger().markSending([row], time('10:01'))
    const named = Object.fromEntries(Object.entries(states).filter(([, state]) => state !== 'sending'))
    await ledger().recordOutcome(outcome(row, named, 'sent', Object.values(states).includes('deferred') ? { nextAttemptAt: time('10:07') } : {}))
    if (end !== null) {
      await ledger().recordStep(run, step(send, 'done'))
      await ledger().setRunState({ run, state: end, problem: null, at: time('10:02') })
    }
    return { run, row }
  }
  const reportOn = (run: RunId, told: Readonly<Record<string, SentReport['kind']>>, changed: Partial<SentReport> = {}): SentReport =>
    ({ run, messageId: newSend(run).messageId, kind: 'bounced', told: Object.entries(told).map(([address, what]) => ({ address, what, say: `${what} words` })), ...changed })
  /** The mail that brings the report; returns its run and what the ledger said of it. */
  const bring = async (report: SentReport) => {
    const by = await takeIn(ledger(), uid += 1)
    const computed: ComputedRun = { run: by, steps: [step(receive, 'done')], sends: [], mail: { subject: 'Undelivered', from: '', messageId: '' }, state: 'done', problem: null, at: time('11:00'), report }
    return { by, reported: await ledger().recordComputed(computed) }
  }
  const states = async (row: SendId) => (await ledger().send(row))?.recipients.map(({ state }) => state)

  test('[SX161] whoever the mail came back from is bounced with the server\'s words, and so are step and run, at the time they ended', async () => {
    const { run, row } = await sentRun({ [b]: 'sent', [c]: 'sent' })
    const { by, reported } = await bring(reportOn(run, { [b.toUpperCase()]: 'bounced' }))
    expect(reported).toEqual({ run, flow, send: row, node: send, bounced: ['bounced words'], state: 'bounced' })
    expect(await ledger().send(row)).toMatchObject({ state: 'bounced', nextAttemptAt: null, recipients: [{ address: b, state: 'bounced', answer: 'bounced words' }, { address: c, state: 'sent' }] })
    expect((await ledger().send(row))?.history.at(-1)).toEqual({ at: time('11:00'), what: 'bounced', say: `${b}: bounced words`, run: by })
    const record = await ledger().run(run)
    expect(record).toMatchObject({ state: 'bounced', finishedAt: time('10:02'), problem: { code: 'SEND_BOUNCED', where: send } })
    expect(record?.problem?.say).toContain(`${b}: bounced words`)
    expect(record?.steps.find(({ node }) => node === send)).toMatchObject({ state: 'bounced' })
    expect((await ledger().outbox({ limit: 5, state: 'bounced' })).sends.map(({ id }) => id)).toEqual([row])
    expect((await ledger().runs({ limit: 5, state: 'bounced' })).runs.map(({ id }) => id)).toEqual([run])
    // To whoever looks at the day it is a failure, and the one that was last.
    const counts = await ledger().flowCounts(flow, time('12:00'), time('00:00'))
    expect(counts.today).toEqual({ done: 1, failed: 1, open: 0 })
    expect(counts.nodes[send]).toEqual({ done: 0, failed: 1 })
    expect(counts.lastProblem).toMatchObject({ run })
  })

  test('[SX161] its mail on the server is settled as after a run that went well, whenever the bounce comes', async () => {
    const { run } = await sentRun({ [b]: 'sent' })
    await bring(reportOn(run, { [b]: 'bounced' }))
    const owing = await ledger().unsettled(inbox, 'INBOX', '7', time('12:00'), 10)
    expect(owing.find((one) => one.run === run)).toMatchObject({ state: 'done' })
  })

  test.each(['delayed', 'delivered', 'complained'] as const)('[SX162] "%s" leaves a note and changes no state', async (what) => {
    const { run, row } = await sentRun({ [b]: 'sent' })
    const { reported } = await bring(reportOn(run, { [b]: what }, { kind: what }))
    expect(reported).toMatchObject({ bounced: [], state: 'done' })
    expect(await ledger().send(row)).toMatchObject({ state: 'sent', recipients: [{ state: 'sent' }] })
    expect((await ledger().send(row))?.history.map((event) => event.what)).toEqual(['sent', what])
    expect((await ledger().run(run))?.state).toBe('done')
  })

  test('[SX163] who the mail did not go to is named in a note and nothing changes; a mail of another Message-ID is not touched', async () => {
    const { run, row } = await sentRun({ [b]: 'sent' })
    expect((await bring(reportOn(run, { 'eve@evil.test': 'bounced' }))).reported).toMatchObject({ bounced: [], state: 'done' })
    expect((await ledger().send(row))?.history.at(-1)?.say).toContain('eve@evil.test')
    expect((await bring(reportOn(run, { [b]: 'bounced' }, { messageId: '<other@mailweave>' }))).reported).toBeNull()
    expect((await bring(reportOn(runId('0'.repeat(24)), { [b]: 'bounced' }))).reported).toBeNull()
    expect(await states(row)).toEqual(['sent'])
  })

  test('[SX163] a mail that still waits to go out is sent all the same', async () => {
    const { run, row } = await sentRun({ [b]: 'deferred', [c]: 'refused' }, null)
    await bring(reportOn(run, { [b]: 'bounced', [c]: 'bounced' }))
    expect(await states(row)).toEqual(['deferred', 'refused'])
    expect(await due(ledger(), time('10:07'))).toMatchObject([{ id: row, recipients: [b] }])
  })

  test('[SX161] what came back before the answer to it was seen stays bounced, and is not tried again', async () => {
    const { run, row } = await sentRun({ [b]: 'sending' }, null)
    expect((await bring(reportOn(run, { [b]: 'bounced' }))).reported).toMatchObject({ bounced: ['bounced words'], state: 'running' })
    await ledger().recordOutcome(outcome(row, { [b]: 'unknown' }, 'unknown', { nextAttemptAt: time('10:07') }))
    expect(await states(row)).toEqual(['bounced'])
    expect(await due(ledger(), time('23:00'))).toEqual([])
  })

  test('[SX161] a bounce of a mail whose outcome nobody knew says that it had been taken', async () => {
    const { run, row } = await sentRun({ [b]: 'unknown' }, null)
    await bring(reportOn(run, { [b]: 'bounced' }))
    expect(await states(row)).toEqual(['bounced'])
    expect(await due(ledger(), time('23:00'))).toEqual([])
  })

  test('[SX161] a report that names nobody is about the only recipient there is, and about none of several', async () => {
    const one = await sentRun({ [b]: 'sent' })
    const two = await sentRun({ [b]: 'sent', [c]: 'sent' })
    await bring(reportOn(one.run, {}))
    await bring(reportOn(two.run, {}))
    expect([await states(one.row), await states(two.row)]).toEqual([['bounced'], ['sent', 'sent']])
    expect((await ledger().send(two.row))?.history.at(-1)).toMatchObject({ what: 'bounced' })
  })

  test('[SX164] the same report brought twice, by two flows or by a run made again, is noted once', async () => {
    const { run, row } = await sentRun({ [b]: 'sent' })
    await bring(reportOn(run, { [b]: 'bounced' }))
    expect((await bring(reportOn(run, { [b]: 'bounced' }))).reported).toBeNull()
    expect((await ledger().send(row))?.history).toHaveLength(2)
  })

  test('[SX161] a run that had failed for others stays failed', async () => {
    const { run, row } = await sentRun({ [b]: 'sent', [c]: 'refused' }, 'failed')
    expect((await bring(reportOn(run, { [b]: 'bounced' }))).reported).toMatchObject({ state: 'failed', bounced: ['bounced words'] })
    expect(await states(row)).toEqual(['bounced', 'refused'])
  })
}
