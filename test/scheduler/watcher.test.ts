/** A mailbox watched over time: one look at a time, reconnects, and the last step for mails whose run has ended. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MailboxStatus } from '#shared/connection.ts'
import { fault, type ErrorCode } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { connectionId, flowId, nodeId } from '#shared/ids.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import type { Engine } from '#runtime/engine/engine.ts'
import { makeHand } from '#runtime/engine/hand.ts'
import { loadSchedules } from '#shared/schedule.ts'
import { silentLog } from '#runtime/log.ts'
import type { Account, MailboxAdapter } from '#runtime/mail/mailbox.ts'
import { Watcher } from '#runtime/scheduler/watcher.ts'
import { triggersOf } from '#runtime/scheduler/trigger.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { ClaimedRun, Store } from '#runtime/store/store.ts'
import { type FakeClock, fakeClock } from '../servers/fake-clock.ts'
import { dropFolder, makeFolder } from '../product.ts'
import { until } from '../until.ts'
import { fakeMailbox, type FakeMailbox } from './fake-mailbox.ts'

let folder: string
let store: Store
let clock: FakeClock
let mailbox: FakeMailbox
let watcher: Watcher
let begun: ClaimedRun[]
let opened: number
let openNow: number
let mostOpen: number
let refusal: ErrorCode | null
let host: string
let lose: (() => void) | null
let news: (() => void) | null
let hung: (() => void) | null
let leave: (() => void) | null

const config = (over: Record<string, unknown> = {}) => receiveEmail.config.parse({ connection: 'inbox', startFrom: 'all', delaySeconds: 60, ...over })
const flowOf = (over: Record<string, unknown> = {}): CheckedFlow =>
  ({ id: flowId('f'), name: 'F', nodes: [{ id: nodeId('receive'), kind: 'receive-email', name: '', config: config(over) }], edges: [] })

const adapter: MailboxAdapter = {
  open: () => {
    opened += 1
    if (refusal) return Promise.reject(fault(refusal, { answer: 'no' }))
    openNow += 1
    mostOpen = Math.max(mostOpen, openNow)
    let open = true
    const close = (why: Error | null, tell: (fault: Error | null) => void) => {
      if (!open) return
      open = false
      openNow -= 1
      tell(why)
    }
    let told: (fault: Error | null) => void = () => {}
    leave = () => { close(null, told) }
    lose = () => { close(fault('MAIL_CONNECTION_LOST', { host: 'x' }), told) }
    const box = mailbox
    return Promise.resolve({
      ...box,
      // Tests change these while the line is open.
      look: (filter) => box.look(filter), fetch: (...asked) => box.fetch(...asked), refresh: () => box.refresh(),
      onNews: (listener: () => void) => { news = listener },
      onClose: (listener: (fault: Error | null) => void) => { told = listener },
      close: () => {
        close(null, told)
        hung?.()
        return Promise.resolve()
      },
    })
  },
  folders: () => Promise.resolve([]),
}

function watch(flow: CheckedFlow): void {
  const engine = { hand: makeHand({ runs: 100, bytes: 1e9 }), begin: (runs: readonly ClaimedRun[]) => { begun.push(...runs) }, versions: { get: () => Promise.resolve(flow) } }
  // The watcher needs these three of the engine.
  watcher = new Watcher(connectionId('inbox'), 'INBOX', { store, engine: engine as unknown as Engine, adapter, account: () => Promise.resolve({ user: 'ada', host } as Account), events: makeEventStream(), clock, log: silentLog, random: () => 0.5, turn: () => Promise.resolve() })
  watcher.start(triggersOf(flow, 1, clock.now()))
}
const health = (wanted: MailboxStatus['health']) => until(() => watcher.status(), (status) => status.health === wanted)

beforeEach(async () => {
  folder = await makeFolder()
  clock = fakeClock()
  store = await openSqliteStore(folder, { clock, log: silentLog })
  await store.deployFlow({ flow: flowId('f'), name: 'F', json: '{}', at: clock.now() })
  mailbox = fakeMailbox()
  begun = []
  opened = 0
  openNow = 0
  mostOpen = 0
  refusal = null
  host = 'old.example.org'
  hung = null
})
afterEach(async () => {
  await watcher.stop()
  expect(openNow).toBe(0)
  await store.close()
  await dropFolder(folder)
})

test('[RN12] one connection and one look at a time, however much news there is', async () => {
  mailbox.arrive('one')
  watch(flowOf())
  await health('idle')
  for (let n = 0; n < 20; n += 1) {
    mailbox.arrive(`burst ${n}`)
    news?.()
  }
  await until(() => begun.length, (count) => count >= 5)
  await health('idle')
  expect(mailbox.busiest()).toBe(1)
  expect(mostOpen).toBe(1)
  expect(new Set(begun.map((run) => run.id)).size).toBe(begun.length)
})

test('[RN34] a connection pointed at another server: an equal UIDVALIDITY proves nothing, the known mails do, and back again too', async () => {
  const flow = flowOf({ unseenOnly: false, maxEmails: -1 })
  const move = async (to: string, mails: FakeMailbox): Promise<void> => {
    await watcher.stop()
    host = to
    mailbox = mails
    watch(flow)
    await until(() => watcher.status(), ({ health: now }) => now === 'idle' || now === 'needs-attention')
  }
  const old = mailbox
  for (let n = 1; n <= 5; n += 1) old.arrive(`mail ${n}`, { receivedAt: `2026-11-20T08:0${n}:00.000Z` })
  watch(flow)
  await health('idle')
  // The same mails, and their UIDs begin with one that names another mail here.
  const moved = fakeMailbox()
  for (const { subject, receivedAt } of old.mails.slice(1)) moved.arrive(subject, { receivedAt })
  moved.arrive('came there')
  await move('new.example.org', moved)
  expect(begun.map((run) => run.uid)).toEqual(['1', '2', '3', '4', '5', '5'])
  const strange = fakeMailbox()
  for (let n = 1; n <= 9; n += 1) strange.arrive(`another person's ${n}`)
  await move('wrong.example.org', strange)
  expect(watcher.status()).toMatchObject({ health: 'needs-attention', say: expect.stringContaining('INBOX') as string })
  await move('old.example.org', old)
  expect(watcher.status().health).toBe('idle')
  expect(begun).toHaveLength(6)
})

test('[RN4] what a look left over comes at the next one, after the delay', async () => {
  for (let n = 0; n < 10; n += 1) mailbox.arrive(`mail ${n}`)
  watch(flowOf())
  await health('idle')
  expect(begun).toHaveLength(5)
  expect(watcher.status().waiting).toBe(5)
  clock.pass(60_000)
  await until(() => begun.length, (count) => count === 10)
})

test('[PO22] a mailbox whose every look is a login is looked at in the ordinary rhythm, also while mail flows', async () => {
  mailbox.keepsSession = false
  mailbox.arrive('first')
  watch(flowOf())
  await health('idle')
  mailbox.arrive('second')
  clock.pass(59_000)
  await health('idle')
  expect(begun).toHaveLength(1)
  clock.pass(1000)
  await until(() => begun.length, (count) => count === 2)
})

test('[RN20] while mail flows the next one is looked for soon, and the ordinary rhythm comes back', async () => {
  mailbox.arrive('first')
  watch(flowOf())
  await health('idle')
  mailbox.arrive('second, untold')
  clock.pass(120)
  await until(() => begun.length, (count) => count === 2)
  await health('idle')
  clock.pass(2500)
  await until(() => watcher.status().lastLookAt, (at) => at === clock.now())
  await health('idle')
  mailbox.arrive('third, untold')
  clock.pass(50_000)
  expect(begun).toHaveLength(2)
  clock.pass(10_000)
  await until(() => begun.length, (count) => count === 3)
})

test('[RN13] a lost connection is made anew, with a growing wait; the state says so', async () => {
  watch(flowOf())
  await health('idle')
  lose?.()
  await health('backing-off')
  expect(watcher.status().say).toContain('broke off')
  mailbox.arrive('meanwhile')
  clock.pass(1000)
  await until(() => begun.length, (count) => count === 1)
  expect(opened).toBe(2)
})

test('[RN13] a server that says goodbye without a fault is not stormed with logins either', async () => {
  watch(flowOf())
  await health('idle')
  leave?.()
  await health('backing-off')
  expect(opened).toBe(1)
  clock.pass(1000)
  await health('idle')
  expect(opened).toBe(2)
})

test('[RN13] a mailbox without a successful look for too long is called deaf and connected anew', async () => {
  watch(flowOf({ delaySeconds: 3600 }))
  await health('idle')
  clock.pass(3 * 3600_000 - 1)
  await health('idle')
  // A real adapter gives up a command when its line is closed.
  mailbox.look = () => new Promise((_, reject) => {
    hung = () => { reject(fault('MAIL_CONNECTION_LOST', { host: 'x' })) }
    if (openNow === 0) hung()
  })
  clock.pass(3 * 3600_000)
  watcher.checkPulse()
  expect(watcher.status().health).toBe('deaf')
})

test('[RN112] the watchdog\'s alarm says what it saw, when, and what it did, and stays after the mailbox is well again', async () => {
  watch(flowOf())
  await health('idle')
  const looks = mailbox.look
  mailbox.look = () => new Promise((_, reject) => {
    hung = () => { reject(fault('MAIL_CONNECTION_LOST', { host: 'x' })) }
    if (openNow === 0) hung()
  })
  clock.pass(60_000)
  await health('polling')
  clock.pass(6 * 60_000)
  watcher.checkPulse()
  const alarm = { at: clock.now(), say: 'No look into INBOX went well for 7 minutes, although the line seemed to be open. The line was closed and is made anew.' }
  expect(watcher.status()).toMatchObject({ health: 'deaf', say: alarm.say, alarm, trouble: { code: 'MAIL_DEAF', since: alarm.at, until: null } })
  mailbox.look = looks
  await health('backing-off')
  clock.pass(2000)
  await health('idle')
  expect(watcher.status()).toMatchObject({ alarm, trouble: { since: alarm.at, until: clock.now() } })
  expect(opened).toBe(2)
})

test('[RN111] a paused mailbox has no line, looks at nothing and settles nothing, until it is resumed', async () => {
  mailbox.arrive('one')
  watch(flowOf())
  await health('idle')
  watcher.hold({ at: clock.now(), by: 'admin' })
  await health('paused')
  expect(openNow).toBe(0)
  expect(watcher.status()).toMatchObject({ say: 'Paused by admin.', nextLookAt: null, paused: { by: 'admin' } })
  mailbox.arrive('meanwhile')
  watcher.lookNow()
  watcher.settleSoon()
  clock.pass(3600_000)
  watcher.checkPulse()
  expect(watcher.status()).toMatchObject({ health: 'paused', alarm: null })
  expect([opened, begun.length]).toEqual([1, 1])
  watcher.hold(null)
  await until(() => begun.length, (count) => count === 2)
  expect(opened).toBe(2)
})

test('[RN113] reconnecting closes the line and makes it anew at once, also while a mailbox waits after trouble', async () => {
  watch(flowOf())
  await health('idle')
  watcher.reconnect()
  await until(() => opened, (count) => count === 2)
  await health('idle')
  refusal = 'MAIL_UNREACHABLE'
  lose?.()
  await health('backing-off')
  refusal = null
  watcher.reconnect()
  await health('idle')
  expect([opened, mostOpen]).toEqual([3, 1])
})

test('[RN114] the state tells how far behind a mailbox is: the time from arrival to run, and what the last look left over', async () => {
  for (let n = 0; n < 7; n += 1) mailbox.arrive(`mail ${n}`, { receivedAt: '2026-11-20T11:58:30.000Z' })
  watch(flowOf())
  await health('idle')
  expect(watcher.status()).toMatchObject({ lagMs: 90_000, waiting: 2 })
})

test('[RN13] large mails that come slowly are no silence', async () => {
  mailbox.arrive('one')
  mailbox.arrive('two')
  const quick = mailbox.fetch
  const heard: string[] = []
  mailbox.fetch = async function* fetch(...asked) {
    for await (const mail of quick(...asked)) {
      clock.pass(4 * 60_000)
      watcher.checkPulse()
      heard.push(watcher.status().health)
      yield mail
    }
  }
  watch(flowOf())
  await until(() => begun.length, (count) => count === 2)
  expect(heard).toEqual(['polling', 'polling'])
})

test('[RN3] a mail over the limit is left in its mailbox also by a flow that deletes what failed', async () => {
  mailbox.arrive('huge', { size: 200 * 1024 * 1024 })
  watch(flowOf({ onFailure: { do: 'delete' } }))
  await health('idle')
  const { runs } = await store.runs({ limit: 5 })
  expect(runs.map(({ state, problem }) => [state, problem?.code])).toEqual([['failed', 'MAIL_TOO_LARGE']])
  watcher.settleSoon()
  clock.pass(100)
  watcher.lookNow()
  await health('idle')
  expect(mailbox.settled).toEqual([])
})

test('[RN14] after three refused logins a person is asked, and the account is left alone until one acts', async () => {
  refusal = 'MAIL_LOGIN_REFUSED'
  watch(flowOf())
  await health('backing-off')
  clock.pass(2000)
  await until(() => opened, (count) => count === 2)
  await health('backing-off')
  clock.pass(4000)
  await health('needs-attention')
  expect(opened).toBe(3)
  expect(watcher.status().say).toContain('Tried 3 times')
  expect(watcher.status().nextLookAt).toBeNull()
  watcher.settleSoon()
  clock.pass(7 * 24 * 3600_000)
  expect(opened).toBe(3)
  // Another trouble is waited for as ever, and told without the words about the password.
  refusal = 'MAIL_UNREACHABLE'
  watcher.lookNow('person')
  await health('backing-off')
  expect(watcher.status().say).not.toContain('Tried')
  expect(watcher.status().nextLookAt).not.toBeNull()
  refusal = null
  watcher.lookNow('person')
  await health('idle')
})

test('[RN6] the mail is marked only after its run has ended, once; one that is gone counts as settled', async () => {
  mailbox.arrive('one')
  mailbox.arrive('two')
  watch(flowOf({ onFailure: { do: 'flag' } }))
  await health('idle')
  expect(mailbox.settled).toEqual([])
  const [one, two] = begun
  if (!one || !two) throw new Error('two runs expected')
  const computed = { steps: [], sends: [], mail: { subject: '', from: '', messageId: '' }, problem: null, at: clock.now() }
  await store.recordComputed({ ...computed, run: one.id, state: 'done' })
  await store.recordComputed({ ...computed, run: two.id, state: 'failed' })
  mailbox.mails.pop()
  watcher.settleSoon()
  clock.pass(100)
  await until(() => mailbox.settled.length, (count) => count === 2)
  expect(mailbox.settled).toContainEqual({ uids: ['1'], after: { do: 'mark-seen' } })
  expect(mailbox.settled).toContainEqual({ uids: ['2'], after: { do: 'flag' } })
  const states = await until(async () => Promise.all([one, two].map(async (run) => (await store.run(run.id))?.settle.state)), (all) => !all.includes('pending'))
  expect(states).toEqual(['done', 'gone'])
})

test('[RN6] a later delete waits for its day', async () => {
  mailbox.arrive('one')
  watch(flowOf({ after: { do: 'delete', days: 2 } }))
  await health('idle')
  const run = begun[0]
  if (!run) throw new Error('a run expected')
  await store.recordComputed({ run: run.id, steps: [], sends: [], mail: { subject: '', from: '', messageId: '' }, problem: null, at: clock.now(), state: 'done' })
  clock.pass(60_000)
  await until(() => store.run(run.id), (record) => record?.settle.say === 'waits for its day')
  await health('idle')
  expect(mailbox.settled).toEqual([])
  clock.jump(2 * 24 * 3600_000)
  clock.pass(60_000)
  await until(() => mailbox.settled.length, (count) => count === 1)
})

test('[RN48] a later delete happens also when no flow reads the mailbox any more', async () => {
  mailbox.arrive('one')
  watch(flowOf({ after: { do: 'delete', days: 2 } }))
  await health('idle')
  const run = begun[0]
  if (!run) throw new Error('a run expected')
  await store.recordComputed({ run: run.id, steps: [], sends: [], mail: { subject: '', from: '', messageId: '' }, problem: null, at: clock.now(), state: 'done' })
  watcher.settleSoon()
  clock.pass(100)
  await until(() => store.run(run.id), (record) => record?.settle.say === 'waits for its day')
  watcher.change([])
  await health('idle')
  expect(mailbox.settled).toEqual([])
  clock.jump(2 * 24 * 3600_000)
  await until(() => { clock.pass(3600_000); return mailbox.settled.length }, (count) => count === 1)
  expect(mailbox.settled).toEqual([{ uids: ['1'], after: { do: 'delete', days: 2 } }])
})

test('[RN117] with a schedule the mailbox is looked at at its times only; what comes from the deploy on is taken then', async () => {
  await loadSchedules()
  mailbox.arrive('before the deploy')
  watch(flowOf({ schedule: { cron: '0 8 * * *', timeZone: 'Europe/Berlin' }, startFrom: 'now' }))
  await health('idle')
  expect(watcher.status()).toMatchObject({ lastLookAt: null, nextLookAt: '2026-11-21T07:00:00.000Z' })
  mailbox.arrive('in the afternoon')
  news?.()
  clock.pass(4 * 60_000)
  // The line was felt, and the next time is waited for.
  await clock.untilWaits(4 * 60_000)
  watcher.checkPulse()
  expect([begun.length, watcher.status().alarm]).toEqual([0, null])
  clock.pass(19 * 3600_000 - 4 * 60_000)
  await until(() => begun.length, (count) => count === 1)
  await health('idle')
  expect(watcher.status()).toMatchObject({ lastLookAt: '2026-11-21T07:00:00.000Z', nextLookAt: '2026-11-22T07:00:00.000Z' })
})

test('[RN117] a person may look beside the schedule', async () => {
  await loadSchedules()
  mailbox.arrive('one')
  watch(flowOf({ schedule: { cron: '0 8 * * *', timeZone: 'UTC' } }))
  await health('idle')
  expect(begun).toHaveLength(0)
  watcher.lookNow('person')
  await until(() => begun.length, (count) => count === 1)
})
