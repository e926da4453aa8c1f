import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '#runtime/log.ts'
import { type Group, makeGroup } from '#runtime/store/sqlite/group.ts'
import { until } from '../until.ts'

let db = new DatabaseSync(':memory:')
let told: string[] = []
/** What the disk does when asked to take the log. */
let disk: () => Promise<void> = () => Promise.resolve()
let group: Group = groupOf()

function groupOf(): Group {
  return makeGroup(db, () => disk(), { beforeCommit: () => { told.push('commit') }, afterRollback: () => { told.push('rollback') }, afterGroup: () => {}, diskBroken: () => { told.push('broken') } }, silentLog)
}

beforeEach(() => {
  db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE mail (n INTEGER PRIMARY KEY, bytes BLOB)')
  told = []
  disk = () => Promise.resolve()
  group = groupOf()
})
afterEach(async () => {
  await group.close()
  db.close()
})

const put = (n: number, size = 1) => group.write(() => {
  db.prepare('INSERT INTO mail VALUES (?, ?)').run(n, new Uint8Array(size))
  return n
})
const stored = () => db.prepare('SELECT n FROM mail ORDER BY n').all().map(({ n }) => n)

test('[LG7] all writes of one turn share one commit, and none is told before it', async () => {
  const done = Promise.all([put(1), put(2), put(3)]).then((all) => { told.push('told'); return all })
  expect(stored()).toEqual([])
  expect(await done).toEqual([1, 2, 3])
  expect(told).toEqual(['commit', 'told'])
  expect(db.isTransaction).toBe(false)
})

test('[LG7] one write that fails takes none of its group with it', async () => {
  const all = await Promise.allSettled([put(1), put(1), group.write(() => { throw new Error('broken') }), put(2)])
  expect(all.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  expect(all[1]).toMatchObject({ reason: { code: 'INTERNAL' } })
  expect(stored()).toEqual([1, 2])
  expect(told.filter((what) => what === 'rollback')).toHaveLength(3)
})

test('[LG26] on a full disk what fits is kept, what does not is told as DISK_FULL, and with room again it goes on by itself', async () => {
  db.exec('PRAGMA max_page_count = 20')
  const all = await Promise.allSettled([put(1), put(2, 1_000_000), put(3)])
  expect(all.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(all[1]).toMatchObject({ reason: { code: 'DISK_FULL' } })
  expect(stored()).toEqual([1, 3])
  db.exec('PRAGMA max_page_count = 100000')
  expect(await put(2, 1_000_000)).toBe(2)
})

test('[LG7] closing commits what waits and refuses what comes later', async () => {
  const last = put(1)
  const closed = group.close()
  expect(await last).toBe(1)
  await closed
  await expect(put(2)).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(stored()).toEqual([1])
})

test('[LG30] nobody is told before the disk has taken the commit; what comes meanwhile gathers for the next one', async () => {
  const taken: (() => void)[] = []
  disk = () => new Promise((resolve) => { taken.push(resolve) })
  const first = put(1).then(() => { told.push('first') })
  await until(() => taken.length === 1)
  const others = Promise.all([put(2), put(3)]).then(() => { told.push('others') })
  await until(() => stored().length === 1)
  expect(told).toEqual(['commit'])
  taken[0]?.()
  await first
  await until(() => taken.length === 2)
  expect(stored()).toEqual([1, 2, 3])
  expect(told).toEqual(['commit', 'first', 'commit'])
  taken[1]?.()
  await others
})

test('[LG30] when the disk refuses what was committed, nobody is told, nothing more is written, and it is said aloud once', async () => {
  disk = () => Promise.reject(new Error('EIO'))
  void put(1).then(() => { told.push('told') })
  await until(() => told.includes('broken'))
  void put(2).then(() => { told.push('told') })
  await group.close()
  expect(told).toEqual(['commit', 'broken'])
  expect(stored()).toEqual([1])
})
