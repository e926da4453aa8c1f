/** The live stream: bursts become one message, pages that were away catch up, and nothing is done for nobody. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { LiveMessage } from '#shared/api.ts'
import { flowId, mailId, nodeId, runId, sendId } from '#shared/ids.ts'
import { makeRing } from '#runtime/api/ring.ts'
import { until } from '../until.ts'
import { apiWorld, listen, oneRun, withConnections, type World } from './world.ts'

const messages = (text: string): readonly { readonly id: number; readonly data: LiveMessage }[] =>
  [...text.matchAll(/^id: (\d+)\ndata: (.*)\n$/gm)].map((match) => ({ id: Number(match[1]), data: JSON.parse(match[2] ?? '') as LiveMessage }))
const lastId = (text: string): string => [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? ''
const ready = (page: { text: () => string }) => until(() => page.text(), (text) => text.includes('id: '))
const flow = flowId('support-tickets')
/** Lets the store answer and the sockets deliver between moves of the clock. */
const settle = async (): Promise<void> => { for (let turn = 0; turn < 20; turn += 1) await nextTurn() }
const pass = async (world: World, ms: number): Promise<void> => {
  await settle()
  world.clock.pass(ms)
  await settle()
}

/** A world that writes down which runs the store was asked for. */
async function countingWorld(): Promise<{ readonly world: World; readonly asked: (readonly string[])[] }> {
  const asked: (readonly string[])[] = []
  const world = await apiWorld(({ store }) => ({ store: { ...store, runSummaries: (ids) => {
    asked.push(ids)
    return store.runSummaries(ids)
  } } }))
  return { world, asked }
}
/** The server has seen the page go. */
const left = (world: World) => until(() => world.logged.some((line) => line.includes('live.left')))

test('[AP20] many events of a moment are one message, each run told once', async () => {
  const { world, asked } = await countingWorld()
  const page = await listen(world)
  await ready(page)
  for (let mail = 0; mail < 30; mail += 1) {
    world.events.emit({ type: 'run.computed', run: runId(`run-${mail}`), flow })
    world.events.emit({ type: 'run.finished', run: runId(`run-${mail}`), flow, state: 'done', problem: null, mailbox: null })
  }
  world.clock.pass(149)
  expect(asked).toEqual([])
  world.clock.pass(1)
  const [message] = await until(() => messages(page.text()), (seen) => seen.length === 1)
  expect(message?.data.type).toBe('runs')
  expect(asked).toHaveLength(1)
  expect(asked[0]).toHaveLength(30)
})

test('[AP20] a flood of runs is answered with one "load again" and not with thousands of rows', async () => {
  const { world, asked } = await countingWorld()
  const page = await listen(world)
  await ready(page)
  for (let mail = 0; mail < 5000; mail += 1) world.events.emit({ type: 'run.queued', run: runId(`run-${mail}`), flow, mail: mailId('m') })
  world.clock.pass(150)
  expect((await until(() => messages(page.text()), (seen) => seen.length === 1)).map(({ data }) => data)).toEqual([{ type: 'reload' }])
  expect(asked).toEqual([])
})

test('[AP21] nothing is asked of the store while nobody listens', async () => {
  const { world, asked } = await countingWorld()
  world.events.emit({ type: 'run.computed', run: runId('before'), flow })
  expect(world.clock.waiting()).toBe(0)
  const page = await listen(world)
  await ready(page)
  page.leave()
  await left(world)
  world.clock.pass(60_000)
  world.events.emit({ type: 'run.computed', run: runId('after'), flow })
  expect(world.clock.waiting()).toBe(0)
  expect(asked).toEqual([])
})

test('[AP22] a page that lost its connection gets what it missed, in order and once', async () => {
  const { world } = await countingWorld()
  const page = await listen(world)
  await ready(page)
  world.events.emit({ type: 'flow.saved', flow: flowId('one') })
  await until(() => messages(page.text()).length === 1)
  const seen = lastId(page.text())
  page.leave()
  world.events.emit({ type: 'flow.saved', flow: flowId('two') })
  world.events.emit({ type: 'connection.saved', connection: 'three' })
  const back = await listen(world, { 'last-event-id': seen })
  const missed = await until(() => messages(back.text()), (got) => got.length >= 2)
  expect(missed.map(({ data }) => data)).toEqual([{ type: 'flow', id: 'two' }, { type: 'connection', id: 'three' }])
  expect(missed.map(({ id }) => id)).toEqual([Number(seen) + 1, Number(seen) + 2])
})

test('[AP22] a page that was away too long, or comes from another process, is told to load again', async () => {
  const { world } = await countingWorld()
  const page = await listen(world)
  await ready(page)
  const seen = lastId(page.text())
  page.leave()
  await left(world)
  await pass(world, 60_000)
  world.events.emit({ type: 'flow.saved', flow: flowId('missed') })
  for (const id of [seen, '1', '9007199254740990', 'no number']) {
    const back = await listen(world, { 'last-event-id': id })
    expect((await until(() => messages(back.text()), (got) => got.length >= 1)).map(({ data }) => data), id).toEqual([{ type: 'reload' }])
    back.leave()
  }
  const first = await listen(world)
  await ready(first)
  expect(messages(first.text())).toEqual([])
})

test('[AP22] the ring is bounded in messages and bytes, and says so to whoever is behind it', () => {
  const ring = makeRing(100, { messages: 3, bytes: 1000 })
  for (const data of ['a', 'b', 'c', 'd']) ring.add(data)
  expect(ring.since(101)).toBe('id: 102\ndata: b\n\nid: 103\ndata: c\n\nid: 104\ndata: d\n\n')
  expect(ring.since(100)).toContain('reload')
  expect(ring.since(104)).toBe('id: 104\n\n')
  ring.add('x'.repeat(990))
  expect(ring.since(104)).toContain('reload')
  ring.miss()
  const after = ring.since(null)
  ring.miss()
  expect(ring.since(Number(/\d+/.exec(after)?.[0]))).toContain('reload')
})

test('[AP23] mailbox, outbox and sandbox news reach the page', async () => {
  const world = await apiWorld()
  await withConnections(world)
  const { id } = await oneRun(world)
  const page = await listen(world)
  await ready(page)
  world.events.emit({ type: 'mailbox.changed', connection: 'support-inbox', folder: 'INBOX', health: 'idle', say: '' })
  world.events.emit({ type: 'mailbox.changed', connection: 'unknown', folder: 'INBOX', health: 'idle', say: '' })
  world.events.emit({ type: 'send.sent', send: sendId(`${id}-send`), run: id, node: nodeId('send') })
  world.sendSandboxMail({ id: 'one', from: 'a@example.org', to: ['b@example.org'], subject: 'Hi', at: world.clock.now(), size: 1 })
  world.clock.pass(150)
  const got = await until(() => messages(page.text()), (seen) => seen.length === 4)
  expect(got.map(({ data }) => data.type).toSorted()).toEqual(['mailbox', 'outbox', 'runs', 'sandbox'])
  expect(got.find(({ data }) => data.type === 'runs')?.data).toMatchObject({ runs: [{ id, state: 'running' }] })
})

test('[AP24] a quiet stream is kept alive by a comment every 20 seconds', async () => {
  const world = await apiWorld()
  const page = await listen(world)
  await ready(page)
  world.clock.pass(20_000)
  await until(() => page.text(), (text) => text.includes('\n: still here\n'))
  world.clock.pass(20_000)
  await until(() => page.text(), (text) => text.split(': still here').length === 3)
})

test('[AP25] a page that does not read is dropped before it fills the memory', async () => {
  const world = await apiWorld()
  const page = await listen(world)
  await ready(page)
  page.response.pause()
  for (let turn = 0; !world.logged.some((line) => line.includes('live.slow')); turn += 1) {
    for (let mail = 0; mail < 200; mail += 1) world.sendSandboxMail({ id: `${turn}-${mail}`, from: 'a@example.org', to: [], subject: 'x'.repeat(900), at: '', size: 1 })
    await nextTurn()
  }
  const again = await listen(world)
  await ready(again)
  world.sendSandboxMail({ id: 'last', from: '', to: [], subject: '', at: '', size: 1 })
  await until(() => again.text(), (text) => text.includes('"last"'))
})
