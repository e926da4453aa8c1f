/** A thousand mails and more drain while the product is killed, stopped or given a new flow again and again: each arrives, and each once. */
import { afterEach, expect, test } from 'vitest'
import { flowSchema } from '#shared/flow.ts'
import { forwardFlow, letter, mailWorld, messageIds, type World, type WorldOptions } from '../world.ts'
import { until } from '../until.ts'
import { allSends, doubles, said } from './sends.ts'

let world: World | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})

const namesOf = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `Mail ${n}`)
const names = namesOf(1000)
/** Mails between two disturbances at most: even twenty of them come before the last mail. */
const mostBetween = 45

/** Same moments in every run of this test (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Disturbed { readonly world: World; readonly times: number; readonly seed: number; readonly mails?: number; readonly disturb: (world: World, nth: number) => Promise<void> }

/** Each time after so many mails more at the server as chance says; the moment is a mail's end, never the clock. */
async function disturb(work: Disturbed): Promise<void> {
  const random = seeded(work.seed)
  const { smtp } = work.world
  for (let nth = 1; nth <= work.times; nth += 1) {
    await smtp.untilDots(smtp.accepted.length + Math.floor(random() * mostBetween))
    await work.disturb(work.world, nth)
  }
  // All of them fell into the work.
  expect(new Set(messageIds(smtp).keys()).size).toBeLessThan(work.mails ?? names.length)
}

const start = async (send: Readonly<Record<string, unknown>> = {}, more: WorldOptions = {}): Promise<World> => {
  world = await mailWorld({ inbox: names.map((name) => letter(name)), send, ...more })
  return world
}
/** Its subjects say which version made them. */
const version = (nth: number) => flowSchema.parse(JSON.parse(JSON.stringify(forwardFlow()).replace('Fwd: ', `v${nth}: `)))
const bare = (subject: string): string => subject.replace(/^(?:Fwd|v\d+): /, '')
const arrived = (from: World): readonly string[] => [...new Set(from.subjects().map(bare))].toSorted()
test.for(['imap', 'pop3'] as const)('[RN10, RX115] %s: killed twenty times while 2,000 mails drain: none is lost, each runs once, and a double goes out only where history says unknown, then resent', async (by) => {
  const names = namesOf(2000)
  const killed = await start({}, { by, inbox: names.map((name) => letter(name)), ...(by === 'pop3' ? { receive: { after: { do: 'delete' } } } : {}) })
  await disturb({ world: killed, times: 20, seed: 7, mails: names.length, disturb: (one) => one.restart('SIGKILL') })
  const runs = await killed.settled(names.length)
  expect(runs.flatMap((run) => (run.state === 'done' ? [] : [run.state, run.mail.subject, run.problem]))).toEqual([])
  expect(runs.map((run) => run.mail.subject).toSorted()).toEqual(names.toSorted())
  expect(arrived(killed)).toEqual(names.toSorted())
  const sends = new Map((await allSends(killed)).map((send) => [send.messageId, send]))
  expect(sends.size).toBe(names.length)
  expect(new Set(messageIds(killed.smtp).keys())).toEqual(new Set(sends.keys()))
  // Each time it was cut off says unknown; that it was sent again is said at its end.
  for (const id of doubles(killed)) expect(said(sends.get(id)).join()).toMatch(/^(?:unknown,)+resent$/)
  const resent = [...sends.values()].filter((send) => said(send).includes('resent')).length
  console.log(`figure: ${by}: 20 SIGKILLs in 2,000 mails: 0 lost, 0 run twice, ${doubles(killed).length} doubled, ${resent} said to be sent again`)
  await until(() => killed.unread() === 0)
})

test('[RN17] stopped ten times by SIGTERM while 1,000 mails drain: none is lost and none doubled', async () => {
  const stopped = await start()
  const ends: (number | string)[] = []
  await disturb({
    world: stopped, times: 10, seed: 11,
    disturb: async (one) => {
      const { ended } = one.product
      await one.restart('SIGTERM')
      ends.push(await ended)
    },
  })
  // Each time in order, within its deadline, by itself.
  expect(ends).toEqual(Array.from({ length: 10 }, () => 0))
  const runs = await stopped.settled(names.length)
  expect(runs.every((run) => run.state === 'done' && run.resent === 0)).toBe(true)
  expect(stopped.subjects().map(bare).toSorted()).toEqual(names.toSorted())
  await until(() => stopped.unread() === 0)
})

test('[RN11] a changed flow deployed ten times while 1,000 mails drain: none lost, none doubled, each run ends on its version', async () => {
  const changing = await start()
  await disturb({
    world: changing, times: 10, seed: 13,
    disturb: async (one, nth) => { expect(await one.product.deploy(version(nth + 1))).toBe(nth + 1) },
  })
  const runs = await changing.settled(names.length)
  expect(runs.every((run) => run.state === 'done')).toBe(true)
  const expected = runs.map((run) => `${run.version === 1 ? 'Fwd' : `v${run.version}`}: ${run.mail.subject}`)
  expect(changing.subjects().toSorted()).toEqual(expected.toSorted())
  expect(runs.map((run) => run.mail.subject).toSorted()).toEqual(names.toSorted())
  const versions = new Set(runs.map((run) => run.version)).size
  expect(versions).toBeGreaterThan(2)
  console.log(`figure: 10 deploys in 1,000 mails: runs on ${versions} versions, 0 lost, 0 doubled`)
  await until(() => changing.unread() === 0)
})

test('[RN8] killed twenty times with "hold it for a person": none is doubled, the held ones can be seen, all others are done', async () => {
  const careful = await start({ onUnknown: 'park' })
  await disturb({ world: careful, times: 20, seed: 17, disturb: (one) => one.restart('SIGKILL') })
  const runs = await careful.settled(names.length)
  expect(doubles(careful)).toEqual([])
  const held = runs.filter((run) => run.state === 'unknown')
  expect(held.length).toBeGreaterThan(0)
  const sends = await allSends(careful)
  expect(sends.filter((send) => said(send).includes('parked')).map((send) => send.run).toSorted()).toEqual(held.map((run) => run.id).toSorted())
  expect((await careful.product.outbox('state=unknown')).counts['unknown']).toBe(held.length)
  // What is not held arrived, once.
  const done = runs.filter((run) => run.state === 'done').map((run) => run.mail.subject)
  expect(done.length + held.length).toBe(names.length)
  const there = new Set(careful.subjects().map(bare))
  expect(done.filter((subject) => !there.has(subject))).toEqual([])
  console.log(`figure: 20 SIGKILLs with park in 1,000 mails: 0 doubled, ${held.length} held, ${held.filter((run) => there.has(run.mail.subject)).length} of them had arrived`)
  await until(() => careful.unread() === held.length)
})

test('[RN8, SX180] killed four times with "look for it first": none is lost and none is doubled, and what was found is said to be found', async () => {
  const few = namesOf(200)
  const looking: { world?: World } = {}
  // As at a provider: what is accepted lies in Sent before the answer goes out.
  const onAccepted = (mail: { readonly bytes: Buffer }) => { looking.world?.imap.store.deliver('u0', mail.bytes, { folder: 'Sent' }) }
  const careful = looking.world = await start({ onUnknown: 'probe', probe: { connection: 'inbox', folder: 'Sent', forSeconds: 1 } }, { inbox: [], smtp: { onAccepted } })
  for (const name of few) careful.arrive(letter(name))
  await disturb({ world: careful, times: 4, seed: 19, mails: few.length, disturb: (one) => one.restart('SIGKILL') })
  const runs = await careful.settled(few.length)
  expect(runs.every((run) => run.state === 'done')).toBe(true)
  expect(careful.subjects().map(bare).toSorted()).toEqual(few.toSorted())
  const unknown = (await allSends(careful)).filter((send) => said(send).includes('unknown'))
  expect(unknown.length).toBeGreaterThan(0)
  for (const send of unknown) expect(['probed', 'resent']).toContain(said(send).at(-1))
  console.log(`figure: 4 SIGKILLs with probe in 200 mails: 0 lost, 0 doubled, ${unknown.filter((send) => said(send).at(-1) === 'probed').length} of ${unknown.length} unknown ones found in Sent`)
})
