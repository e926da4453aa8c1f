/** How long a page of the outbox takes among 100,000 rows, and how long it holds the loop: node test/bench/outbox-pages.ts [rows] */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '#runtime/log.ts'
import { systemClock } from '#runtime/clock.ts'
import type { OutboxAsked } from '#runtime/store/outbox-pages.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import { connectionId, flowId } from '#shared/ids.ts'
import type { RecipientState } from '#shared/run.ts'
import { batch, flow, letter, newSend, outbox, outcome, time } from '../contracts/store-world.ts'

const rows = Number(process.argv[2] ?? 100_000)
const together = 500
const folder = mkdtempSync(join(tmpdir(), 'mailweave-outbox-'))
// The ledger's own threads keep no process alive; this one waits until it is closed.
const stay = setInterval(() => undefined, 1000)
const store = await openSqliteStore(folder, { clock: systemClock, log: silentLog })
try {
  const states: readonly RecipientState[] = ['sent', 'refused', 'sent', 'ready', 'sent', 'deferred', 'sent', 'given-up']
  for (let from = 0; from < rows; from += together) {
    const rare = from === 0
    const runs = await store.ingest(batch(Array.from({ length: Math.min(together, rows - from) }, (_, index) => letter(from + index + 1)), rare ? { flow: flowId('rare') } : {}))
    await Promise.all(runs.map(async ({ id }, index) => {
      const send = { ...newSend(id), subject: `Order ${from + index}`, ...(rare ? { connection: connectionId('rare') } : {}) }
      const state = states[index % states.length] ?? 'sent'
      await store.recordComputed({ run: id, steps: [], sends: [send], mail: { subject: '', from: '', messageId: '' }, state: 'running', problem: null, at: time('10:01') })
      if (state !== 'ready') await store.recordOutcome(outcome(send.id, { 'b@example.org': state }, 'sent', { nextAttemptAt: time('20:00') }))
    }))
  }
  const measure = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const times: number[] = []
    for (let round = 0; round < 20; round += 1) {
      const startMs = performance.now()
      await work()
      times.push(performance.now() - startMs)
    }
    times.sort((one, other) => one - other)
    process.stdout.write(`${name.padEnd(44)} median ${times[10]?.toFixed(1)} ms, worst ${times.at(-1)?.toFixed(1)} ms\n`)
  }
  const page = (name: string, asked: Partial<OutboxAsked>) => measure(name, () => store.outbox({ limit: 50, ...asked }))
  await page('all', {})
  for (const state of ['sent', 'refused', 'ready', 'deferred', 'given-up', 'sending'] as const) await page(state, { state })
  await page('refused, from the middle', { state: 'refused', cursor: String(rows / 2) })
  await page('of a flow with 500 old mails', { flow: flowId('rare') })
  await page('refused, of that flow', { flow: flowId('rare'), state: 'refused' })
  await page('through its connection', { connection: connectionId('rare') })
  await page('of the busy flow and connection', { flow, connection: outbox })
  await page('a subject that is there once, the oldest', { text: 'Order 7', limit: 1, state: 'deferred' })
  await page('words that nothing matches', { text: 'nothing like it' })
  await measure('counting all refused', () => store.countSends({ state: 'refused' }))
} finally {
  await store.close()
  clearInterval(stay)
  rmSync(folder, { recursive: true, force: true })
}
