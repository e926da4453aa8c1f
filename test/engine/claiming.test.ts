/** Runs that lie queued in the ledger when the disk fills up: they are taken up by themselves once there is room. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { connectionId, flowId, nodeId } from '#shared/ids.ts'
import { makeEngine } from '#runtime/engine/engine.ts'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import { dropFolder, makeFolder } from '../product.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { until } from '../until.ts'
import { forwardFlow, letter } from '../world.ts'

test('[RN18] queued runs that a full disk kept from being taken up go on by themselves when there is space', async () => {
  const folder = await makeFolder()
  const clock = fakeClock()
  const store = await openSqliteStore(folder, { clock, log: silentLog })
  await store.deployFlow({ flow: flowId('forward'), name: 'F', json: JSON.stringify(forwardFlow()), at: clock.now() })
  const [run] = await store.ingest({
    flow: flowId('forward'), node: nodeId('receive'), connection: connectionId('inbox'), folder: 'INBOX', version: 1, uidValidity: '1', at: clock.now(), cursor: '1', claim: false,
    mails: [{ uid: '1', flags: [], receivedAt: null, raw: { kind: 'bytes', bytes: letter('Order') }, sha256: 'a'.repeat(64) }],
  })
  let isDiskFull = true
  const engine = makeEngine({
    store: { ...store, claimRuns: (limit) => (isDiskFull ? Promise.reject(fault('DISK_FULL')) : store.claimRuns(limit)) },
    computer: {
      compute: () => Promise.resolve({ steps: [], sends: [], mail: { subject: 'Order', from: '', messageId: '' }, problem: null }),
      readMail: () => Promise.reject(new Error('not asked')), close: () => Promise.resolve(),
    },
    events: makeEventStream(), clock, log: silentLog, random: () => 0.5, sender: () => Promise.reject(new Error('not asked')), isInFolder: () => Promise.resolve(false), act: () => Promise.reject(new Error('not asked')),
  })
  try {
    await engine.start()
    await clock.untilWaits(2000)
    isDiskFull = false
    clock.pass(2000)
    await until(async () => (await store.run(run?.id ?? expect.unreachable()))?.state === 'done')
  } finally {
    await engine.stop()
    await store.close()
    await dropFolder(folder)
  }
})
