/** A process for tests to kill: takes mails through the ledger as the engine does and prints each write once it is acknowledged. */
import { writeSync } from 'node:fs'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { ClaimedRun } from '#runtime/store/store.ts'
import { batch, letter, outcome, send, step, time, wantToSend } from '../contracts/store-world.ts'

const store = await openSqliteStore(process.argv[2] ?? '', { clock: systemClock, log: silentLog })
const acknowledged = (stage: string, run: string) => { writeSync(1, `${stage} ${run}\n`) }

async function bringToItsEnd({ id: run }: ClaimedRun): Promise<void> {
  acknowledged('ingested', run)
  const row = await wantToSend(store, run)
  acknowledged('computed', run)
  await store.markSending([row], time('10:01'))
  acknowledged('sending', run)
  const sent = store.recordOutcome(outcome(row, { 'b@example.org': 'sent' }, 'sent')).then(() => { acknowledged('sent', run) })
  await Promise.all([sent, store.recordStep(run, step(send, 'done')), store.setRunState({ run, state: 'done', problem: null, at: time('10:02') })])
  acknowledged('ended', run)
}

// UIDs go on where the process before was killed: the newest run tells.
const [newest] = (await store.runs({ limit: 1 })).runs
const last = newest === undefined ? 0 : Number((await store.run(newest.id))?.uid)
for (let uid = last + 1; ; uid += 5) {
  const runs = await store.ingest(batch([0, 1, 2, 3, 4].map((offset) => letter(uid + offset))))
  await Promise.all(runs.map(bringToItsEnd))
}
