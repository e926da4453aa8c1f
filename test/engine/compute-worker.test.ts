/** The worker thread: what it is given comes back, and what breaks it breaks alone. */
import { afterEach, expect, test } from 'vitest'
import { problemOf } from '#shared/errors.ts'
import { makeComputer, type ComputerOptions } from '#runtime/engine/computer.ts'
import type { Computer } from '#runtime/engine/compute.ts'
import { silentLog, type LogFacts } from '#runtime/log.ts'
import { bytesOf, facts, read } from '../mail/mime-letters.ts'
import { flowOf, jobOf, map, receive, send } from './compute-jobs.ts'

const open: Computer[] = []
afterEach(async () => { for (const computer of open.splice(0)) await computer.close() })
function start(options: Partial<ComputerOptions> = {}): Computer {
  const computer = makeComputer({ log: silentLog, ...options })
  open.push(computer)
  return computer
}
const worker = new URL('./computing-worker.ts', import.meta.url)
const flow = flowOf([receive(), map([{ to: 'to', value: 'to@example.org' }, { to: 'subject', from: ['receive.subject'] }]), send()])
const letter = (subject: string) => bytesOf('From: a@x.org', `Subject: ${subject}`, 'Content-Type: text/plain', '', 'Hello')
const codes = (results: readonly PromiseSettledResult<unknown>[]) => results.map((result) => (result.status === 'fulfilled' ? 'done' : problemOf(result.reason).code))

test('[RX60] many runs at once come back each with its own bytes', async () => {
  const computer = start()
  const computed = await Promise.all(Array.from({ length: 100 }, (_, index) => computer.compute(jobOf(flow, letter(`mail ${index}`), { run: `run-${index}` }))))
  for (const [index, { sends: [first], problem }] of computed.entries()) {
    expect(problem).toBeNull()
    expect(first?.raw.kind === 'bytes' ? (await read(first.raw.bytes)).subject : '').toBe(`mail ${index}`)
  }
})

test('[RX60] a mail read for a person is the same Mail as in a run', async () => {
  expect(await start().readMail({ kind: 'bytes', bytes: letter('hello') }, facts)).toEqual(await read(letter('hello'), { mailId: 'read' }))
  await expect(start().readMail({ kind: 'file', path: '/no/such/file', size: 10, sha256: '' }, facts)).rejects.toMatchObject({ code: 'INTERNAL' })
})

test('[RX60] a run that hangs, crashes or eats the memory fails alone; the others are computed by a fresh worker', async () => {
  for (const [run, taskMs, reason] of [['hangs', 400, 'longer than'], ['crashes', 60_000, 'crashed on purpose'], ['eats', 60_000, 'more memory']] as const) {
    const computer = start({ worker, taskMs })
    const runs = ['a', 'b', run, 'c', ...Array.from({ length: 40 }, (_, index) => `later ${index}`)]
    const results = await Promise.allSettled(runs.map((id) => computer.compute(jobOf(flow, letter(id), { run: id }))))
    expect(codes(results)).toEqual(runs.map((id) => (id === run ? 'MAIL_UNREADABLE' : 'done')))
    const [, , broken] = results
    expect(broken?.status === 'rejected' ? problemOf(broken.reason).say : '').toContain(reason)
  }
})

test('[RX61] an idle worker is stopped and starts again by itself', async () => {
  const events: string[] = []
  const note = (event: string, _facts?: LogFacts) => { events.push(event) }
  const stopped = Promise.withResolvers<void>()
  const log = { ...silentLog, debug: (event: string, more?: LogFacts) => { note(event, more); if (event === 'worker.stopped') stopped.resolve() } }
  const computer = start({ worker, idleMs: 1, log })
  await computer.compute(jobOf(flow, letter('one'), { run: 'one' }))
  await stopped.promise
  expect((await computer.compute(jobOf(flow, letter('two'), { run: 'two' }))).mail.subject).toBe('two')
  expect(events.slice(0, 3)).toEqual(['worker.started', 'worker.stopped', 'worker.started'])
})

test('[RX61] closing ends what is under way with a fault, and what comes after', async () => {
  const computer = start({ worker, taskMs: 60_000 })
  const under = Promise.allSettled([computer.compute(jobOf(flow, letter('x'), { run: 'hangs' })), computer.compute(jobOf(flow, letter('y'), { run: 'y' }))])
  await computer.close()
  expect(codes(await under)).toEqual(['INTERNAL', 'INTERNAL'])
  await expect(computer.compute(jobOf(flow, letter('z')))).rejects.toMatchObject({ code: 'INTERNAL' })
})
