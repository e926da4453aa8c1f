/** What the ledger costs the main loop: 2,000 mails through every transition, 50 at a time, as the engine writes them. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import { connectionId, flowId, nodeId, sendId } from '#shared/ids.ts'

const mails = Number(process.argv[2] ?? 2000)
const group = Number(process.argv[3] ?? 50)
const folder = mkdtempSync(join(process.env['BENCH_TMP'] ?? tmpdir(), 'mailweave-store-bench-'))
const store = await openSqliteStore(folder, { clock: systemClock, log: silentLog })

const flow = flowId('bench')
const [connection, outbox] = [connectionId('inbox'), connectionId('outbox')]
const [receive, map, send] = [nodeId('receive'), nodeId('map'), nodeId('send')]
const key = { flow, node: receive, connection, folder: 'INBOX' }
const rawIn = Buffer.alloc(3000, 'in')
const rawOut = Buffer.alloc(3000, 'out')
const output = JSON.stringify({ text: 'x'.repeat(2400) })
const at = () => new Date().toISOString()
await store.deployFlow({ flow, name: 'Bench', json: '{}', at: at() })
await store.putTrigger({ ...key, uidValidity: '1', firstUid: 1, since: '', cursorUid: 0, startFrom: 'now', resetSeen: '', resetVersion: 0 })

const phases = new Map<string, number>()
async function phase<T>(name: string, work: () => Promise<T>): Promise<T> {
  const before = process.threadCpuUsage()
  const result = await work()
  const { user, system } = process.threadCpuUsage(before)
  phases.set(name, (phases.get(name) ?? 0) + user + system)
  return result
}

const startMs = performance.now()
const cpu = process.threadCpuUsage()
let longestMs = 0
for (let uid = 1; uid <= mails; uid += group) {
  const beganMs = performance.now()
  const uids = Array.from({ length: Math.min(group, mails - uid + 1) }, (_, offset) => String(uid + offset))
  const runs = await phase('ingest', () => store.ingest({
    ...key, version: 1, uidValidity: '1', at: at(), cursorUid: uid + group - 1, claim: true,
    mails: uids.map((one) => ({ uid: one, flags: [], receivedAt: at(), raw: { kind: 'bytes', bytes: rawIn }, sha256: 'a'.repeat(64) })),
  }))
  await phase('recordComputed', () => Promise.all(runs.map((run) => store.recordComputed({
    run: run.id, at: at(), state: 'running', problem: null, mail: { subject: `Order ${run.uid}`, from: 'Someone <someone@example.org>', messageId: `<${run.id}@example.org>` },
    steps: [receive, map, send].map((node, index) => ({ node, state: index < 2 ? 'done' : 'running', startedAt: at(), durationMs: 1, outputJson: index < 2 ? output : '', problem: null })),
    sends: [{ id: sendId(`${run.id}-send`), node: send, connection: outbox, messageId: `<${run.id}@mailweave>`, from: 'a@example.org', subject: `Ticket: ${run.uid}`, recipients: ['b@example.org'], raw: { kind: 'bytes', bytes: rawOut }, giveUpAt: at() }],
  }))))
  await phase('markSending', () => Promise.all(runs.map((run) => store.markSending([sendId(`${run.id}-send`)], at()))))
  await phase('outcome+step+end', () => Promise.all(runs.flatMap((run) => [
    store.recordOutcome({ send: sendId(`${run.id}-send`), at: at(), recipients: [{ address: 'b@example.org', state: 'sent', answer: '250 2.0.0 Ok: queued as 4F0C' }], event: { at: at(), what: 'sent', say: '250 2.0.0 Ok: queued as 4F0C' }, nextAttemptAt: null }),
    store.recordStep(run.id, { node: send, state: 'done', startedAt: at(), durationMs: 12, outputJson: '{"messageId":"x","accepted":["b@example.org"],"refused":[],"answer":"250"}', problem: null }),
    store.setRunState({ run: run.id, state: 'done', problem: null, at: at() }),
  ])))
  await phase('settle', async () => {
    const due = await store.unsettled(connection, 'INBOX', at(), 500)
    await store.recordSettled(due.map(({ run }) => ({ run, state: 'done', action: 'mark-seen', say: '', at: at() })))
  })
  longestMs = Math.max(longestMs, performance.now() - beganMs)
}
const { user, system } = process.threadCpuUsage(cpu)
const wallMs = performance.now() - startMs
console.log(`${mails} mails in groups of ${group}: ${(mails / wallMs * 1000).toFixed(0)} mails/s, main thread ${((user + system) / mails / 1000).toFixed(3)} ms CPU a mail (user ${(user / mails / 1000).toFixed(3)}), slowest group ${longestMs.toFixed(1)} ms`)
for (const [name, us] of phases) console.log(`  ${name.padEnd(18)} ${(us / mails).toFixed(1)} µs`)
console.log(`  write-ahead log ${(statSync(join(folder, 'ledger.sqlite-wal')).size / 1048576).toFixed(1)} MB, database ${(statSync(join(folder, 'ledger.sqlite')).size / 1048576).toFixed(1)} MB, RSS ${(process.memoryUsage.rss() / 1048576).toFixed(0)} MB`)
await phase('flowCounts', () => store.flowCounts(flow, at(), `${at().slice(0, 10)}T00:00:00.000Z`))
await phase('knownUids', () => store.knownUids(key, '1', Array.from({ length: mails }, (_, index) => index + 1)))
await phase('search', () => store.runs({ subject: 'nowhere', limit: 50 }))
await phase('list', () => store.runs({ limit: 50 }))
for (const name of ['flowCounts', 'knownUids', 'search', 'list']) console.log(`  ${name.padEnd(18)} ${((phases.get(name) ?? 0) / 1000).toFixed(2)} ms once`)
await store.close()
rmSync(folder, { recursive: true })
