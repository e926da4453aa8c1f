/** A mail that a step fetches in the middle of a run is answered and sent on: over a real IMAP server, with the product in its own process. */
import { hash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { flowSchema } from '#shared/flow.ts'
import type { JsonObject } from '#shared/json.ts'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import type { Computer } from '#runtime/engine/compute.ts'
import { tryFlow } from '#runtime/engine/try.ts'
import { bytesOf, read } from '../mail/mime-letters.ts'
import { until } from '../until.ts'
import { forwardFlow, letter, mailWorld, type World } from '../world.ts'
import { at, flowOf, jobOf, map, receive, send, step } from './compute-jobs.ts'

let world: World | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})

const large = Buffer.alloc(600_000, 'large file ')
const original = (subject: string): Buffer => bytesOf('From: Carl <carl@customer.example>', 'To: desk@example.org', `Subject: ${subject}`, 'Message-ID: <order@customer.example>', 'Content-Type: multipart/mixed; boundary=m', '', '--m', 'Content-Type: text/plain', '', 'Two printers.', '--m', 'Content-Type: application/pdf; name=order.pdf', 'Content-Transfer-Encoding: base64', '', large.toString('base64').replace(/.{76}/g, '$&\r\n'), '--m--', '')

const flow = (config: JsonObject) => {
  const [first, , last] = forwardFlow().nodes
  return flowSchema.parse({
    ...forwardFlow(), nodes: [first, { id: 'fetch', kind: 'fetch-mail', config: { connection: 'inbox', folder: 'Archive', mail: '1' } }, { ...last, config: { ...last?.config, ...config } }],
    edges: [{ from: 'receive', to: 'fetch' }, { from: 'fetch', to: 'send' }],
  })
}

test('[SX74] a fetched mail of a file\'s size is sent on whole, also by a program that was killed behind the fetch; then its bytes are gone', async () => {
  world = await mailWorld({ flow: flow({ mode: 'forward', of: 'fetch', forwardAs: 'attachment', to: 'boss@dest.example' }) })
  world.imap.store.deliver('u0', original('Order'), { folder: 'Archive' })
  await world.restart('SIGTERM', { MAILWEAVE_FAULT: 'after-record-action' })
  world.arrive(letter('Where is it?'))
  await world.startAgain()
  // What was fetched is not asked for again: it may be gone.
  world.imap.store.folder('u0', 'Archive')?.mails.splice(0)
  const [run] = await world.settled(1)
  expect(run).toMatchObject({ state: 'done', problem: null })
  const sent = await read(world.smtp.accepted[0]?.bytes ?? Buffer.alloc(0))
  expect(sent).toMatchObject({ subject: 'Fwd: Order', references: ['order@customer.example'], attachments: [{ name: 'Order.eml', sha256: hash('sha256', original('Order')) }] })
  const { folder, product } = world
  await until(() => product.run(run?.id ?? ''), ({ sends }) => sends[0]?.state === 'sent')
  expect(readdirSync(path.join(folder, 'data', 'blobs', 'scratch'))).toEqual([])
})

test('[SX74] a run that fetches its own mail leaves the one in the ledger as it is', async () => {
  const own = flow({ to: 'boss@dest.example', subject: 'Seen' })
  world = await mailWorld({ flow: flowSchema.parse({ ...own, nodes: own.nodes.map((node) => (node.id === 'fetch' ? { ...node, config: { connection: 'inbox', folder: 'INBOX', mail: '{{receive.uid}}' } } : node)) }), inbox: [original('Order')] })
  const [run] = await world.settled(1)
  expect(run).toMatchObject({ state: 'done', problem: null })
  await world.product.api('POST', `/api/runs/${run?.id ?? ''}/replay`)
  expect((await world.settled(2)).map(({ state, problem }) => [state, problem])).toEqual([['done', null], ['done', null]])
})

test('[SX74] a fetched mail is answered in its own thread, and its files can be mapped', async () => {
  const bytes = original('Order')
  const mail = await read(bytes)
  const answers = { fetch: JSON.parse(JSON.stringify(mail)) as JsonObject }
  const fetched = { fetch: { kind: 'bytes', bytes } } as const
  const drawn = flowOf([receive(), step('fetch-mail', { connection: 'inbox', mail: '1' }, 'fetch'), map([{ to: 'attachments', from: ['fetch.attachments'] }]), send({ mode: 'reply', of: 'fetch', text: 'Sent today.' })])
  const letterOfRun = bytesOf('From: ana@client.example', 'Subject: Other', 'Message-ID: <other@x>', '', 'x')
  const { sends, problem } = await computeFlow(jobOf(drawn, letterOfRun, { answers, fetched }))
  expect(problem).toBeNull()
  expect(sends[0]?.envelope.to).toEqual(['carl@customer.example'])
  expect(sends[0]?.explained).toMatchObject({ text: 'Sent today.\n\nCarl wrote:\n> Two printers.', attachments: [{ name: 'order.pdf', sha256: hash('sha256', large) }] })
  // Without its bytes the words of a mail can be answered, and its files are missing.
  expect((await computeFlow(jobOf(drawn, letterOfRun, { answers }))).problem).toMatchObject({ code: 'SEND_ATTACHMENT_MISSING' })
  const reply = flowOf([receive(), step('fetch-mail', { connection: 'inbox', mail: '1' }, 'fetch'), send({ mode: 'reply', of: 'fetch', text: 'Sent today.' })])
  expect((await computeFlow(jobOf(reply, letterOfRun, { answers }))).sends[0]?.subject).toBe('Re: Order')
  expect((await computeFlow(jobOf(reply, letterOfRun, { answers: { fetch: {} } }))).problem).toMatchObject({ code: 'SEND_NO_MAIL', where: 'send' })
})

test('[SX74] a try shows the fetched mail sent on', async () => {
  const bytes = original('Order')
  const mail = await read(bytes)
  const computer: Computer = { compute: computeFlow, readMail: () => Promise.reject(new Error('not asked')), close: () => Promise.resolve() }
  const drawn = flowOf([receive(), step('fetch-mail', { connection: 'inbox', mail: '1' }, 'fetch'), send({ mode: 'forward', of: 'fetch', to: 'boss@dest.example' })])
  const { state, outgoing } = await tryFlow(computer, {
    flow: drawn, raw: { kind: 'bytes', bytes: letter('Other') }, at, spool: { folder: '/tmp', inlineLimit: 1e7 },
    ask: () => Promise.resolve({ answer: JSON.parse(JSON.stringify(mail)) as JsonObject, raw: { kind: 'bytes', bytes } }),
  })
  expect([state, outgoing[0]?.subject, outgoing[0]?.attachments]).toEqual(['done', 'Fwd: Order', [expect.objectContaining({ name: 'order.pdf', sha256: hash('sha256', large) })]])
})

test('[SX74] a mail that this flow has sent may be fetched and sent on; what is automatic is not answered', async () => {
  const bytes = bytesOf('From: desk@example.org', 'To: ana@client.example', 'Subject: Reminder', 'X-Mailweave-Flow: tickets', 'Auto-Submitted: auto-generated', '', 'Pay.')
  const mail = JSON.parse(JSON.stringify(await read(bytes))) as JsonObject
  const sentWith = async (config: Parameters<typeof send>[0]) =>
    computeFlow(jobOf(flowOf([receive(), step('fetch-mail', { connection: 'inbox', mail: '1' }, 'fetch'), send({ of: 'fetch', ...config })]), letter('Other'), { answers: { fetch: mail }, fetched: { fetch: { kind: 'bytes', bytes } } }))
  expect((await sentWith({ mode: 'forward', to: 'boss@dest.example' })).sends[0]?.subject).toBe('Fwd: Reminder')
  expect((await sentWith({ mode: 'reply' })).problem).toMatchObject({ code: 'SEND_LOOP' })
})
