import { expect, test } from 'vitest'
import type { Store } from '#runtime/store/store.ts'
import { flowId, runId } from '#shared/ids.ts'
import { batch, connection, due, finish, flow, inbox, letter, map, newSend, outcome, receive, send, step, takeIn, time, wantToSend } from './store-world.ts'

export function runningContract(ledger: () => Store, reopen: () => Promise<void>): void {
  test('[LG6] a computed run is stored whole: steps in order, sends, subject and sender', async () => {
    const run = await takeIn(ledger(), 1)
    await wantToSend(ledger(), run)
    expect(await ledger().run(run)).toMatchObject({
      state: 'running', finishedAt: null, mail: { subject: 'In', from: 'Ann <ann@example.org>' },
      steps: [step(receive, 'done', '{"subject":"In"}'), step(map, 'done', '{"subject":"Out"}'), step(send, 'running')],
    })
    await ledger().recordStep(run, step(send, 'done', '{"accepted":["b@example.org"]}'))
    await ledger().setRunState({ run, state: 'done', problem: null, at: time('10:05') })
    expect(await ledger().run(run)).toMatchObject({ state: 'done', finishedAt: time('10:05'), durationMs: 300_000, steps: [{}, {}, step(send, 'done', '{"accepted":["b@example.org"]}')] })
  })

  test('[SX108] how a send ended is put to what its step had said of the mail, and said again it is the same', async () => {
    const run = await takeIn(ledger(), 1)
    await ledger().recordStep(run, step(send, 'waiting', '{"messageId":"<m@x>","accepted":[],"leftOut":[{"name":"a.pdf","reason":"too large"}]}'))
    for (let again = 0; again < 2; again += 1) await ledger().recordStep(run, step(send, 'done', '{"messageId":"<m@x>","accepted":["b@example.org"]}'))
    const [only] = (await ledger().run(run))?.steps ?? []
    expect(JSON.parse(only?.outputJson ?? '')).toEqual({ messageId: '<m@x>', accepted: ['b@example.org'], leftOut: [{ name: 'a.pdf', reason: 'too large' }] })
  })

  test('[LG6] the first result of a run stands; one that comes late changes nothing', async () => {
    const run = await takeIn(ledger(), 1)
    await finish(ledger(), run, 'failed')
    await wantToSend(ledger(), run)
    expect(await ledger().run(run)).toMatchObject({ state: 'failed', steps: [{ node: receive }, { node: map, state: 'failed' }] })
    expect(await ledger().sendsOfRun(run)).toEqual([])
  })

  test('[LG6] a step the ledger has not seen is added after the others', async () => {
    const run = await takeIn(ledger(), 1)
    await ledger().recordStep(run, step(receive, 'done'))
    await ledger().recordStep(run, step(map, 'failed'))
    expect((await ledger().run(run))?.steps).toEqual([step(receive, 'done'), step(map, 'failed')])
  })

  test('[SX74] bytes that a step has fetched are there until the run is computed, over a start too, each under its step', async () => {
    const run = await takeIn(ledger(), 1)
    const other = await takeIn(ledger(), 2)
    const raw = (text: string) => ({ kind: 'bytes' as const, bytes: Buffer.from(text) })
    await ledger().recordAction(run, step(receive, 'done'), raw('first'))
    await ledger().recordAction(run, step(map, 'done'), raw('second'))
    await ledger().recordAction(other, step(map, 'done'))
    await reopen()
    const said = async (of: typeof run) => [...await ledger().fetchedOf(of)].map(([node, bytes]) => [node, bytes.kind === 'bytes' ? Buffer.from(bytes.bytes).toString() : 'a file'])
    expect(await said(run)).toEqual([[String(map), 'second'], [String(receive), 'first']].toSorted(([a = ''], [b = '']) => a.localeCompare(b)))
    expect(await said(other)).toEqual([])
    await ledger().recover(time('11:00'))
    await ledger().claimRuns(10)
    await finish(ledger(), run)
    expect(await said(run)).toEqual([])
  })

  test('[LG7] a write that fails fails alone; those in its group are kept', async () => {
    const results = await Promise.allSettled([
      ledger().ingest(batch([letter(1)])),
      ledger().setRunState({ run: runId('0'.repeat(24)), state: 'done', problem: null, at: time('10:00') }),
      ledger().ingest(batch([letter(2)], { flow: flowId('never-seen-before') })),
    ])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: 'RUN_NOT_FOUND' } })
    await reopen()
    expect((await ledger().runs({ limit: 50 })).runs.map((run) => run.flow)).toEqual(['never-seen-before', flow])
    expect((await ledger().flowCounts(flow, time('10:30'), time('00:00'))).today).toEqual({ done: 0, failed: 0, open: 1 })
  })

  test('[LG8] after a start, runs that were in hand are queued again with one attempt more', async () => {
    const computing = await takeIn(ledger(), 1)
    const ended = await takeIn(ledger(), 2)
    await finish(ledger(), ended)
    await reopen()
    expect(await ledger().recover(time('11:00'))).toEqual({ runs: 1, unknownSends: 0, closed: [] })
    expect(await ledger().claimRuns(10)).toMatchObject([{ id: computing, attempts: 1 }])
    expect(await ledger().run(ended)).toMatchObject({ state: 'done', attempts: 0 })
  })

  test('[LG8] a run whose sends were written is not computed again', async () => {
    const run = await takeIn(ledger(), 1)
    const row = await wantToSend(ledger(), run)
    await reopen()
    expect(await ledger().recover(time('11:00'))).toEqual({ runs: 0, unknownSends: 0, closed: [] })
    expect(await ledger().claimRuns(10)).toEqual([])
    expect(await due(ledger(), time('11:00'))).toMatchObject([{ id: row, unknown: false }])
  })

  test('[LG9] what was being sent when the program died is unknown, says so, and names no one who has the mail already', async () => {
    const run = await takeIn(ledger(), 1)
    const row = await wantToSend(ledger(), run, ['has@example.org', 'open@example.org'])
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, { 'has@example.org': 'sent', 'open@example.org': 'deferred' }, 'deferred', { nextAttemptAt: time('10:06') }))
    await ledger().markSending([row], time('10:06'))
    await reopen()
    expect(await ledger().recover(time('11:00'))).toEqual({ runs: 0, unknownSends: 1, closed: [] })
    expect(await due(ledger(), time('11:00'))).toMatchObject([{ id: row, unknown: true, recipients: ['open@example.org'], attempts: 2 }])
    const view = await ledger().send(row)
    expect(view?.history.map((event) => event.what)).toEqual(['deferred', 'unknown'])
    expect(view?.history.at(-1)).toMatchObject({ at: time('11:00'), say: expect.stringContaining('stopped while this mail was being handed over') })
    expect(await ledger().recover(time('11:01'))).toMatchObject({ unknownSends: 0 })
  })

  test('[LG9] a run whose sends have all ended, but not it, is named to the engine', async () => {
    const run = await takeIn(ledger(), 1)
    const row = await wantToSend(ledger(), run)
    await ledger().markSending([row], time('10:01'))
    await ledger().recordOutcome(outcome(row, { 'b@example.org': 'sent' }, 'sent'))
    await reopen()
    expect(await ledger().recover(time('11:00'))).toEqual({ runs: 0, unknownSends: 0, closed: [run] })
  })

  test('[LG10] finished runs await their settle, oldest first, until it is done or given a later time', async () => {
    const [first, second, third] = [await takeIn(ledger(), 1), await takeIn(ledger(), 2), await takeIn(ledger(), 3)]
    await takeIn(ledger(), 4)
    await finish(ledger(), second, 'failed')
    await finish(ledger(), first)
    await finish(ledger(), third)
    const open = (now: string) => ledger().unsettled(inbox, 'INBOX', '7', now, 10)
    expect(await open(time('10:02'))).toMatchObject([{ run: first, uid: '1', uidValidity: '7', state: 'done', finishedAt: time('10:01'), tries: 0 }, { run: second, state: 'failed' }, { run: third }])
    expect(await ledger().unsettled(inbox, 'INBOX', '7', time('10:02'), 2)).toHaveLength(2)
    expect(await ledger().unsettled(inbox, 'Elsewhere', '7', time('10:02'), 10)).toEqual([])
    await ledger().recordSettled([
      { run: first, state: 'done', action: 'mark as read', say: '', at: time('10:03') },
      { run: second, state: 'pending', action: 'delete', say: 'waits for its day', at: time('10:03'), dueAt: time('12:00') },
      { run: third, state: 'gone', action: 'mark as read', say: 'no longer in the folder', at: time('10:03') },
    ])
    expect(await open(time('11:59'))).toEqual([])
    expect(await open(time('12:00'))).toMatchObject([{ run: second, tries: 1 }])
    expect((await ledger().run(third))?.settle).toEqual({ state: 'gone', action: 'mark as read', at: time('10:03'), say: 'no longer in the folder' })
  })

  test('[LG10] a mailbox is told of until the last of its mails is settled, or its connection is gone', async () => {
    const run = await takeIn(ledger(), 1)
    expect(await ledger().unsettledMailboxes()).toEqual([])
    await ledger().putConnection(connection)
    expect(await ledger().unsettledMailboxes()).toEqual([{ connection: inbox, folder: 'INBOX' }])
    await finish(ledger(), run)
    await takeIn(ledger(), 1, { uidValidity: '8', claim: false })
    expect(await ledger().unsettledMailboxes()).toEqual([{ connection: inbox, folder: 'INBOX' }])
    await ledger().recordSettled([{ run, state: 'done', action: 'mark as read', say: '', at: time('10:03') }])
    expect(await ledger().unsettledMailboxes()).toHaveLength(1)
    await ledger().deleteConnection(inbox)
    expect(await ledger().unsettledMailboxes()).toEqual([])
  })

  test('[LG11] a run that waits and then ends is counted once', async () => {
    const run = await takeIn(ledger(), 1)
    await wantToSend(ledger(), run)
    const counts = () => ledger().flowCounts(flow, time('10:30'), time('00:00'))
    await ledger().setRunState({ run, state: 'waiting', problem: null, at: time('10:02') })
    expect((await counts()).today).toEqual({ done: 0, failed: 0, open: 1 })
    await ledger().setRunState({ run, state: 'failed', problem: { code: 'SEND_REFUSED', say: 'refused', where: '' }, at: time('10:03') })
    expect((await counts()).today).toEqual({ done: 0, failed: 1, open: 0 })
    await ledger().setRunState({ run, state: 'done', problem: null, at: time('10:04') })
    expect((await counts()).today).toEqual({ done: 1, failed: 0, open: 0 })
  })

  test('[LG11] a day in numbers: runs, hours, nodes and the last thing that went wrong', async () => {
    const yesterday = '2026-03-03T22:59:00.000Z'
    await finish(ledger(), await takeIn(ledger(), 1, { at: yesterday }))
    await finish(ledger(), await takeIn(ledger(), 2, { at: time('09:59') }))
    const broken = await takeIn(ledger(), 3)
    await finish(ledger(), broken, 'failed')
    await takeIn(ledger(), 4)
    await finish(ledger(), await takeIn(ledger(), 5, { flow: flowId('archive') }))
    const counts = await ledger().flowCounts(flow, time('10:30'), time('00:00'))
    expect(counts.today).toEqual({ done: 1, failed: 1, open: 1 })
    expect(counts.nodes).toEqual({ receive: { done: 2, failed: 0 }, map: { done: 1, failed: 1 } })
    expect(counts.lastProblem).toEqual({ run: broken, say: 'broke', at: time('10:01') })
    const hours = Array.from({ length: 24 }, () => 0)
    // The last of the 24 hours ends with the quarter of an hour that is running: 09:45 to 10:45.
    hours[23] = 3
    hours[12] = 1
    expect(counts.hours).toEqual(hours)
    expect(await ledger().flowCounts(flowId('unheard-of'), time('10:30'), time('00:00'))).toMatchObject({ today: { done: 0, failed: 0, open: 0 }, lastProblem: null })
  })

  test('[LG11] a node may bear any name', async () => {
    const run = await takeIn(ledger(), 1)
    await ledger().recordComputed({ run, steps: [{ ...step(receive, 'done'), node: 'constructor' as typeof receive }], sends: [newSend(run)], mail: { subject: '', from: '', messageId: '' }, state: 'running', problem: null, at: time('10:01') })
    expect((await ledger().flowCounts(flow, time('10:30'), time('00:00'))).nodes).toEqual({ constructor: { done: 1, failed: 0 } })
  })
}
