/** A body that defeats the worker does not cost the mail. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { connectionId, flowId, mailId, nodeId, runId } from '#shared/ids.ts'
import type { Computed, ComputeJob, Computer } from '#runtime/engine/compute.ts'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { makeHand } from '#runtime/engine/hand.ts'
import { makeInsist } from '#runtime/engine/insist.ts'
import { makeRunFlow } from '#runtime/engine/run-flow.ts'
import { silentLog } from '#runtime/log.ts'
import type { ClaimedRun, ComputedRun, Store } from '#runtime/store/store.ts'
import { bytesOf } from '../mail/mime-letters.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { flowOf, jobOf, map, receive, send } from './compute-jobs.ts'

const runOf = (bytes: Uint8Array): ClaimedRun => ({
  id: runId('r'), mail: mailId('m'), flow: flowId('f'), version: 1, trigger: nodeId('receive'), start: 'mail', connection: connectionId('in'), folder: 'INBOX', uid: '1', uidValidity: '7', flags: [],
  receivedAt: null, queuedAt: '2026-11-20T12:00:00.000Z', attempts: 0, raw: { kind: 'bytes', bytes },
})
const letter = bytesOf('From: a@x.org', 'Subject: huge', 'Content-Type: text/plain', '', 'Hello')
const flow = flowOf([receive(), map([{ to: 'to', value: 'to@example.org' }, { to: 'subject', from: ['receive.subject'] }]), send()])

test('[RN19] with its headers alone the mail runs and says what is missing', async () => {
  const computed = await computeFlow({ ...jobOf(flow, letter), headersOnly: true })
  expect(computed.problem).toBeNull()
  expect(computed.mail.subject).toBe('huge')
  expect(computed.sends).toHaveLength(1)
  expect(JSON.parse(computed.steps[0]?.outputJson ?? '{}')).toMatchObject({ text: '', truncated: ['body'] })
})

/** Lets everything through. */
const openShield = { selfOf: () => Promise.resolve([]), admit: () => Promise.resolve({ hold: null, pause: false } as const), cameBack: () => Promise.resolve(false), pauseFlow: () => Promise.resolve() }

test('[RN3, RN19] after a defeat the run is computed once more without the body; any other fault fails it at once', async () => {
  const outcomes: ComputedRun[] = []
  const tried: (boolean | undefined)[] = []
  const runWith = async (answer: (job: ComputeJob) => Promise<Computed>, bytes: Uint8Array = letter) => {
    const computer: Computer = { compute: (job) => { tried.push(job.headersOnly); return answer(job) }, readMail: () => Promise.reject(new Error('not asked')), close: () => Promise.resolve() }
    // Only these two of the store are reached by a run without sends.
    const store = { recordComputed: (computed: ComputedRun) => { outcomes.push(computed); return Promise.resolve() }, blobs: { scratchFolder: '/tmp', inlineLimit: 1e6 } } as unknown as Store
    const runs = makeRunFlow({ store, actions: { go: () => Promise.reject(new Error('not asked')) }, computer, versions: { get: () => Promise.resolve(flow) }, hand: makeHand({ runs: 9, bytes: 1e6 }), insist: makeInsist({ clock: fakeClock(), log: silentLog }), events: makeEventStream(), clock: fakeClock(), log: silentLog, toOutbox: () => {}, shield: openShield, onWaiting: () => {}, keep: (raw) => Promise.resolve(raw), onEnded: () => {}, onReport: () => () => {} })
    void runs.begin([runOf(bytes)])
    await runs.idle()
  }
  const empty: Computed = { steps: [], sends: [], mail: { subject: 'huge', from: '', messageId: '' }, problem: null }
  await runWith((job) => (job.headersOnly ? Promise.resolve(empty) : Promise.reject(fault('MAIL_UNREADABLE', { reason: 'took too long' }))))
  await runWith(() => Promise.reject(fault('MAIL_UNREADABLE', { reason: 'took too long' })))
  await runWith(() => Promise.reject(new Error('something else')))
  // A mail over the limit lies in the ledger without bytes: taken up after a crash, it fails and is never computed.
  await runWith(() => Promise.resolve(empty), new Uint8Array())
  expect(tried).toEqual([false, true, false, true, false])
  expect(outcomes.map(({ state, problem }) => [state, problem?.code])).toEqual([['done', undefined], ['failed', 'MAIL_UNREADABLE'], ['failed', 'INTERNAL'], ['failed', 'MAIL_TOO_LARGE']])
})

test('[RN79] a run without a mailbox step is computed once and written once, and the ledger is asked nothing more', async () => {
  const asked: string[] = []
  const passes: ComputeJob[] = []
  // Every method of the store that is reached leaves its name.
  const store = new Proxy({}, { get: (_, name) => (name === 'blobs' ? { scratchFolder: '/tmp', inlineLimit: 1e6 } : () => { asked.push(String(name)); return Promise.resolve() }) }) as Store
  const computer: Computer = { compute: (job) => { passes.push(job); return computeFlow(job) }, readMail: () => Promise.reject(new Error('not asked')), close: () => Promise.resolve() }
  const runs = makeRunFlow({ store, actions: { go: () => Promise.reject(new Error('not asked')) }, computer, versions: { get: () => Promise.resolve(flow) }, hand: makeHand({ runs: 9, bytes: 1e6 }), insist: makeInsist({ clock: fakeClock(), log: silentLog }), events: makeEventStream(), clock: fakeClock(), log: silentLog, toOutbox: () => {}, shield: openShield, onWaiting: () => {}, keep: (raw) => Promise.resolve(raw), onEnded: () => {}, onReport: () => () => {} })
  await runs.begin([runOf(letter)])
  expect(asked).toEqual(['recordComputed'])
  expect(passes.map((job) => 'answers' in job)).toEqual([false])
})
