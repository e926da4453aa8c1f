/** Live messages in the screens' caches: patched in place, asked again where only the server can count. */
import type { QueryClient } from '@tanstack/react-query'
import { afterEach, expect, test } from 'vitest'
import { applyLive, askAgainMs, makeAskAgain, startLive, type LivePorts, type LiveSource } from '#editor/api/live.ts'
import { keys, makeQueryClient, type OutboxData, type RunsData } from '#editor/api/queries.ts'
import { isOverfull, liveRows, patchRuns } from '#editor/api/runs-patch.ts'
import type { LiveMessage, MailboxesView, SandboxView } from '#shared/api.ts'
import { flowId, mailId, runId } from '#shared/ids.ts'
import type { RunSummary } from '#shared/run.ts'

const at = (minute: number): string => `2026-11-20T10:${String(minute).padStart(2, '0')}:00.000Z`
const run = (id: string, minute: number, over: Partial<RunSummary> = {}): RunSummary => ({
  id: runId(id), flow: flowId('tickets'), flowName: 'Tickets', version: 1, state: 'done', start: 'mail', queuedAt: at(minute), finishedAt: null, durationMs: null, problem: null, resent: 0,
  mail: { id: mailId(id), subject: `Subject ${id}`, from: 'Ana <ana@example.org>', connection: 'inbox', folder: 'INBOX', size: 1 }, ...over,
})
const listOf = (...runs: readonly RunSummary[]): RunsData => ({ pages: [{ runs, next: null }], pageParams: [''] })
const many = (from: number, count: number): RunSummary[] => Array.from({ length: count }, (_, index) => run(`r${from + index}`, 1))
const shown = (data: RunsData | undefined): readonly string[] => data?.pages.flatMap((page) => page.runs.map((one) => `${one.id} ${one.state}`)) ?? []

const clients: QueryClient[] = []
const client = (): QueryClient => {
  const made = makeQueryClient()
  clients.push(made)
  return made
}
afterEach(() => { for (const one of clients.splice(0)) one.clear() })
const askNothing = (): void => {}

test('[ED43] a new run appears on top and a changed one changes in its place', () => {
  const patched = patchRuns(listOf(run('b', 5, { state: 'running' }), run('a', 4)), [run('b', 5), run('c', 6, { state: 'queued' })], {})
  expect(shown(patched)).toEqual(['c queued', 'b done', 'a done'])
})

test('[ED43] a filtered list takes only what fits, and lets go what fits no more', () => {
  const failed = listOf(run('b', 5, { state: 'failed' }), run('a', 4, { state: 'failed' }))
  expect(shown(patchRuns(failed, [run('a', 4, { state: 'running' }), run('c', 6), run('d', 3, { state: 'failed' })], { state: 'failed' }))).toEqual(['b failed', 'd failed'])
  expect(shown(patchRuns(listOf(), [run('x', 1), run('y', 2, { flow: flowId('other') })], { flow: 'other' }))).toEqual(['y done'])
  expect(shown(patchRuns(listOf(), [run('x', 1)], { from: 'ANA@' }))).toEqual(['x done'])
  expect(shown(patchRuns(listOf(), [run('x', 1)], { subject: 'nothing like it' }))).toEqual([])
})

test('[ED43] an old run that is not loaded yet does not jump to the top', () => {
  expect(shown(patchRuns(listOf(run('b', 5)), [run('old', 1)], {}))).toEqual(['b done'])
})

test('[ED44] a list fed by a flood lets its old pages go, and starts again when even the first is too long', () => {
  const two: RunsData = { pages: [{ runs: many(0, 50), next: 'x' }, { runs: many(50, 50), next: null }], pageParams: ['', 'x'] }
  const flooded = patchRuns(two, many(1000, liveRows - 60), {})
  expect(flooded.pages.map((page) => page.next)).toEqual(['x'])
  expect(isOverfull(flooded)).toBe(false)
  expect(isOverfull(patchRuns(flooded, many(5000, 60), {}))).toBe(true)
})

test('[ED43] every list of runs on screen is patched by its own filter', () => {
  const cache = client()
  cache.setQueryData(keys.runs({}), listOf(run('a', 4)))
  cache.setQueryData(keys.runs({ state: 'failed' }), listOf())
  const asked: unknown[] = []
  applyLive(cache, { type: 'runs', runs: [run('b', 5)] }, (key) => asked.push(key))
  expect(shown(cache.getQueryData(keys.runs({})))).toEqual(['b done', 'a done'])
  expect(shown(cache.getQueryData(keys.runs({ state: 'failed' })))).toEqual([])
  expect(asked).toEqual([keys.run('b'), keys.flow('tickets'), keys.flows])
})

test('[ED165] a connection that was changed may be shared with others now: every list of what came or went through it is asked again', () => {
  const asked: (readonly unknown[])[] = []
  applyLive(client(), { type: 'connection', id: 'inbox' }, (key) => asked.push(key))
  for (const key of [keys.connections, keys.flows, keys.mailboxes, keys.allRuns, keys.anyRun, keys.allOutbox]) expect(asked).toContain(key)
})

test('[ED45] mailboxes, outbox counts and the sandbox change without being asked again', () => {
  const cache = client()
  const box = { connection: 'inbox', folder: 'INBOX', flows: ['tickets'], health: 'idle' as const, say: '', lastLookAt: null, lastMailAt: null, nextLookAt: null, waiting: 0, lagMs: null, trouble: null, alarm: null, paused: null, hours: [], days: [] }
  cache.setQueryData<MailboxesView>(keys.mailboxes, { mailboxes: [box, { ...box, folder: 'Other' }] })
  applyLive(cache, { type: 'mailbox', mailbox: { ...box, health: 'deaf' } }, askNothing)
  applyLive(cache, { type: 'mailbox', mailbox: { ...box, folder: 'New' } }, askNothing)
  expect(cache.getQueryData<MailboxesView>(keys.mailboxes)?.mailboxes.map((one) => `${one.folder} ${one.health}`)).toEqual(['INBOX deaf', 'Other idle', 'New idle'])

  cache.setQueryData<OutboxData>(keys.outbox({}), { pages: [{ sends: [], next: null, counts: { sent: 1 } }], pageParams: [''] })
  applyLive(cache, { type: 'outbox', counts: { sent: 2, unknown: 1 } }, askNothing)
  expect(cache.getQueryData<OutboxData>(keys.outbox({}))?.pages[0]?.counts).toEqual({ sent: 2, unknown: 1 })

  const mail = { id: 'm1', from: 'a@x.org', to: ['b@x.org'], subject: 'Hi', at: at(1), size: 3 }
  cache.setQueryData<SandboxView>(keys.sandbox, { on: true, letters: [], sent: [], inbox: { address: 'you@x.org', waiting: 0 } })
  applyLive(cache, { type: 'sandbox', mail }, askNothing)
  applyLive(cache, { type: 'sandbox', mail }, askNothing)
  expect(cache.getQueryData<SandboxView>(keys.sandbox)?.sent).toEqual([mail])
})

/** Timers that the test lets run out. */
function fakeLater() {
  const waiting: { readonly run: () => void; readonly ms: number }[] = []
  const later: LivePorts['later'] = (run, ms) => {
    const entry = { run, ms }
    waiting.push(entry)
    return () => { waiting.splice(waiting.indexOf(entry), 1) }
  }
  return { later, waiting, next: () => waiting.shift()?.run() }
}

test('[ED46] a burst of messages asks the server again once, and once more when it is over', () => {
  const cache = client()
  cache.setQueryData(keys.flows, { flows: [] })
  const stale = (): boolean => cache.getQueryState(keys.flows)?.isInvalidated === true
  const time = fakeLater()
  const again = makeAskAgain(cache, time.later)
  for (let count = 0; count < 100; count += 1) again.ask(keys.flows)
  expect(time.waiting).toHaveLength(1)
  time.next()
  expect(stale()).toBe(true)
  cache.setQueryData(keys.flows, { flows: [] })
  again.ask(keys.flows)
  expect([stale(), time.waiting.map(({ ms }) => ms)]).toEqual([false, [askAgainMs]])
  time.next()
  expect(stale()).toBe(true)
  again.stop()
  expect(time.waiting).toHaveLength(0)
})

test('[ED46] what is on no screen is not asked for', () => {
  const time = fakeLater()
  makeAskAgain(client(), time.later).ask(keys.run('nobody-looks'))
  expect(time.waiting).toHaveLength(0)
})

class FakeSource implements LiveSource {
  static readonly made: FakeSource[] = []
  readyState = 1
  readonly #listeners: { readonly type: string; readonly tell: (event: MessageEvent) => void }[] = []
  constructor() { FakeSource.made.push(this) }
  close(): void { this.readyState = 2 }
  addEventListener(type: 'message' | 'error', tell: (event: MessageEvent) => void): void { this.#listeners.push({ type, tell }) }
  #happen(type: string, data: string): void { for (const one of this.#listeners) if (one.type === type) one.tell(new MessageEvent(type, { data })) }
  tell(message: LiveMessage | string): void { this.#happen('message', typeof message === 'string' ? message : JSON.stringify(message)) }
  /** The browser tries again by itself. */
  cut(): void { this.#happen('error', '') }
  /** The browser gives up. */
  refuse(): void {
    this.readyState = 2
    this.#happen('error', '')
  }
}

test('[ED47] a refused stream is opened again and everything is loaded anew; stopping ends it for good', () => {
  const cache = client()
  cache.setQueryData(keys.runs({}), listOf())
  const time = fakeLater()
  const made = FakeSource.made
  made.length = 0
  const stop = startLive(cache, { later: time.later, open: () => new FakeSource() })
  made[0]?.tell('not json')
  made[0]?.tell({ type: 'runs', runs: [run('a', 1)] })
  expect(shown(cache.getQueryData(keys.runs({})))).toEqual(['a done'])
  made[0]?.cut()
  expect(made).toHaveLength(1)
  made[0]?.refuse()
  time.next()
  expect(made).toHaveLength(2)
  expect(cache.getQueryState(keys.runs({}))?.isInvalidated).toBe(true)
  stop()
  expect(made.map((one) => one.readyState)).toEqual([2, 2])
  expect(time.waiting).toHaveLength(0)
})
