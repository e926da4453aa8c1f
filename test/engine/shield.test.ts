/** What the blast shield counts and decides, on a clock of its own. */
import { expect, test } from 'vitest'
import { makeEventStream } from '#shared/events.ts'
import { connectionId, flowId, nodeId, runId } from '#shared/ids.ts'
import { defaultSending, type Sending, sendingOf } from '#shared/sending/safety.ts'
import type { ComposedSend } from '#runtime/engine/compute.ts'
import { makeInsist } from '#runtime/engine/insist.ts'
import { makeCounts } from '#runtime/engine/shield/counts.ts'
import { judge } from '#runtime/engine/shield/judge.ts'
import { silentLog } from '#runtime/log.ts'
import { makeShield } from '#runtime/engine/shield/shield.ts'
import type { ClaimedRun, FlowPause, Store } from '#runtime/store/store.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { flowOf, map, receive, send } from './compute-jobs.ts'

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/** One after the other, each at its time; the first that may not go is told. */
function run(sending: Partial<Sending>, mails: readonly { readonly at: number; readonly to: string; readonly answers?: boolean; readonly cameAt?: number }[]): string {
  const counts = makeCounts()
  for (const [index, { at, to, answers = false, cameAt }] of mails.entries()) {
    const verdict = judge(counts, { ...defaultSending, ...sending }, { mails: [{ strangers: to === 'named' ? [] : [to], answered: answers ? [to] : [] }], nowMs: at, arrivedMs: cameAt ?? null })
    if (!verdict.ok) return `${index + 1}: ${verdict.problem.code} ${verdict.problem.say}`
    verdict.take()
  }
  return 'all'
}
const times = (count: number, everyMs: number, to = (at: number) => `p${at}@x.org`) => Array.from({ length: count }, (_, at) => ({ at: at * everyMs, to: to(at) }))
const same = () => 'ann@x.org'

test('[SX144] budgets count a rolling hour or day: all mails where asked for, those to strangers, those to one of them; 0 is no limit', () => {
  expect(run({ perHour: 3 }, times(4, minuteMs, () => 'named'))).toMatch(/^4: SEND_BUDGET .*has sent 3 mails in the last hour, and 3 are allowed/)
  expect(run({ perHour: 3 }, times(9, 20 * minuteMs, () => 'named'))).toBe('all')
  expect(run({}, times(5000, 1, () => 'named'))).toBe('all')
  expect(run({ strangersPerHour: 3 }, [...times(3, minuteMs), { at: 4 * minuteMs, to: 'named' }, { at: 5 * minuteMs, to: 'new@x.org' }])).toMatch(/^5: SEND_BUDGET .*addresses come out of mails/)
  expect(run({ strangersPerHour: 0 }, times(2000, 1))).toBe('all')
  expect(run({}, times(1001, 1))).toMatch(/^1001: SEND_BUDGET/)
  expect(run({}, times(21, minuteMs, same))).toMatch(/^21: SEND_BUDGET .*to ann@x\.org in the last hour/)
  expect(run({ perStrangerDay: 30 }, times(31, 5 * minuteMs, same))).toMatch(/^31: SEND_BUDGET .*to ann@x\.org in the last 24 hours/)
  expect(run({ perStrangerDay: 30 }, times(31, hourMs, same))).toBe('all')
  expect(run({ perStrangerHour: 0, perStrangerDay: 0 }, times(200, 1, same))).toBe('all')
})

/** It answers each of our mails after so long. */
const responder = (count: number, everyMs: number) => Array.from({ length: count }, (_, at) => ({ at: at * everyMs, to: 'bot@x.org', answers: true, cameAt: at * everyMs - 500 }))

test('[SX143] whoever answers each mail at once gets two, whoever takes a little longer five; named in the flow or not', () => {
  expect(run({}, responder(9, 10 * secondMs))).toMatch(/^3: SEND_PING_PONG .*bot@x\.org/)
  expect(run({}, responder(9, minuteMs))).toMatch(/^3: SEND_PING_PONG/)
  expect(run({}, responder(9, 100 * secondMs))).toMatch(/^7: SEND_PING_PONG/)
  expect(run({}, responder(20, 5 * minuteMs))).toBe('all')
  expect(run({}, responder(9, secondMs).map((mail) => ({ ...mail, to: 'named', answers: true })))).toMatch(/^3: SEND_PING_PONG/)
})

test('[SX143] a backlog of one person\'s mail is no conversation, and writing on to somebody is no answer', () => {
  expect(run({}, Array.from({ length: 20 }, (_, at) => ({ at: at * secondMs, to: 'ann@x.org', answers: true, cameAt: -hourMs + at })))).toBe('all')
  expect(run({ perStrangerHour: 0, perStrangerDay: 0 }, times(50, secondMs, same))).toBe('all')
  // A person who writes again within the minute once, and later once more.
  expect(run({}, [0, 50, 400, 450, 900].map((s) => ({ at: s * secondMs, to: 'ann@x.org', answers: true, cameAt: s * secondMs - 500 })))).toBe('all')
})

const flow = flowId('tickets')
function shieldOver(sending: Parameters<typeof sendingOf>[0] = {}, ledger: { lately?: readonly { at: string; recipients: readonly string[] }[]; pauses?: readonly FlowPause[]; approved?: () => number } = {}) {
  const asked: string[] = []
  const clock = fakeClock()
  const events = makeEventStream()
  const store = new Proxy({}, { get: (_, name) => (...given: readonly unknown[]) => {
    asked.push(String(name))
    switch (name) {
      case 'sentLately': return Promise.resolve(ledger.lately ?? [])
      case 'flowPauses': return Promise.resolve(ledger.pauses ?? [])
      case 'approvalsOf': return Promise.resolve({ mails: ledger.approved?.() ?? 0, trusted: false })
      case 'connection': return Promise.resolve({ user: 'Support@x.org', mailbox: '' })
      case 'run': return Promise.resolve(given[0] === 'known' ? { flow } : null)
      default: return Promise.resolve()
    }
  } }) as unknown as Store // each method the shield reaches is one of these
  const drawn = { ...flowOf([receive(), map([{ to: 'to', value: 'desk@y.org' }]), send()]), sending: sendingOf(sending) }
  const shield = makeShield({ store, versions: { get: () => Promise.resolve(drawn) }, events, insist: makeInsist({ clock, log: silentLog }), clock, log: silentLog })
  const claimed = { id: runId('run'), flow, version: 1, connection: connectionId('inbox'), folder: 'INBOX', receivedAt: null, get queuedAt() { return clock.now() } } as unknown as ClaimedRun // what the shield reads of a run
  const mail = (strangers: readonly string[]): ComposedSend => ({ node: 'send', shielded: { strangers, answered: [] } }) as unknown as ComposedSend // and of a mail
  return { shield, asked, clock, events, claimed, admit: (...strangers: string[]) => shield.admit(claimed, [mail(strangers)]) }
}

test('[SX146] while nothing trips the ledger is asked once for a flow and never again', async () => {
  const { shield, asked, admit, claimed } = shieldOver({ perHour: 1000 })
  for (let mail = 0; mail < 50; mail += 1) {
    expect(await shield.selfOf(claimed.connection)).toEqual(['support@x.org'])
    expect(await admit(`p${mail}@x.org`)).toEqual({ hold: null, pause: false })
  }
  expect(asked).toEqual(['connection', 'sentLately'])
})

test('[SX145] after a restart a flow counts on from the ledger, strangers as strangers; a person\'s deploy begins anew', async () => {
  const clock = fakeClock()
  const lately = Array.from({ length: 5 }, (_, at) => ({ at: new Date(Date.parse(clock.now()) - (5 - at) * minuteMs).toISOString(), recipients: at < 3 ? ['Ann@x.org'] : ['desk@y.org'] }))
  const { admit, events, asked } = shieldOver({ perStrangerHour: 4, strangersPerHour: 5 }, { lately })
  expect([(await admit('ann@x.org')).pause, (await admit('bob@x.org')).pause]).toEqual([false, false])
  expect((await admit('ann@x.org')).hold?.code).toBe('SEND_BUDGET')
  expect((await admit('cy@x.org')).hold?.say).toContain('The flow is paused')
  lately.length = 0
  events.emit({ type: 'flow.deployed', flow, version: 2 })
  expect((await admit('ann@x.org')).hold).toBeNull()
  expect(asked.filter((name) => name === 'sentLately')).toHaveLength(2)
})

test('[SX149] the first mails of a version are held until so many of them were let go', async () => {
  let approved = 0
  const { shield, admit } = shieldOver({ approveFirst: 2 }, { approved: () => approved })
  const [one, two, three] = await Promise.all([admit('a@x.org'), admit('b@x.org'), admit('c@x.org')])
  for (const verdict of [one, two, three]) expect(verdict).toMatchObject({ hold: { code: 'SEND_FIRST_LOOK', say: 'The first 2 mails of version 1 wait for a look.' }, pause: false })
  approved = 1
  shield.forget({ flow })
  expect((await admit('d@x.org')).hold?.code).toBe('SEND_FIRST_LOOK')
  approved = 2
  shield.forget({ flow })
  expect((await admit('e@x.org')).hold).toBeNull()
})

test('[SX141] a paused flow\'s rows in line are held, those that a person let go are not, and of an unknown one a person is asked', async () => {
  const { shield, clock, events } = shieldOver({}, { pauses: [{ flow, at: '', problem: { code: 'SEND_CAME_BACK', say: 'It came back.', where: '' } }] })
  const row = { id: 'row', run: runId('run'), flow, node: nodeId('send'), recipients: ['a@x.org'], unknown: false } as unknown as Parameters<typeof shield.barred>[0] // what is read of a row
  await shield.start()
  expect(shield.barred(row)).toMatchObject({ send: 'row', nextAttemptAt: null, event: { at: clock.now(), what: 'held', say: 'It came back.' }, recipients: [{ address: 'a@x.org', state: 'held' }] })
  expect(shield.barred({ ...row, approved: true })).toBeNull()
  expect(shield.barred({ ...row, unknown: true })).toMatchObject({ event: { what: 'parked' }, recipients: [{ state: 'unknown' }] })
  expect([await shield.cameBack(flow, ['made-up']), await shield.cameBack(flow, ['made-up', 'known']), await shield.cameBack(flowId('other'), ['known'])]).toEqual([false, true, false])
  events.emit({ type: 'flow.stopped', flow })
  expect(shield.barred(row)).toBeNull()
})
