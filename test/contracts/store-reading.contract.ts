import { expect, test } from 'vitest'
import type { RunFilter, Store } from '#runtime/store/store.ts'
import { flowId, mailId, runId } from '#shared/ids.ts'
import { batch, connection, finish, flow, inbox, letter, takeIn, time, wantToSend } from './store-world.ts'

export function readingContract(ledger: () => Store, reopen: () => Promise<void>): void {
  const found = async (filter: Partial<RunFilter>) => (await ledger().runs({ limit: 50, ...filter })).runs.map((run) => run.mail.subject)

  test('[LG17] runs are listed newest first, page by page, and none is missed or shown twice', async () => {
    await ledger().ingest(batch([1, 2, 3, 4, 5].map((uid) => letter(uid))))
    const first = await ledger().runs({ limit: 2 })
    await takeIn(ledger(), 6)
    const second = await ledger().runs({ limit: 2, cursor: first.next ?? '' })
    const third = await ledger().runs({ limit: 2, cursor: second.next ?? '' })
    expect(third.next).toBeNull()
    const uids = await Promise.all([first, second, third].flatMap((page) => page.runs).map(async (run) => (await ledger().run(run.id))?.uid))
    expect(uids).toEqual(['5', '4', '3', '2', '1'])
  })

  test('[LG17] runs are found by flow, state, time, Message-ID, and by part of sender and subject in any case and script', async () => {
    await finish(ledger(), await takeIn(ledger(), 1, { at: '2026-03-01T10:00:00.000Z' }), 'done', { subject: 'ÜBERWEISUNG 7', from: 'Ann <ann@example.org>', messageId: '<1@example.org>' })
    await finish(ledger(), await takeIn(ledger(), 2), 'failed', { subject: 'Overdue', from: 'Bob <bob@example.org>', messageId: '<2@example.org>' })
    await finish(ledger(), await takeIn(ledger(), 3, { flow: flowId('archive') }), 'done', { subject: 'Filed', from: 'Ann <ann@example.org>' })
    expect(await found({ flow })).toEqual(['Overdue', 'ÜBERWEISUNG 7'])
    expect(await found({ flow: flowId('unheard-of') })).toEqual([])
    expect(await found({ state: 'failed' })).toEqual(['Overdue'])
    expect(await found({ since: time('10:00') })).toEqual(['Filed', 'Overdue'])
    expect(await found({ messageId: '<1@example.org>' })).toEqual(['ÜBERWEISUNG 7'])
    expect(await found({ messageId: '1@example.org' })).toEqual([])
    expect(await found({ subject: 'überW' })).toEqual(['ÜBERWEISUNG 7'])
    expect(await found({ from: 'ANN@', flow })).toEqual(['ÜBERWEISUNG 7'])
    expect(await found({ subject: '%' })).toEqual([])
  })

  test('[LG17] a search goes through runs by the thousand and still finds the oldest', async () => {
    await finish(ledger(), await takeIn(ledger(), 1), 'done', { subject: 'Needle' })
    await ledger().ingest(batch(Array.from({ length: 6000 }, (_, index) => letter(index + 2, 'x'))))
    expect(await found({ subject: 'needle' })).toEqual(['Needle'])
  })

  test('[LG17] a summary carries the flow\'s name as it was in the run\'s version', async () => {
    await ledger().deployFlow({ flow, name: 'Orders', json: '{}', at: time('09:00') })
    const run = await takeIn(ledger(), 1)
    await ledger().deployFlow({ flow, name: 'Orders, renamed', json: '{}', at: time('11:00') })
    await finish(ledger(), run, 'failed')
    expect(await ledger().runSummaries([run, runId('f'.repeat(24))])).toMatchObject([
      { id: run, flow, flowName: 'Orders', version: 1, state: 'failed', start: 'mail', queuedAt: time('10:00'), finishedAt: time('10:01'), durationMs: 60_000, problem: { code: 'RUN_STEP_FAILED', where: 'map' }, resent: 0 },
    ])
    expect(await ledger().run(runId('f'.repeat(24)))).toBeNull()
    expect(await ledger().rawOfMail(mailId('f'.repeat(32)))).toBeNull()
    expect(await ledger().lastMailOf(flow)).toBe(run)
    expect(await ledger().lastMailOf(flowId('unheard-of'))).toBeNull()
  })

  test('[LG17] a subject of any length is stored for lists within a bound', async () => {
    const run = await takeIn(ledger(), 1)
    await finish(ledger(), run, 'done', { subject: 'x'.repeat(100_000) })
    expect((await ledger().run(run))?.mail.subject).toHaveLength(998)
  })

  test('[LG18] versions count up and stay as they were; only the newest runs, and only until it is stopped', async () => {
    await ledger().deployFlow({ flow, name: 'Orders', json: '{"a":1}', at: time('09:00') })
    const second = await ledger().deployFlow({ flow, name: 'Orders', json: '{"a":2}', at: time('10:00') })
    expect(second).toEqual({ flow, version: 2, name: 'Orders', json: '{"a":2}', deployedAt: time('10:00'), running: true })
    await reopen()
    expect((await ledger().flowVersions(flow)).map((one) => [one.version, one.running, one.json])).toEqual([[2, true, '{"a":2}'], [1, false, '{"a":1}']])
    expect(await ledger().runningFlows()).toEqual([second])
    await ledger().setFlowRunning(flow, false, time('11:00'))
    expect(await ledger().runningFlows()).toEqual([])
    expect(await ledger().flowVersion(flow, 2)).toEqual({ ...second, running: false })
    expect(await ledger().flowVersion(flow, 3)).toBeNull()
    await ledger().setFlowRunning(flow, true, time('12:00'))
    expect(await ledger().runningFlows()).toEqual([second])
  })

  test('[LG19] connections are kept whole, replaced and removed; sessions end at their time', async () => {
    await ledger().putConnection(connection)
    await ledger().putConnection({ ...connection, name: 'Renamed' })
    await ledger().putSession('hash', time('12:00'))
    await ledger().audit({ at: time('10:00'), who: 'token', what: 'connection.saved', subject: inbox })
    await reopen()
    expect(await ledger().connections()).toEqual([{ ...connection, name: 'Renamed' }])
    expect(await ledger().connection(inbox)).toEqual({ ...connection, name: 'Renamed' })
    expect([await ledger().hasSession('hash', time('11:59')), await ledger().hasSession('hash', time('12:00')), await ledger().hasSession('other', time('11:00'))]).toEqual([true, false, false])
    await ledger().deleteSession('hash')
    await ledger().deleteConnection(inbox)
    expect([await ledger().connection(inbox), await ledger().hasSession('hash', time('11:00'))]).toEqual([null, false])
  })

  test('[LG19] people are kept by name and hash; what is shared with some outlives its connection', async () => {
    const ann = { name: 'Ann', hash: 'a'.repeat(64), rights: ['view', 'edit'], addedAt: time('10:00') } as const
    await ledger().addPerson(ann)
    await ledger().addPerson({ ...ann, name: 'Bob', hash: 'b'.repeat(64) })
    await expect(ledger().addPerson({ ...ann, hash: 'c'.repeat(64) })).rejects.toThrow()
    await ledger().changePerson('Ann', ['view'])
    await ledger().removePerson('Bob')
    await ledger().putConnection(connection)
    await ledger().putSharing(inbox, ['Ann'])
    await ledger().putSharing('other', 'admins')
    await ledger().putSharing('other', 'everyone')
    await ledger().deleteConnection(inbox)
    await reopen()
    expect(await ledger().people()).toEqual([{ ...ann, rights: ['view'] }])
    expect([...await ledger().sharings()]).toEqual([[inbox, ['Ann']]])
  })

  test('[LG20] pruning frees the bytes of old runs and keeps the rows, so that their mails do not run again', async () => {
    const old = await takeIn(ledger(), 1)
    await finish(ledger(), old)
    const open = await takeIn(ledger(), 2)
    const sending = await wantToSend(ledger(), open)
    const young = await takeIn(ledger(), 3)
    await finish(ledger(), young, 'done', {}, time('13:00'))
    expect(await ledger().prune(time('12:00'))).toBe(1)
    const mailOf = async (run: typeof old) => ledger().rawOfMail((await ledger().run(run))?.mail.id ?? mailId('none'))
    expect(await mailOf(old)).toBeNull()
    expect((await ledger().run(old))?.steps.map((step) => step.outputJson)).toEqual(['', ''])
    expect([await mailOf(open), await mailOf(young), await ledger().rawOfSend(sending)]).not.toContain(null)
    expect(await ledger().ingest(batch([letter(1)]))).toEqual([])
    await expect(ledger().replay(old, 1, time('14:00'))).rejects.toMatchObject({ code: 'RUN_BYTES_DROPPED' })
    expect(await ledger().prune(time('12:00'))).toBe(0)
  })

  test('[LG20] pruning forgets counts that no screen shows any more, and sessions that have ended', async () => {
    await finish(ledger(), await takeIn(ledger(), 1, { at: '2026-03-01T10:00:00.000Z' }))
    await finish(ledger(), await takeIn(ledger(), 2))
    await ledger().putSession('hash', time('11:00'))
    const done = async (from: string) => (await ledger().flowCounts(flow, time('12:00'), from)).today.done
    expect(await done('2026-03-01T00:00:00.000Z')).toBe(2)
    await ledger().prune(time('12:00'))
    expect([await done('2026-03-01T00:00:00.000Z'), await done(time('00:00'))]).toEqual([1, 1])
    expect(await ledger().hasSession('hash', time('10:00'))).toBe(false)
  })

  test('[LG20] a mail of two flows keeps its bytes until both are old; fetched again for a third, it has them again', async () => {
    const old = await takeIn(ledger(), 1)
    await finish(ledger(), old)
    const young = await takeIn(ledger(), 1, { flow: flowId('archive') })
    await finish(ledger(), young, 'done', {}, time('13:00'))
    const mail = (await ledger().run(old))?.mail.id ?? mailId('none')
    expect(await ledger().prune(time('12:00'))).toBe(1)
    expect(await ledger().rawOfMail(mail)).not.toBeNull()
    expect(await ledger().prune(time('14:00'))).toBe(1)
    expect(await ledger().rawOfMail(mail)).toBeNull()
    await takeIn(ledger(), 1, { flow: flowId('third') })
    expect(await ledger().rawOfMail(mail)).not.toBeNull()
  })
}
