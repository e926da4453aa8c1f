/** Runs that lie queued in the ledger: taken up by themselves when a full disk has room again, and after a crash not before the worker is up. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { connectionId, flowId, nodeId } from '#shared/ids.ts'
import type { Computer } from '#runtime/engine/compute.ts'
import { type EngineDeps, makeEngine } from '#runtime/engine/engine.ts'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { Store } from '#runtime/store/store.ts'
import { dropFolder, makeFolder } from '../product.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { until } from '../until.ts'
import { forwardFlow, letter } from '../world.ts'

/** An engine over a real ledger that knows one mail; `more` are the rooms that the test makes its own. */
async function oneMail(more: (store: Store) => Partial<EngineDeps>) {
  const folder = await makeFolder()
  const clock = fakeClock()
  const store = await openSqliteStore(folder, { clock, log: silentLog })
  await store.deployFlow({ flow: flowId('forward'), name: 'F', json: JSON.stringify(forwardFlow()), at: clock.now() })
  const [run] = await store.ingest({
    flow: flowId('forward'), node: nodeId('receive'), connection: connectionId('inbox'), folder: 'INBOX', version: 1, uidValidity: '1', at: clock.now(), cursor: '1', claim: false,
    mails: [{ uid: '1', flags: [], receivedAt: null, raw: { kind: 'bytes', bytes: letter('Order') }, sha256: 'a'.repeat(64) }],
  })
  const engine = makeEngine({
    store, computer, events: makeEventStream(), clock, log: silentLog, random: () => 0.5, sender: () => Promise.reject(new Error('not asked')), isInFolder: () => Promise.resolve(false), putCopy: () => Promise.reject(new Error('not asked')), act: () => Promise.reject(new Error('not asked')), rewrite: () => Promise.reject(new Error('not asked')), ...more(store),
  })
  return {
    clock, store, engine,
    isDone: async () => (await store.run(run?.id ?? expect.unreachable()))?.state === 'done',
    stop: async () => {
      await engine.stop()
      await store.close()
      await dropFolder(folder)
    },
  }
}
const computer: Computer = {
  compute: () => Promise.resolve({ steps: [], sends: [], mail: { subject: 'Order', from: '', messageId: '' }, problem: null }),
  readMail: () => Promise.reject(new Error('not asked')), close: () => Promise.resolve(),
}

test('[RN18] queued runs that a full disk kept from being taken up go on by themselves when there is space', async () => {
  let isDiskFull = true
  const { clock, engine, isDone, stop } = await oneMail((store) => ({ store: { ...store, claimRuns: (limit) => (isDiskFull ? Promise.reject(fault('DISK_FULL')) : store.claimRuns(limit)) } }))
  try {
    await engine.start()
    await clock.untilWaits(2000)
    isDiskFull = false
    clock.pass(2000)
    await until(isDone)
  } finally {
    await stop()
  }
})

test('[RN153] after a crash no run is taken in hand before the worker is up, so that killing it while it starts counts against no mail', async () => {
  const workerIsUp = Promise.withResolvers<never>()
  const { store, engine, isDone, stop } = await oneMail(() => ({ computer: { ...computer, readMail: () => workerIsUp.promise } }))
  try {
    // The process before had it in hand.
    await store.claimRuns(1)
    await engine.start()
    engine.wake()
    // Whatever was asked before it has been done by then: writes of the ledger go in order.
    await store.deployFlow({ flow: flowId('other'), name: 'O', json: '{}', at: '2026-11-20T12:00:01.000Z' })
    expect((await store.runs({ limit: 1 })).runs[0]?.state).toBe('queued')
    workerIsUp.reject(new Error('an empty mail'))
    await until(isDone)
  } finally {
    await stop()
  }
})
