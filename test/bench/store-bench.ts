/**
 * What the ledger costs the main loop, a mail of 3 KB in, 5 KB of steps, 3 KB out through every transition:
 * `store-bench.ts [mails] [group]` writes them group by group as fast as it goes; `store-bench.ts [mails] stream [rate]`
 * lets each go its own way with pauses for worker and SMTP, arriving 50 at a time at that rate a second, as the engine does.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { ClaimedRun } from '#runtime/store/store.ts'
import { connectionId, flowId, nodeId, sendId } from '#shared/ids.ts'

const mails = Number(process.argv[2] ?? 2000)
const stream = process.argv[3] === 'stream'
const rate = Number(process.argv[4] ?? 800)
const group = stream ? 50 : Number(process.argv[3] ?? 50)
const folder = mkdtempSync(join(process.env['BENCH_TMP'] ?? tmpdir(), 'mailweave-store-bench-'))
const store = await openSqliteStore(folder, { clock: systemClock, log: silentLog })

const flow = flowId('bench')
const [connection, outbox] = [connectionId('inbox'), connectionId('outbox')]
const [receive, map, send] = [nodeId('receive'), nodeId('map'), nodeId('send')]
const key = { flow, node: receive, connection, folder: 'INBOX' }
const rawIn = Buffer.alloc(3000, 'in')
const rawOut = Buffer.alloc(3000, 'out')
const output = JSON.stringify({ text: 'x'.repeat(2400) })
const answer = '250 2.0.0 Ok: queued as 4F0C'
const at = () => new Date().toISOString()
const pause = (ms: number) => new Promise((resolve) => { setTimeout(resolve, ms) })
await store.deployFlow({ flow, name: 'Bench', json: '{}', at: at() })
await store.putTrigger({ ...key, uidValidity: '1', firstUid: '', since: '', cursor: '', startFrom: 'now', resetSeen: '', resetVersion: 0, former: '', formerUntil: '' })

const ingest = (uid: number) => store.ingest({
  ...key, version: 1, uidValidity: '1', at: at(), cursor: String(uid + group - 1), claim: true,
  mails: Array.from({ length: Math.min(group, mails - uid + 1) }, (_, offset) =>
    ({ uid: String(uid + offset), flags: [], receivedAt: at(), raw: { kind: 'bytes', bytes: rawIn }, sha256: 'a'.repeat(64) })),
})
const compute = (run: ClaimedRun) => store.recordComputed({
  run: run.id, at: at(), state: 'running', problem: null, mail: { subject: `Order ${run.uid}`, from: 'Someone <someone@example.org>', messageId: `<${run.id}@example.org>` },
  steps: [receive, map, send].map((node, index) => ({ node, state: index < 2 ? 'done' : 'running', startedAt: at(), durationMs: 1, outputJson: index < 2 ? output : '', problem: null })),
  sends: [{ id: sendId(`${run.id}-send`), node: send, connection: outbox, messageId: `<${run.id}@mailweave>`, from: 'a@example.org', subject: `Ticket: ${run.uid}`, recipients: ['b@example.org'], raw: { kind: 'bytes', bytes: rawOut }, giveUpAt: at() }],
})
const mark = (run: ClaimedRun) => store.markSending([sendId(`${run.id}-send`)], at())
const end = (run: ClaimedRun) => Promise.all([
  store.recordOutcome({ send: sendId(`${run.id}-send`), at: at(), recipients: [{ address: 'b@example.org', state: 'sent', answer }], event: { at: at(), what: 'sent', say: answer }, nextAttemptAt: null }),
  store.recordStep(run.id, { node: send, state: 'done', startedAt: at(), durationMs: 12, outputJson: JSON.stringify({ messageId: 'x', accepted: ['b@example.org'], refused: [], answer }), problem: null }),
  store.setRunState({ run: run.id, state: 'done', problem: null, at: at() }),
])
async function settle() {
  const due = await store.unsettled(connection, 'INBOX', '7', at(), 500)
  await store.recordSettled(due.map(({ run }) => ({ run, state: 'done', action: 'mark-seen', say: '', at: at() })))
}

const phases = new Map<string, number>()
async function phase<T>(name: string, work: () => Promise<T>): Promise<T> {
  const before = process.threadCpuUsage()
  const result = await work()
  const { user, system } = process.threadCpuUsage(before)
  phases.set(name, (phases.get(name) ?? 0) + user + system)
  return result
}

let longestMs = 0
async function groupByGroup() {
  for (let uid = 1; uid <= mails; uid += group) {
    const beganMs = performance.now()
    const runs = await phase('ingest', () => ingest(uid))
    await phase('recordComputed', () => Promise.all(runs.map(compute)))
    await phase('markSending', () => Promise.all(runs.map(mark)))
    await phase('outcome+step+end', () => Promise.all(runs.map(end)))
    await phase('settle', settle)
    longestMs = Math.max(longestMs, performance.now() - beganMs)
  }
}

async function oneMail(run: ClaimedRun) {
  await pause(Math.random() * 20)
  await compute(run)
  await mark(run)
  await pause(Math.random() * 10)
  const beganMs = performance.now()
  await end(run)
  longestMs = Math.max(longestMs, performance.now() - beganMs)
}

async function eachItsOwnWay() {
  const open = new Set<Promise<void>>()
  const beganMs = performance.now()
  for (let uid = 1; uid <= mails; uid += group) {
    for (const run of await ingest(uid)) {
      const done: Promise<void> = oneMail(run).finally(() => open.delete(done))
      open.add(done)
    }
    await settle()
    await pause(Math.max(0, beganMs + (uid + group) / rate * 1000 - performance.now()))
  }
  await Promise.all(open)
  await settle()
}

const startMs = performance.now()
const cpu = process.threadCpuUsage()
await (stream ? eachItsOwnWay() : groupByGroup())
const { user, system } = process.threadCpuUsage(cpu)
const wallMs = performance.now() - startMs
const each = (us: number) => (us / mails / 1000).toFixed(3)
console.log(`${mails} mails ${stream ? `at ${rate}/s` : `in groups of ${group}`}: ${(mails / wallMs * 1000).toFixed(0)} mails/s, main thread ${each(user + system)} ms CPU a mail (user ${each(user)}), slowest ${longestMs.toFixed(1)} ms`)
for (const [name, us] of phases) console.log(`  ${name.padEnd(18)} ${(us / mails).toFixed(1)} µs`)
console.log(`  write-ahead log ${(statSync(join(folder, 'ledger.sqlite-wal')).size / 1048576).toFixed(1)} MB, database ${(statSync(join(folder, 'ledger.sqlite')).size / 1048576).toFixed(1)} MB, RSS ${(process.memoryUsage.rss() / 1048576).toFixed(0)} MB`)
phases.clear()
await phase('flowCounts', () => store.flowCounts(flow, at(), `${at().slice(0, 10)}T00:00:00.000Z`))
await phase('knownUids', () => store.knownUids(key, '1', Array.from({ length: mails }, (_, index) => String(index + 1))))
await phase('search', () => store.runs({ subject: 'nowhere', limit: 50 }))
await phase('list', () => store.runs({ limit: 50 }))
for (const [name, us] of phases) console.log(`  ${name.padEnd(18)} ${(us / 1000).toFixed(2)} ms once`)
await store.close()
rmSync(folder, { recursive: true })
