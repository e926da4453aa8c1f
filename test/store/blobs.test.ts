import { hash } from 'node:crypto'
import { createWriteStream, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeBlobs } from '#runtime/store/blobs.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { FreshMail, Store } from '#runtime/store/store.ts'
import { flowId } from '#shared/ids.ts'
import { batch, finish, flow, letter, time } from '../contracts/store-world.ts'

let folder = ''
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'mailweave-blobs-')) })
afterEach(() => { rmSync(folder, { recursive: true }) })

const content = Buffer.alloc(400_000, 'large mail ')
const sha256 = hash('sha256', content)
const open = () => openSqliteStore(folder, { clock: systemClock, log: silentLog })

async function keep(blobs: Store['blobs'], bytes = content) {
  const path = blobs.scratch()
  const file = createWriteStream(path)
  file.end(bytes)
  await finished(file)
  return blobs.keep(path, hash('sha256', bytes), bytes.byteLength)
}
const large = async (store: Store, uid: number): Promise<FreshMail> => ({ ...letter(uid), raw: await keep(store.blobs), sha256 })
const files = () => readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => entry.name)

test('[LG27] a kept file lies under its sha256, for its owner alone, and nothing of it stays in scratch', async () => {
  const blobs = makeBlobs(folder, 1000)
  const raw = await keep(blobs)
  expect(raw).toEqual({ kind: 'file', path: join(folder, sha256.slice(0, 2), sha256), size: content.byteLength, sha256 })
  expect(readdirSync(blobs.scratchFolder)).toEqual([])
  expect((statSync(blobs.pathOf(sha256)).mode & 0o777).toString(8)).toBe('600')
  expect(Buffer.from(await blobs.bytes(raw, 1_000_000)).equals(content)).toBe(true)
  const pieces = []
  for await (const piece of blobs.read(raw)) pieces.push(piece)
  expect(pieces.length).toBeGreaterThan(1)
  expect(Buffer.concat(pieces).equals(content)).toBe(true)
  await expect(blobs.bytes(raw, 1000)).rejects.toMatchObject({ code: 'MAIL_TOO_LARGE' })
})

test('[LG27] the same bytes are kept once', async () => {
  const blobs = makeBlobs(folder, 1000)
  const first = await keep(blobs)
  expect(await keep(blobs)).toEqual(first)
  expect(readdirSync(blobs.scratchFolder)).toEqual([])
})

test('[LG27] scratch is emptied at start; what was kept stays', async () => {
  const blobs = makeBlobs(folder, 1000)
  await keep(blobs)
  writeFileSync(blobs.scratch(), 'half a mail')
  makeBlobs(folder, 1000)
  expect(readdirSync(blobs.scratchFolder)).toEqual([])
  expect(existsSync(blobs.pathOf(sha256))).toBe(true)
})

test('[LG27] a name that is no sha256 never becomes a path', async () => {
  const blobs = makeBlobs(folder, 1000)
  const path = blobs.scratch()
  writeFileSync(path, 'x')
  await expect(blobs.keep(path, '../../etc/passwd', 1)).rejects.toMatchObject({ code: 'INTERNAL' })
})

test('[LG27] a large mail goes through the ledger as a file, and comes back as one after a restart', async () => {
  const store = await open()
  await store.ingest(batch([await large(store, 1)], { claim: false }))
  await store.close()
  const reopened = await open()
  const [run] = await reopened.claimRuns(1)
  if (run === undefined) throw new Error('no run')
  expect(run.raw).toMatchObject({ kind: 'file', sha256, size: content.byteLength })
  expect(Buffer.from(await reopened.blobs.bytes(run.raw, 1_000_000)).equals(content)).toBe(true)
  await reopened.close()
})

test('[LG20] a file goes when the last row that names it is pruned, and never while a mail is on its way into the ledger', async () => {
  const store = await open()
  const [old] = await store.ingest(batch([await large(store, 1)]))
  const [young] = await store.ingest(batch([await large(store, 2)]))
  if (old === undefined || young === undefined) throw new Error('no runs')
  await finish(store, old.id)
  await finish(store, young.id, 'done', {}, time('13:00'))
  expect([await store.prune(time('12:00')), files()]).toEqual([1, [sha256]])
  const coming = await large(store, 3)
  expect([await store.prune(time('14:00')), files()]).toEqual([1, [sha256]])
  await store.ingest(batch([coming], { flow: flowId('late') }))
  expect([await store.prune(time('14:00')), files()]).toEqual([0, [sha256]])
  await finish(store, (await store.lastMailOf(flowId('late'))) ?? old.id, 'done', {}, time('14:00'))
  expect(await store.lastMailOf(flow)).toBe(young.id)
  expect([await store.prune(time('15:00')), files()]).toEqual([1, []])
  await store.close()
})
