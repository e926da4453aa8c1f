/** Who is watched: each mailbox that a running flow names, whatever is wrong with another flow. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { flowId, nodeId } from '#shared/ids.ts'
import { readMailboxEvent } from '#shared/mailbox-event.ts'
import { nodeDescriptions, type CheckedNode } from '#shared/nodes/index.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import type { Engine } from '#runtime/engine/engine.ts'
import { silentLog } from '#runtime/log.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { makeScheduler } from '#runtime/scheduler/scheduler.ts'
import type { FlowVersion, IngestBatch, MailboxPause, Store } from '#runtime/store/store.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { until } from '../until.ts'
import { fakeMailbox } from './fake-mailbox.ts'

/** No handler has been told of anything. */
const noTroubles = { troubles: () => Promise.resolve([]), putTrouble: () => Promise.resolve(), dropTrouble: () => Promise.resolve(), eventsOf: () => Promise.resolve([]) }

test('[RN1] a flow version that can no longer be read keeps no other flow from its mailbox', async () => {
  const running = (flow: string): FlowVersion => ({ flow: flowId(flow), version: 1, name: flow, json: '', deployedAt: '2026-01-05T08:00:00.000Z', running: true })
  const versions: Engine['versions'] = {
    get: (flow) => (flow === 'broken'
      ? Promise.reject(fault('FLOW_NOT_FOUND', { id: flow }))
      : Promise.resolve({ id: flow, name: flow, edges: [], nodes: [{ id: nodeId('receive'), kind: 'receive-email', name: '', config: receiveEmail.config.parse({ connection: 'inbox' }) }] })),
  }
  const scheduler = makeScheduler({
    // The scheduler's plan needs these of store and engine; the mailbox never opens.
    store: { runningFlows: () => Promise.resolve([running('broken'), running('good')]), unsettledMailboxes: () => Promise.resolve([]), pauses: () => Promise.resolve([]), ...noTroubles } as unknown as Store,
    engine: { versions, hand: { hasRoom: () => true } } as unknown as Engine,
    adapter: { open: () => Promise.reject(fault('MAIL_UNREACHABLE', { host: 'x', port: 1 })), folders: () => Promise.resolve([]) },
    account: () => Promise.resolve({} as Account), events: makeEventStream(), clock: fakeClock(), log: silentLog, random: () => 0.5,
  })
  await scheduler.start()
  expect(scheduler.status().map(({ connection, flows }) => ({ connection, flows }))).toEqual([{ connection: 'inbox', flows: ['good'] }])
  await scheduler.stop()
})

/** A scheduler over flows that can be stopped, and mailboxes in memory whose looks are counted. */
function watched() {
  const running = new Set<string>()
  const looks = new Map<string, number>()
  const ingested: IngestBatch[] = []
  const events = makeEventStream()
  const pauses: MailboxPause[] = []
  const node = (id: string, kind: 'receive-email' | 'mailbox-event', given: object): CheckedNode =>
    // The description's own schema makes the config of its kind.
    ({ id: nodeId(id), kind, name: '', config: nodeDescriptions[kind].config.parse(given) }) as CheckedNode
  const flows: Record<string, readonly CheckedNode[]> = {
    orders: [node('receive', 'receive-email', { connection: 'orders', delaySeconds: 3600 }), node('trouble', 'mailbox-event', {})],
    copies: [node('copy', 'receive-email', { connection: 'orders', delaySeconds: 3600 }), node('copy-trouble', 'mailbox-event', {})],
    sales: [node('receive', 'receive-email', { connection: 'sales', delaySeconds: 3600 })],
  }
  const store = {
    ...noTroubles,
    runningFlows: () => Promise.resolve([...running].map((flow): FlowVersion => ({ flow: flowId(flow), version: 1, name: flow, json: '', deployedAt: '2026-01-05T08:00:00.000Z', running: true }))),
    unsettledMailboxes: () => Promise.resolve([]), pauses: () => Promise.resolve([...pauses]), trigger: () => Promise.resolve(null), beginTrigger: () => Promise.resolve(), putTrigger: () => Promise.resolve(),
    knownUids: () => Promise.resolve(new Set()), nameMailbox: (...[, , , uidValidity]: Parameters<Store['nameMailbox']>) => Promise.resolve(uidValidity), unsettled: () => Promise.resolve([]),
    putPause: (pause: MailboxPause) => { pauses.push(pause); return Promise.resolve() },
    dropPause: () => { pauses.length = 0; return Promise.resolve() },
    ingest: (batch: IngestBatch) => { ingested.push(batch); return Promise.resolve([]) },
  }
  const start = () => {
    const scheduler = makeScheduler({
      // What a plan, a look and a telling need of store and engine.
      store: store as unknown as Store,
      engine: { versions: { get: (flow: string) => Promise.resolve({ id: flow, name: flow, edges: [], nodes: flows[flow] ?? [] }) }, hand: { hasRoom: () => true }, wake: () => {} } as unknown as Engine,
      adapter: { open: (account) => Promise.resolve(Object.assign(fakeMailbox(), { look: () => { looks.set(account.id, (looks.get(account.id) ?? 0) + 1); return Promise.resolve([]) } })), folders: () => Promise.resolve([]) },
      account: (id) => Promise.resolve({ id, user: 'ada', host: 'mail.example.org' } as unknown as Account), events, clock: fakeClock(), log: silentLog, random: () => 0.5,
    })
    return scheduler
  }
  const deploy = (flow: string) => { running.add(flow); events.emit({ type: 'flow.deployed', flow: flowId(flow), version: 1 }) }
  const stop = (flow: string) => { running.delete(flow); events.emit({ type: 'flow.stopped', flow: flowId(flow) }) }
  const told = () => ingested.map(({ mails: [mail], connection, node: heard }) => `${heard} ${connection} ${readMailboxEvent(mail?.raw.kind === 'bytes' ? Buffer.from(mail.raw.bytes).toString() : '')?.code ?? ''}`)
  return { start, deploy, stop, looks, told, running }
}

test('[RN115] a deploy makes its own mailboxes look, and no others', async () => {
  const world = watched()
  world.running.add('sales')
  const scheduler = world.start()
  await scheduler.start()
  await until(() => world.looks.get('sales') ?? 0)
  world.deploy('orders')
  await until(() => world.looks.get('orders') ?? 0)
  expect(world.looks.get('sales')).toBe(1)
  await scheduler.stop()
})

test('[RN104] a flow that is stopped hears that its mailbox is let go; the end of the program is told before it is over', async () => {
  const world = watched()
  world.running.add('orders')
  const scheduler = world.start()
  await scheduler.start()
  world.stop('orders')
  await until(() => world.told().length)
  expect(world.told()).toEqual(['trouble orders flow-stopped'])
  world.deploy('orders')
  await until(() => scheduler.status().length)
  await scheduler.stop()
  expect(world.told()).toEqual(['trouble orders flow-stopped'])

  // While another flow reads the mailbox, only the one that leaves hears that it is over.
  const shared = watched()
  shared.running.add('orders').add('copies')
  const reading = shared.start()
  await reading.start()
  shared.stop('orders')
  await until(() => shared.told().length)
  shared.stop('copies')
  await until(() => shared.told().length > 1)
  expect(shared.told()).toEqual(['trouble orders flow-stopped', 'copy-trouble orders flow-stopped'])
  await reading.stop()

  const other = watched()
  other.running.add('orders')
  const ending = other.start()
  await ending.start()
  await ending.stop()
  expect(other.told()).toEqual(['trouble orders program-ends'])
})

test('[RN111] a pause outlives the program, is told once, and only a watched mailbox can be paused', async () => {
  const world = watched()
  world.running.add('orders')
  const first = world.start()
  await first.start()
  const orders = { connection: 'orders', folder: 'INBOX' }
  await first.pause(orders, 'admin')
  await first.pause(orders, 'admin')
  await until(() => first.status()[0]?.health, (health) => health === 'paused')
  await expect(first.look(orders)).rejects.toMatchObject({ code: 'MAILBOX_PAUSED' })
  await expect(first.pause({ connection: 'nobody', folder: 'INBOX' }, 'admin')).rejects.toMatchObject({ code: 'MAILBOX_NOT_FOUND' })
  await first.stop()
  expect(world.told()).toEqual(['trouble orders paused'])
  const looks = world.looks.get('orders')

  const second = world.start()
  await second.start()
  await until(() => second.status()[0]?.health, (health) => health === 'paused')
  expect(world.looks.get('orders')).toBe(looks)
  await second.resume(orders)
  await until(() => second.status()[0]?.health, (health) => health === 'idle')
  await second.stop()
})
