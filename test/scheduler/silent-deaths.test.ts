/** Lines that die in every way a line can: the mail is seen again in time, once, and never over two logins. */
import { expect, test } from 'vitest'
import { letter } from '../contracts/mailbox.contract.ts'
import type { Cut } from '../servers/cutting-proxy.ts'
import { until } from '../until.ts'
import { lineWorld, type LineWorld } from './line-world.ts'

const hows: readonly Cut[] = ['swallow', 'reset', 'end']
/** After which word of the client the line dies; `mid` is within the mail's own bytes, `rest` while nothing is asked. */
const moments = {
  imap: ['AUTHENTICATE', 'SELECT', 'UID SEARCH', 'UID FETCH', 'mid', 'UID STORE', 'NOOP', 'IDLE', 'rest'],
  pop3: ['CAPA', 'AUTH', 'UIDL', 'LIST', 'RETR', 'mid', 'DELE', 'QUIT', 'rest'],
} as const
const fetchWord = { imap: 'UID FETCH', pop3: 'RETR' } as const
const silentOnly = ['NOOP', 'IDLE', 'rest']
let names = 0
const sizeOf = (): Buffer => letter(`Mail ${names += 1}`, 'x'.repeat(1000 + names))

/** Resolves with the clock's time once the line has died at this moment. */
async function die(world: LineWorld, kind: 'imap' | 'pop3', moment: string, how: Cut): Promise<void> {
  const cuts = world.proxy.cuts()
  if (moment === 'rest') world.proxy.cutNow(how)
  world.onCommand = (name) => {
    if (name !== (moment === 'mid' ? fetchWord[kind] : moment) || world.proxy.cuts() > cuts) return false
    if (moment !== 'mid') { world.proxy.cutNow(how); return true }
    world.proxy.cutAfter('to-client', 400, how)
    return false
  }
  // A login and what comes before it are heard only on a line that is new.
  if (['AUTHENTICATE', 'SELECT', 'CAPA', 'AUTH'].includes(moment)) world.watcher.reconnect()
  if (moment === 'rest') return
  if (!silentOnly.includes(moment)) world.deliver(sizeOf())
  if (moment === 'IDLE') {
    // After a look the line goes idle by a timer of its own: the clock stands, or the next heartbeat would come first.
    world.watcher.lookNow()
    await until(() => world.proxy.cuts() > cuts)
  } else await world.passUntil(() => world.proxy.cuts() > cuts)
  world.onCommand = () => false
}

test.for([['imap', 5], ['imap', 30], ['pop3', 5], ['pop3', 30]] as const)('[RX112] %s, a look each %i s: whenever and however its line dies, new mail is seen within 3 looks or 90 s, once, over one login', async ([kind, delaySeconds]) => {
  const world = await lineWorld(kind, { delaySeconds, ...(kind === 'pop3' ? { after: { do: 'delete' } } : {}) })
  const boundMs = Math.max(3 * delaySeconds, 90) * 1000
  const delivered = names
  const took: [string, number][] = []
  await world.passUntil(() => world.watcher.status().health === 'idle')
  for (const moment of moments[kind]) {
    for (const how of hows) {
      await die(world, kind, moment, how)
      world.deliver(sizeOf())
      const ms = await world.passUntil(() => world.taken.length === names - delivered)
      took.push([`${moment}, ${how}`, ms])
      expect(ms, `${moment}, ${how}`).toBeLessThanOrEqual(boundMs)
      await world.passUntil(() => world.watcher.status().health === 'idle')
    }
  }
  // Somebody who is not there, and somebody who never speaks; the clock runs from when the server is back.
  for (const fate of ['reset', 'swallow'] as const) {
    for (const awayMs of [10_000, 100_000, 1_000_000]) {
      world.proxy.setNew(fate)
      world.proxy.cutNow('end')
      const gone = world.clock.steadyMs()
      await world.passUntil(() => world.clock.steadyMs() - gone >= awayMs)
      world.proxy.setNew('pass')
      world.deliver(sizeOf())
      const ms = await world.passUntil(() => world.taken.length === names - delivered)
      took.push([`away ${awayMs / 1000} s, ${fate}`, ms])
      expect(ms, `away ${awayMs / 1000} s, ${fate}`).toBeLessThanOrEqual(boundMs)
      await world.passUntil(() => world.watcher.status().health === 'idle')
    }
  }
  const longest = took.reduce((one, other) => (other[1] > one[1] ? other : one))
  console.log(`figure: ${kind}, a look each ${delaySeconds} s: ${took.length} deaths, the longest until mail was seen ${longest[1] / 1000} s (${longest[0]}), most logins at once ${world.proxy.mostLoggedIn()}`)
  expect(new Set(world.taken).size).toBe(world.taken.length)
  expect(world.proxy.mostLoggedIn()).toBe(1)
})

test.for(['imap', 'pop3'] as const)('[RX111] %s: one mail that takes ten minutes over a thin line is fetched whole, and nobody calls the mailbox deaf', async (kind) => {
  const world = await lineWorld(kind, { delaySeconds: 5 })
  await world.passUntil(() => world.watcher.status().health === 'idle')
  const mail = letter('Slow', 'x'.repeat(800_000))
  world.proxy.narrow()
  world.proxy.let(5000)
  world.deliver(mail)
  let fed = world.clock.steadyMs()
  const feelPulse = (): void => {
    world.watcher.checkPulse()
    if (world.clock.steadyMs() - fed < 50_000) return
    fed = world.clock.steadyMs()
    world.proxy.let(70_000)
  }
  const ms = await world.passUntil(() => world.taken.length > 0, feelPulse)
  expect(world.taken).toEqual([mail.length])
  expect(world.watcher.status()).toMatchObject({ alarm: null, trouble: null })
  expect(ms).toBeGreaterThan(8 * 60_000)
  console.log(`figure: ${kind}: a mail that came for ${ms / 1000} s was fetched whole`)
})
