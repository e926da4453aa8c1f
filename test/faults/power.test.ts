/** The power goes while mails drain: the disk keeps what was synced to it and nothing else; whole in test/bench/power-loss.ts. */
import { expect, test } from 'vitest'
import { letter } from '../world.ts'
import { hasLoop, powerBed } from './power-bed.ts'
import { allSends, doubles, said } from './sends.ts'

test.skipIf(!hasLoop())('[RN152] the power goes four times while a hundred mails drain: nothing told to a server is missing on the disk, and all arrive', async () => {
  const names = Array.from({ length: 100 }, (_, nth) => `Mail ${nth}`)
  const bed = await powerBed()
  try {
    const { world } = bed
    for (const [nth, name] of names.entries()) world.arrive(letter(name, nth % 10 === 7 ? { body: 'x'.repeat(400 * 1024) } : {}))
    for (let losses = 0; losses < 4; losses += 1) {
      await world.smtp.untilDots(world.smtp.accepted.length + 5)
      expect(await bed.losePower()).toEqual({ missing: [], integrity: 'ok' })
    }
    const runs = await world.settled(names.length)
    expect(runs.every((run) => run.state === 'done')).toBe(true)
    expect([...new Set(world.subjects())].toSorted()).toEqual(names.map((name) => `Fwd: ${name}`).toSorted())
    const sends = new Map((await allSends(world)).map((send) => [send.messageId, send]))
    for (const id of doubles(world)) expect(said(sends.get(id))).toContain('unknown')
  } finally {
    await bed.stop()
  }
})
