import { expect, test } from 'vitest'
import { flowId, nodeId } from '#shared/ids.ts'
import { eventValidity } from '#shared/mailbox-event.ts'
import type { Store } from '#runtime/store/store.ts'
import { batch, bytesOf, finish, flow, inbox, letter, takeIn, time, trigger } from './store-world.ts'

const state = { ...trigger, uidValidity: '7', firstUid: '', since: '', cursor: '', startFrom: 'now', resetSeen: '', resetVersion: 0, former: '', formerUntil: '' }
const other = { flow: flowId('archive'), node: nodeId('receive') }

export function receivingContract(ledger: () => Store): void {
  test('[LG1] a mail makes one run a flow, however often it is fetched', async () => {
    const first = await ledger().ingest(batch([letter(1), letter(2), letter(2)]))
    const again = await ledger().ingest(batch([letter(1), letter(2), letter(3)]))
    expect(first.map((run) => run.uid)).toEqual(['1', '2'])
    expect(again.map((run) => run.uid)).toEqual(['3'])
    expect((await ledger().runs({ limit: 50 })).runs).toHaveLength(3)
  })

  test('[LG1] the same UID under another UIDVALIDITY or in another folder is another mail', async () => {
    await takeIn(ledger(), 1)
    await takeIn(ledger(), 1, { uidValidity: '8' })
    await takeIn(ledger(), 1, { folder: 'Orders' })
    expect((await ledger().runs({ limit: 50 })).runs.map((run) => run.mail.folder)).toEqual(['Orders', 'INBOX', 'INBOX'])
  })

  test('[LG1] two flows share a mail and have a run each; a UIDL is as good a name as a number', async () => {
    const [first] = await ledger().ingest(batch([letter('aGVsbG8')], { uidValidity: '' }))
    const [second] = await ledger().ingest(batch([letter('aGVsbG8')], { ...other, uidValidity: '' }))
    expect([first?.uid, second?.uid]).toEqual(['aGVsbG8', 'aGVsbG8'])
    expect(first?.mail).toBe(second?.mail)
    expect(first?.id).not.toBe(second?.id)
  })

  test('[RN103] what happened to a mailbox is kept as a mail is: once, replayable, with nothing to settle and no mail to show', async () => {
    const event = batch([letter('trouble.error.1')], { uidValidity: eventValidity, claim: false })
    await takeIn(ledger(), 1)
    const [made] = await ledger().ingest(event)
    expect(await ledger().ingest(event)).toEqual([])
    expect(made).toMatchObject({ start: 'event', raw: letter('trouble.error.1').raw })
    await ledger().setRunState({ run: (await ledger().claimRuns(5))[0]?.id ?? takeInFailed(), state: 'done', problem: null, at: time('10:02') })
    expect(await ledger().run(made?.id ?? takeInFailed())).toMatchObject({ start: 'event', state: 'done', settle: { state: 'done' }, mail: { connection: inbox, folder: 'INBOX' } })
    expect((await ledger().unsettled(inbox, 'INBOX', '7', time('11:00'), 10)).map(({ uid }) => uid)).not.toContain('trouble.error.1')
    expect((await ledger().run((await ledger().lastMailOf(flow)) ?? takeInFailed()))?.uid).toBe('1')
    await ledger().replay(made?.id ?? takeInFailed(), 1, time('10:03'))
    expect(await ledger().claimRuns(5)).toMatchObject([{ start: 'event', trigger: 'receive' }])
  })

  test('[LG55] a mail that is left is known, its run has failed for good, and nothing is owed to its server', async () => {
    const left = { ...trigger, version: 1, uidValidity: '7', at: time('10:00'), uid: '9', size: 5_000_000, subject: '(a large one)', problem: { code: 'MAIL_TOO_LARGE', say: 'Too large.', where: '' } } as const
    const run = (await ledger().leaveMail(left)) ?? takeInFailed()
    expect(await ledger().leaveMail(left)).toBeNull()
    expect(await ledger().knownUids(trigger, '7', ['9'])).toEqual(new Set(['9']))
    expect(await ledger().run(run)).toMatchObject({ state: 'failed', mail: { subject: '(a large one)' }, problem: { say: 'Too large.' }, settle: { state: 'done' } })
    expect(await ledger().unsettled(inbox, 'INBOX', '7', time('11:00'), 10)).toEqual([])
    await ledger().recover(time('10:01'))
    expect(await ledger().claimRuns(5)).toEqual([])
    await expect(ledger().replay(run, 1, time('10:02'))).rejects.toMatchObject({ code: 'RUN_BYTES_DROPPED' })
    expect((await ledger().flowCounts(flow, time('11:00'), time('00:00'))).today).toEqual({ done: 0, failed: 1, open: 0 })
    // Another flow may have a higher limit.
    const [taken] = await ledger().ingest(batch([letter(9)], other))
    expect(taken?.raw).toEqual(letter(9).raw)
  })

  test('[RN110] the mails of a mailbox are counted by the hour, each once, over flows, UIDVALIDITYs and runs made again', async () => {
    await takeIn(ledger(), 1)
    await takeIn(ledger(), 1, other)
    await takeIn(ledger(), 2, { uidValidity: '8', at: time('11:30') })
    await takeIn(ledger(), 3, { at: '2026-03-02T11:00:00.000Z' })
    await takeIn(ledger(), 4, { folder: 'Orders' })
    await takeIn(ledger(), 'trouble.error', { uidValidity: eventValidity })
    const counts = await ledger().mailboxCounts(inbox, 'INBOX', time('11:59'))
    expect(counts.hours).toEqual([...Array.from({ length: 22 }, () => 0), 1, 1])
    expect(counts.days).toEqual([0, 0, 0, 0, 1, 0, 2])
  })

  test('[RN111] a pause is kept until it is dropped, and the first one stands', async () => {
    const pause = { connection: 'inbox', folder: 'INBOX', at: time('10:00'), by: 'admin' }
    await ledger().putPause(pause)
    await ledger().putPause({ ...pause, at: time('11:00') })
    expect(await ledger().pauses()).toEqual([pause])
    await ledger().dropPause('inbox', 'INBOX')
    expect(await ledger().pauses()).toEqual([])
  })

  test('[RN144] a trouble that was told is kept with who knows of it, until it is over', async () => {
    const facts = { code: 'MAIL_UNREACHABLE', say: 'No answer.', since: time('10:00'), repeats: 1, lastSuccess: null }
    const trouble = { connection: 'inbox', folder: 'INBOX', facts, knows: [{ flow, node: nodeId('trouble') }] }
    await ledger().putTrouble(trouble)
    await ledger().putTrouble({ ...trouble, facts: { ...facts, repeats: 2 } })
    expect(await ledger().troubles()).toEqual([{ ...trouble, facts: { ...facts, repeats: 2 } }])
    await ledger().dropTrouble({ connection: 'inbox', folder: 'INBOX' })
    expect(await ledger().troubles()).toEqual([])
  })

  test('[RN145] the events of an hour are found by their names', async () => {
    await takeIn(ledger(), 'f.trouble.error.2026-03-02T10', { uidValidity: eventValidity })
    await takeIn(ledger(), 'f.trouble.error.2026-03-02T11', { uidValidity: eventValidity })
    await takeIn(ledger(), 'mail.2026-03-02T10')
    expect(await ledger().eventsOf('2026-03-02T10')).toEqual([{ connection: 'inbox', folder: 'INBOX', uid: 'f.trouble.error.2026-03-02T10' }])
  })

  test('[LG2] a run comes back from ingest with the bytes it was given, and its id follows from the mail', async () => {
    const mail = letter(5)
    const [run] = await ledger().ingest(batch([mail]))
    expect(run).toMatchObject({ flow, version: 1, trigger: 'receive', connection: inbox, folder: 'INBOX', uid: '5', flags: ['\\Recent'], queuedAt: time('10:00'), attempts: 0 })
    expect(run?.raw).toBe(mail.raw)
    expect(run?.id).toMatch(/^[0-9a-f]{24}$/)
    expect(run?.mail).toMatch(/^[0-9a-f]{32}$/)
    expect(await ledger().run(run?.id ?? takeInFailed())).toMatchObject({ state: 'running', mail: { id: run?.mail, size: 6 }, uid: '5', uidValidity: '7', receivedAt: time('09:00') })
  })

  test('[LG2] the bytes of the first time stay, should the server show others under the same UID', async () => {
    const [run] = await ledger().ingest(batch([letter(1, 'first')]))
    const [second] = await ledger().ingest(batch([letter(1, 'something else')], other))
    expect(second?.raw).toEqual(bytesOf('first'))
    expect(await ledger().rawOfMail(run?.mail ?? takeInFailed())).toEqual(bytesOf('first'))
  })

  test('[LG2] cursor and mails are one transaction: a batch that fails moves nothing', async () => {
    await ledger().putTrigger(state)
    const lost = { kind: 'file', path: '/nowhere/else', size: 9, sha256: 'f'.repeat(64) } as const
    await expect(ledger().ingest(batch([letter(1), { ...letter(2), raw: lost }]))).rejects.toMatchObject({ code: 'INTERNAL' })
    expect((await ledger().trigger(trigger))?.cursor).toBe('')
    expect((await ledger().runs({ limit: 50 })).runs).toEqual([])
    await ledger().ingest(batch([letter(1), letter(2)]))
    expect((await ledger().trigger(trigger))?.cursor).toBe('2')
  })

  test('[LG2] a batch of a folder that was rebuilt meanwhile does not move the cursor of the new UIDs', async () => {
    await ledger().putTrigger({ ...state, uidValidity: '8', cursor: '3' })
    await ledger().ingest(batch([letter(900)]))
    expect(await ledger().trigger(trigger)).toEqual({ ...state, uidValidity: '8', cursor: '3' })
    expect(await ledger().trigger({ ...trigger, folder: 'Other' })).toBeNull()
  })

  test('[LG3] known UIDs are those that made a run for this very flow', async () => {
    await ledger().ingest(batch([1, 2, 3, 40, 5000].map((uid) => letter(uid))))
    await ledger().ingest(batch([letter(41)], other))
    expect(await ledger().knownUids(trigger, '7', ['2', '3', '4', '41', '5000', '5001'])).toEqual(new Set(['2', '3', '5000']))
    expect(await ledger().knownUids(trigger, '8', ['2', '3'])).toEqual(new Set())
    expect(await ledger().knownUids(trigger, '7', [])).toEqual(new Set())
  })

  test('[LG3] of thousands of UIDs each is told right', async () => {
    const even = Array.from({ length: 6000 }, (_, index) => index * 2 + 2)
    await ledger().ingest(batch(even.map((uid) => letter(uid, 'x'))))
    const known = await ledger().knownUids(trigger, '7', Array.from({ length: 13_000 }, (_, index) => String(13_000 - index)))
    expect([...known].map(Number).sort((one, other) => one - other)).toEqual(even)
  })

  test('[LG40] a UIDL is known by its exact text, among tens of thousands, and beside UIDLs that look like numbers', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => (index % 3 === 0 ? String(index + 1) : `uidl-${index}`))
    await ledger().ingest(batch(names.map((name) => letter(name, 'x')), { uidValidity: '' }))
    const asked = [...names, ...Array.from({ length: 20_000 }, (_, index) => `other-${index}`), 'UIDL-1', '0001', '']
    expect(await ledger().knownUids(trigger, '', asked)).toEqual(new Set(names))
  })

  test('[LG41] mails that lay there at the start are known and make no run; a new start forgets them', async () => {
    const passed = Array.from({ length: 50_000 }, (_, index) => ({ uid: index % 2 === 0 ? `uidl-${index}` : String(index), size: index }))
    await ledger().beginTrigger({ ...state, uidValidity: '' }, passed)
    expect(await ledger().trigger(trigger)).toEqual({ ...state, uidValidity: '' })
    expect((await ledger().knownUids(trigger, '', [...passed.map(({ uid }) => uid), 'new', '50001'])).size).toBe(50_000)
    expect((await ledger().runs({ limit: 50 })).runs).toEqual([])
    expect(await ledger().knownUids({ ...trigger, ...other }, '', ['uidl-0'])).toEqual(new Set())
    await ledger().beginTrigger({ ...state, uidValidity: '' }, [])
    expect(await ledger().knownUids(trigger, '', ['uidl-0', '1'])).toEqual(new Set())
  })

  test('[LG43] the same UIDVALIDITY on another server is another name, and back on the first one the old name', async () => {
    const name = (server: string, uidValidity = '7') => ledger().nameMailbox(inbox, 'INBOX', server, uidValidity)
    expect(await name('ada@old')).toBe('7')
    expect(await name('ada@old')).toBe('7')
    expect(await name('ada@new')).toBe('7@ada@new')
    expect(await name('ada@new')).toBe('7@ada@new')
    expect(await name('ada@old')).toBe('7')
    expect(await name('ada@new', '')).toBe('')
    expect(await name('ada@old', '')).toBe('@ada@old')
  })

  test('[LG43] a mailbox of an older ledger belongs to the server that is asked first', async () => {
    await takeIn(ledger(), 1)
    expect(await ledger().nameMailbox(inbox, 'INBOX', 'ada@old', '7')).toBe('7')
    expect(await ledger().nameMailbox(inbox, 'INBOX', 'ada@new', '7')).toBe('7@ada@new')
  })

  test('[LG44] known mails are recognised by Message-ID and one sign more, or by size and time, each once; their new names are known and settled', async () => {
    const runs = await ledger().ingest(batch([letter(1, 'one'), letter(2, 'twins'), letter(3, 'twins'), letter(4, 'without id'), letter(5, 'stays')]))
    const ids = ['<one@x>', '<two@x>', '<three@x>', '', '<five@x>']
    for (const [index, run] of runs.entries()) await ledger().recordComputed({ run: run.id, steps: [], sends: [], mail: { subject: '', from: '', messageId: ids[index] ?? '' }, state: 'done', problem: null, at: time('10:01') })
    const head = (uid: string, messageId: string, size: number, receivedAt = time('09:00')) => ({ uid, messageId, size, receivedAt })
    const heads = [
      head('101', 'one@x', 999), head('102', 'three@x', 5), head('103', 'two@x', 5, ''), head('104', '', 10),
      head('105', 'one@x', 3), head('106', 'five@x', 1, time('08:00')), head('107', 'other@x', 5),
    ]
    const { known, bound } = await ledger().recognise(trigger, '7', '8', heads)
    expect(known).toBe(5)
    expect(bound.map(([uid]) => uid)).toEqual(['101', '103', '102', '104'])
    await ledger().bindMails(trigger, '8', bound)
    expect(await ledger().knownUids(trigger, '8', heads.map(({ uid }) => uid))).toEqual(new Set(['101', '102', '103', '104']))
    expect(await ledger().knownUids({ ...trigger, ...other }, '8', ['101'])).toEqual(new Set())
    const open = await ledger().unsettled(inbox, 'INBOX', '8', time('12:00'), 10)
    expect(open.map(({ uid, uidValidity }) => `${uidValidity}/${uid}`)).toEqual(['8/101', '8/103', '8/102', '8/104', '7/5'])
    expect(open[0]?.mail).toBe(runs[0]?.mail)
    // The next rebuild finds them by these names.
    const again = await ledger().recognise(trigger, '8', '9', [head('201', 'one@x', 3)])
    expect(again).toMatchObject({ known: 4, bound: [['201', expect.any(Number)]] })
  })

  test('[LG4] queued runs are claimed oldest first, once, with the bytes they need', async () => {
    await ledger().ingest(batch([letter(1), letter(2), letter(3)], { claim: false }))
    const first = await ledger().claimRuns(2)
    expect(first.map((run) => [run.uid, run.raw])).toEqual([['1', bytesOf('Mail 1')], ['2', bytesOf('Mail 2')]])
    expect((await ledger().claimRuns(10)).map((run) => run.uid)).toEqual(['3'])
    expect(await ledger().claimRuns(10)).toEqual([])
    expect(await ledger().run(first[0]?.id ?? takeInFailed())).toMatchObject({ state: 'running' })
  })

  test('[LG5] a replay is a new queued run of the same mail on the version chosen now, and is not settled', async () => {
    const run = await takeIn(ledger(), 1)
    await finish(ledger(), run)
    const replay = await ledger().replay(run, 4, time('11:00'))
    expect(await ledger().replay(replay, 5, time('11:01'))).not.toBe(replay)
    const claimed = await ledger().claimRuns(1)
    expect(claimed).toMatchObject([{ id: replay, version: 4, uid: '1', queuedAt: time('11:00'), raw: bytesOf('Mail 1') }])
    await finish(ledger(), replay)
    expect((await ledger().unsettled(inbox, 'INBOX', '7', time('12:00'), 50)).map((one) => one.run)).toEqual([run])
    expect(await ledger().knownUids(trigger, '7', ['1'])).toEqual(new Set(['1']))
  })
}

const takeInFailed = (): never => { throw new Error('the mail made no run') }
