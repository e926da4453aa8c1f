/** Who is watched: each mailbox that a running flow names, whatever is wrong with another flow. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { flowId, nodeId } from '#shared/ids.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import type { Engine } from '#runtime/engine/engine.ts'
import { silentLog } from '#runtime/log.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { makeScheduler } from '#runtime/scheduler/scheduler.ts'
import type { FlowVersion, Store } from '#runtime/store/store.ts'
import { fakeClock } from '../servers/fake-clock.ts'

test('[RN1] a flow version that can no longer be read keeps no other flow from its mailbox', async () => {
  const running = (flow: string): FlowVersion => ({ flow: flowId(flow), version: 1, name: flow, json: '', deployedAt: '2026-01-05T08:00:00.000Z', running: true })
  const versions: Engine['versions'] = {
    get: (flow) => (flow === 'broken'
      ? Promise.reject(fault('FLOW_NOT_FOUND', { id: flow }))
      : Promise.resolve({ id: flow, name: flow, edges: [], nodes: [{ id: nodeId('receive'), kind: 'receive-email', name: '', config: receiveEmail.config.parse({ connection: 'inbox' }) }] })),
  }
  const scheduler = makeScheduler({
    // The scheduler's plan needs these of store and engine; the mailbox never opens.
    store: { runningFlows: () => Promise.resolve([running('broken'), running('good')]), unsettledMailboxes: () => Promise.resolve([]) } as unknown as Store,
    engine: { versions, hand: { hasRoom: () => true } } as unknown as Engine,
    adapter: { open: () => Promise.reject(fault('MAIL_UNREACHABLE', { host: 'x', port: 1 })), folders: () => Promise.resolve([]) },
    account: () => Promise.resolve({} as Account), events: makeEventStream(), clock: fakeClock(), log: silentLog, random: () => 0.5,
  })
  await scheduler.start()
  expect(scheduler.status().map(({ connection, flows }) => ({ connection, flows }))).toEqual([{ connection: 'inbox', flows: ['good'] }])
  await scheduler.stop()
})
