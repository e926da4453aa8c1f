/** Steps of a run that work in a mailbox: over a real IMAP server, with the product in its own process. */
import { afterEach, expect, test } from 'vitest'
import { until } from '../until.ts'
import { forwardFlow, letter, mailWorld, type World } from '../world.ts'
import { filingFlow } from './filing-flow.ts'

let world: World
afterEach(async () => { await world.stop() })

const folder = (path: string) => world.imap.store.folder('u0', path)?.mails ?? []

test('[RN70, RN80] a run looks, makes a folder, files its mail away and sends with what it found; history shows question and answer', async () => {
  world = await mailWorld({ flow: filingFlow() })
  world.imap.store.deliver('u0', letter('Order 1'), { folder: 'Archive', flags: ['\\Seen'] })
  world.imap.store.deliver('u0', letter('Spam', { from: 'other@spam.example' }), { folder: 'Archive' })
  world.arrive(letter('Order 2'))
  const [run] = await world.settled(1)
  expect(run).toMatchObject({ state: 'done', problem: null })
  expect(world.subjects()).toEqual(['Fwd: Order 2, 1 before it, the last Order 1'])
  expect(folder('INBOX')).toHaveLength(0)
  expect(folder('Customers/client.example')).toHaveLength(1)
  const { steps, settle } = await until(() => world.product.run(run?.id ?? ''), (detail) => detail.settle.state !== 'pending')
  expect(steps.map(({ node, state }) => `${node} ${state}`)).toEqual(['receive done', 'find done', 'folder done', 'change done', 'map done', 'send done'])
  expect(steps[1]).toMatchObject({ input: { do: 'find', folder: 'Archive', query: { from: 'ana@client.example' } }, output: { count: 1, first: { subject: 'Order 1', from: { address: 'ana@client.example' }, unread: false } } })
  expect(steps[2]).toMatchObject({ output: { folder: 'Customers/client.example', made: true } })
  expect(steps[3]).toMatchObject({ input: { do: 'change', folder: 'INBOX', change: { do: 'move' } }, output: { done: true, target: 'Customers/client.example' } })
  // What is left to do with a mail that a step has moved away is nothing.
  expect(settle.state).toBe('gone')
  // Three steps of one run, two folders: two logins beside the watcher's, whatever the number of mails.
  for (let number = 3; number <= 12; number += 1) world.arrive(letter(`Order ${number}`))
  await world.settled(11)
  expect(world.imap.commands.filter(({ name }) => name === 'LOGIN' || name === 'AUTHENTICATE')).toHaveLength(3)
})

test('[RN71, RN76] a step that fails for good fails the run with its cause, sends nothing, and what was done before it stays in history', async () => {
  world = await mailWorld({ flow: { ...filingFlow(), nodes: filingFlow().nodes.map((node) => (node.id === 'change' ? { ...node, config: { do: 'delete', which: 'other', connection: 'inbox', folder: 'No such folder', mail: '1' } } : node)) }, inbox: [letter('Order 1')] })
  const [run] = await world.settled(1)
  expect(run).toMatchObject({ state: 'failed', problem: { code: 'MAIL_FOLDER_MISSING', where: 'change' } })
  const { steps } = await world.product.run(run?.id ?? '')
  expect(steps.map(({ node, state }) => `${node} ${state}`)).toEqual(['receive done', 'find done', 'folder done', 'change failed', 'map skipped', 'send skipped'])
  expect(steps[3]?.input).toMatchObject({ do: 'change', folder: 'No such folder' })
  expect(world.smtp.accepted).toHaveLength(0)
  expect(folder('INBOX')).toHaveLength(1)
})

test('[RN72, RN81] while its mailbox breaks off a run waits and says why; the next start takes it up behind what was done', async () => {
  let isBroken = true
  world = await mailWorld({
    flow: filingFlow(), inbox: [letter('Order 1')],
    imap: { onCommand: ({ name }, wire) => { if (!isBroken || name !== 'UID MOVE') return false; wire.drop(); return true } },
  })
  const [waiting] = await until(() => world.product.runs(), (runs) => runs[0]?.state === 'waiting')
  expect(waiting?.problem).toMatchObject({ code: 'MAIL_CONNECTION_LOST', where: 'change' })
  const before = await world.product.run(waiting?.id ?? '')
  expect(before.steps.map(({ node, state }) => `${node} ${state}`)).toEqual(['find done', 'folder done', 'change waiting'])
  isBroken = false
  await world.restart('SIGTERM')
  const [run] = await world.settled(1)
  expect(run?.state).toBe('done')
  const { steps } = await world.product.run(run?.id ?? '')
  // Not asked again: the folder was made new by the first process.
  expect(steps[2]).toMatchObject({ startedAt: before.steps[1]?.startedAt, output: { made: true } })
  expect(world.subjects()).toHaveLength(1)
  expect(folder('Customers/client.example')).toHaveLength(1)
})

test('[RN76, RN77] another mail is fetched by its number without being read; one that is not there fails the step', async () => {
  const fetching = (mail: string) => {
    const [receive, map, send] = forwardFlow().nodes
    return {
      ...forwardFlow(), nodes: [receive, { id: 'fetch', kind: 'fetch-mail', config: { connection: 'inbox', folder: 'Archive', mail } }, { ...map, config: { rows: [{ to: 'to', value: 'a@dest.example' }, { to: 'subject', from: ['fetch.subject'] }, { to: 'text', from: ['fetch.text'] }] } }, send],
      edges: [['receive', 'fetch'], ['fetch', 'map'], ['map', 'send']].map(([from, to]) => ({ from, to })),
    } as ReturnType<typeof forwardFlow>
  }
  world = await mailWorld({ flow: fetching('1') })
  world.imap.store.deliver('u0', letter('The offer'), { folder: 'Archive' })
  world.arrive(letter('Order 1'))
  await world.settled(1)
  expect(world.subjects()).toEqual(['The offer'])
  expect(folder('Archive').map(({ flags }) => [...flags])).toEqual([[]])
  await world.product.deploy(fetching('99'))
  world.arrive(letter('Order 2'))
  const [failed] = await world.settled(2)
  expect(failed).toMatchObject({ state: 'failed', problem: { code: 'MAIL_NOT_FOUND', where: 'fetch' } })
})
