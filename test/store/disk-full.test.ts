import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import { batch, bytesOf, finish, letter, outcome, takeIn, time, wantToSend } from '../contracts/store-world.ts'

const mebibyte = 1024 * 1024
/** A disk of its own, small enough to fill; null where this user may not mount one (LG26 is then held by group.test.ts alone). */
function mountDisk(): { folder: string; grow: () => void; remove: () => void } | null {
  const folder = mkdtempSync(join(tmpdir(), 'mailweave-disk-'))
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]).status !== 0) {
    rmdirSync(folder)
    return null
  }
  return {
    folder,
    grow: () => { spawnSync('mount', ['-o', 'remount,size=40m', folder]) },
    remove: () => {
      spawnSync('umount', [folder])
      rmdirSync(folder)
    },
  }
}
const disk = mountDisk()

test.skipIf(disk === null)('[LG26] on a full disk nothing is acknowledged that is not stored, reading goes on, and the ledger heals by itself', async () => {
  if (disk === null) return
  try {
    const store = await openSqliteStore(disk.folder, { clock: systemClock, log: silentLog })
    const run = await takeIn(store, 1)
    const row = await wantToSend(store, run)
    await store.markSending([row], time('10:01'))
    const large = (uid: number) => ({ ...letter(uid), raw: bytesOf('x'.repeat(3 * mebibyte)) })
    const [taken, recorded] = await Promise.allSettled([store.ingest(batch([large(2), large(3)])), store.recordOutcome(outcome(row, { 'b@example.org': 'sent' }, 'sent'))])
    expect(taken).toMatchObject({ status: 'rejected', reason: { code: 'DISK_FULL' } })
    // The outcome of a mail that is out still fits: losing it would mean an unknown send.
    expect(recorded.status).toBe('fulfilled')
    expect((await store.runs({ limit: 10 })).runs.map((one) => one.id)).toEqual([run])
    expect(await store.send(row)).toMatchObject({ state: 'sent' })
    disk.grow()
    const again = await store.ingest(batch([large(2), large(3)]))
    expect(again).toHaveLength(2)
    for (const one of again) await finish(store, one.id)
    await store.close()
    const reopened = await openSqliteStore(disk.folder, { clock: systemClock, log: silentLog })
    expect((await reopened.runs({ limit: 10 })).runs.map((one) => one.state)).toEqual(['done', 'done', 'running'])
    await reopened.close()
  } finally {
    disk.remove()
  }
})
