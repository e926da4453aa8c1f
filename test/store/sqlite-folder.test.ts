import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nodeId } from '#shared/ids.ts'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { openDatabase } from '#runtime/store/sqlite/database.ts'
import { migrate, migrations } from '#runtime/store/sqlite/migrate.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import { batch, flow, letter, takeIn, time, trigger } from '../contracts/store-world.ts'

let folder = ''
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'mailweave-ledger-')) })
afterEach(() => { rmSync(folder, { recursive: true }) })
const open = (data = folder) => openSqliteStore(data, { clock: systemClock, log: silentLog })
const database = () => join(folder, 'ledger.sqlite')

const startWriter = async () => {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'ledger-writer.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(writer.stdout, 'data')
  writer.stdout.resume()
  return writer
}

test('[LG22] a second process on the same data is refused and told who is there; a killed one leaves nothing behind', async () => {
  const writer = await startWriter()
  await expect(open()).rejects.toMatchObject({ code: 'DATA_IN_USE', facts: { folder, pid: String(writer.pid) } })
  writer.kill('SIGKILL')
  await once(writer, 'close')
  const store = await open()
  expect((await store.runs({ limit: 1 })).runs).toHaveLength(1)
  await store.close()
})

test('[LG22] a second opening within one process is refused too, and does not loosen the first', async () => {
  const store = await open()
  await expect(open()).rejects.toMatchObject({ code: 'DATA_IN_USE' })
  await expect(open()).rejects.toMatchObject({ code: 'DATA_IN_USE' })
  const other = spawnSync(process.execPath, [join(import.meta.dirname, 'ledger-writer.ts'), folder], { encoding: 'utf8', timeout: 20_000 })
  expect(other.stderr).toContain('Another Mailweave is running')
  await store.close()
  await (await open()).close()
})

test('[LG22] a lock file without a process behind it, or with any pid written beside it, locks nobody out', async () => {
  writeFileSync(join(folder, 'lock'), '')
  writeFileSync(join(folder, 'pid'), String(process.pid))
  await (await open()).close()
})

test('[LG23] mails are for their owner\'s eyes: files 0600, folders 0700', async () => {
  const data = join(folder, 'data')
  const store = await open(data)
  await takeIn(store, 1)
  expect(readdirSync(data).sort()).toEqual(['blobs', 'ledger.sqlite', 'ledger.sqlite-shm', 'ledger.sqlite-wal', 'lock', 'pid'])
  const modes = readdirSync(data).map((name) => [name, (statSync(join(data, name)).mode & 0o777).toString(8)])
  await store.close()
  expect(modes.filter(([name, mode]) => mode !== (name === 'blobs' ? '700' : '600'))).toEqual([])
  expect((statSync(data).mode & 0o777).toString(8)).toBe('700')
})

test('[LG24] a database of an earlier layout is copied first and then brought forward, step by step', () => {
  const steps = ['CREATE TABLE one (a TEXT)', 'ALTER TABLE one ADD COLUMN b TEXT', 'CREATE TABLE two (c TEXT)']
  const db = openDatabase(database())
  migrate(db, database(), steps.slice(0, 1), silentLog)
  db.exec(`INSERT INTO one VALUES ('kept')`)
  expect(existsSync(`${database()}.before-1`)).toBe(false)
  migrate(db, database(), steps, silentLog)
  migrate(db, database(), steps, silentLog)
  expect(db.prepare('SELECT * FROM one').all()).toMatchObject([{ a: 'kept', b: null }])
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 })
  db.close()
  const copy = new DatabaseSync(`${database()}.before-3`)
  expect(copy.prepare('SELECT * FROM one').all()).toEqual([{ a: 'kept' }])
  copy.close()
  expect((statSync(`${database()}.before-3`).mode & 0o777).toString(8)).toBe('600')
})

test('[LG24] a step that fails changes nothing, and can be tried again', () => {
  const db = openDatabase(database())
  migrate(db, database(), ['CREATE TABLE one (a TEXT)'], silentLog)
  const broken = ['CREATE TABLE one (a TEXT)', 'CREATE TABLE two (c TEXT); INSERT INTO nowhere VALUES (1)']
  expect(() => { migrate(db, database(), broken, silentLog) }).toThrow('nowhere')
  expect(() => { migrate(db, database(), broken, silentLog) }).toThrow('nowhere')
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
  expect(db.prepare(`SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'two'`).get()).toEqual({ tables: 0 })
  db.close()
})

test('[LG24] data written by a newer version is left alone', async () => {
  await (await open()).close()
  const db = new DatabaseSync(database())
  db.exec(`PRAGMA user_version = ${migrations.length + 1}`)
  db.close()
  await expect(open()).rejects.toMatchObject({ code: 'DATA_NEWER' })
  await expect(open()).rejects.toMatchObject({ code: 'DATA_NEWER' })
})

test('[LG42] where the triggers of the first layout had come, they go on', async () => {
  const db = openDatabase(database())
  migrate(db, database(), migrations.slice(0, 1), silentLog)
  const insert = db.prepare(`INSERT INTO trigger_state VALUES ('orders', ?, 'inbox', 'INBOX', '7', ?, '', ?, 'now', '', 0)`)
  insert.run('begun', 12, 4_294_967_295)
  insert.run(trigger.node, 1, 0)
  db.close()
  const store = await open()
  expect(await store.trigger({ ...trigger, node: nodeId('begun') })).toMatchObject({ firstUid: '12', cursor: '4294967295', startFrom: 'now' })
  expect(await store.trigger(trigger)).toMatchObject({ firstUid: '', cursor: '', uidValidity: '7' })
  await store.close()
})

test('[LG24] schema.sql shows the layout that the migrations make (write it anew with vitest -u)', async () => {
  await (await open()).close()
  const db = new DatabaseSync(database())
  const made = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name').all()
  db.close()
  const dump = `${made.map(({ sql }) => `${String(sql)};`).join('\n\n')}\n`
  expect(dump).toContain('CREATE TABLE mail')
  await expect(dump).toMatchFileSnapshot(join(import.meta.dirname, '../../runtime/store/sqlite/schema.sql'))
})

test('[LG25] the write-ahead log stays small however much is written', async () => {
  const store = await open()
  const mail = 'x'.repeat(100_000)
  for (let uid = 1; uid <= 1000; uid += 20) await store.ingest(batch(Array.from({ length: 20 }, (_, index) => letter(uid + index, mail))))
  expect(statSync(`${database()}-wal`).size).toBeLessThan(40 * 1024 * 1024)
  await store.close()
  expect(readFileSync(database()).byteLength).toBeGreaterThan(100_000_000)
})

test('[LG25] no statement of the ledger reads all mails, runs, steps or rows of the outbox', async () => {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare')
  const store = await open()
  await store.runs({ limit: 1, flow: (await takeIn(store, 1), flow), state: 'done', subject: 'x', from: 'x', messageId: 'x', since: time('10:00') })
  const statements = prepare.mock.calls.map(([sql]) => sql).filter((sql) => /^(SELECT|UPDATE|DELETE|INSERT)/.test(sql))
  prepare.mockRestore()
  await store.close()
  expect(statements.length).toBeGreaterThan(50)
  const db = new DatabaseSync(database())
  db.function('contains', (text, part) => Number(text === part))
  const scans = statements.flatMap((sql) => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    .filter(({ detail }) => /^SCAN (run|mail|step|outbox|outbox_raw|tally)\b(?!.*INDEX (run_open|run_failed|outbox_open))/.test(String(detail)))
    .map(({ detail }) => `${String(detail)}: ${sql}`))
  db.close()
  expect(scans).toEqual([])
})
