/** The system calls that make mails durable kill the product or fail, one after the other; whole in test/bench/crash-disk.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bedMails, type DiskBed, diskBed, type Endured, hasStrace } from './disk-bed.ts'

describe.skipIf(!hasStrace())('twenty mails on a disk that fails', () => {
  let bed: DiskBed
  let undisturbed: Endured
  beforeAll(async () => {
    bed = await diskBed()
    undisturbed = await bed.endure(null)
  })
  afterAll(() => bed.stop())

  test('[RN150] undisturbed, twenty mails run, arrive and are marked once, and a further run without news writes nothing', () => {
    expect(undisturbed).toMatchObject({ ended: 0, doubles: 0, unknown: 0, unwritten: [], idleWrote: [] })
    // Run, row of the outbox, mark and mail for each, and a sound ledger.
    expect(undisturbed.state).toHaveLength(bedMails * 4 + 1)
    expect(undisturbed.state).toContain('run Mail 7 done done 0')
    expect(undisturbed.state).toContain('integrity ok')
  })

  function keepsThePromise(endured: Endured): void {
    expect(endured.state).toEqual(undisturbed.state)
    expect(endured.unwritten).toEqual([])
    expect(endured.doubles).toBeLessThanOrEqual(endured.unknown)
    expect(endured.idleWrote).toEqual([])
  }

  test.each(['fdatasync:signal=SIGKILL:when=2', 'fdatasync:signal=SIGKILL:when=6'])('[RN150] killed at %s: what it leaves is what an undisturbed run leaves', async (injection) => {
    const endured = await bed.endure(injection)
    expect(endured.ended).toBe('SIGKILL')
    keepsThePromise(endured)
  })

  test.each(['fdatasync:error=EIO:when=4', 'fsync:error=EIO:when=2..4', 'pwrite64:error=ENOSPC:when=30..70'])('[RN151] %s: nothing is acknowledged that is not written, and it goes on by itself', async (injection) => {
    keepsThePromise(await bed.endure(injection))
  })
})
