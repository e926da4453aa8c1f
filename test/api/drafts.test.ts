/** Drafts as files: written whole or not at all, watched, and true to what lies in the folder. */
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDrafts, type Drafts } from '#runtime/drafts.ts'
import { flowFileText } from '#runtime/flow-text.ts'
import { silentLog } from '#runtime/log.ts'
import { makeEventStream } from '#shared/events.ts'
import { flowId } from '#shared/ids.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { until } from '../until.ts'
import { forwardFlow } from './world.ts'

async function draftsWorld() {
  const folder = await mkdtemp(path.join(tmpdir(), 'mailweave-drafts-'))
  const events = makeEventStream()
  const told: string[] = []
  events.subscribe((event) => { if ('flow' in event) told.push(`${event.type} ${event.flow}`) })
  const clock = fakeClock()
  const opened: Drafts[] = []
  const open = async (): Promise<Drafts> => {
    const drafts = await openDrafts({ folder, events, clock, log: silentLog })
    opened.push(drafts)
    return drafts
  }
  onTestFinished(async () => {
    for (const drafts of opened) drafts.stop()
    await rm(folder, { recursive: true, force: true })
  })
  return { folder, clock, told, open, file: path.join(folder, 'support-tickets.json') }
}

test('[AP26] a save replaces the file as a whole, and leaves nothing else behind', async () => {
  const { folder, open, file, told } = await draftsWorld()
  const drafts = await open()
  await drafts.write(forwardFlow(), null)
  const before = (await stat(file)).ino
  await drafts.write(forwardFlow({ name: 'Second' }), null)
  // A new file was renamed over the old one: a reader at that moment has one of the two.
  expect((await stat(file)).ino).not.toBe(before)
  expect(await readdir(folder)).toEqual(['support-tickets.json'])
  expect(told).toEqual(['flow.saved support-tickets', 'flow.saved support-tickets'])
})

test('[AP26] what a crash left half written is cleared away and never read as a flow', async () => {
  const { folder, open, file } = await draftsWorld()
  await (await open()).write(forwardFlow(), null)
  await writeFile(path.join(folder, '.support-tickets.json.0123456789ab.tmp'), '{"half":')
  await writeFile(path.join(folder, '.keep.tmp'), 'not ours')
  expect((await (await open()).list()).map(({ id }) => id)).toEqual(['support-tickets'])
  expect((await readdir(folder)).toSorted()).toEqual(['.keep.tmp', 'support-tickets.json'])
  expect(await readFile(file, 'utf8')).toBe(flowFileText(forwardFlow()))
})

test('[AP26] a save that fails leaves the old draft and tells nobody', async () => {
  const { folder, open, told } = await draftsWorld()
  const drafts = await open()
  await drafts.write(forwardFlow(), null)
  told.length = 0
  const gone = `${folder}-away`
  await rename(folder, gone)
  onTestFinished(() => rm(gone, { recursive: true, force: true }))
  await expect(drafts.write(forwardFlow({ name: 'Lost' }), null)).rejects.toThrow('ENOENT')
  await rename(gone, folder)
  expect((await drafts.read(flowId('support-tickets')))?.flow?.name).toBe('Support mail to tickets')
  expect(told).toEqual([])
})

test('[AP27] a file changed, added or removed by hand shows up once, with what it says now', async () => {
  const { folder, clock, open, told, file } = await draftsWorld()
  const drafts = await open()
  const seen = await drafts.write(forwardFlow(), null)
  told.length = 0
  /** The watch tells of the change; the look comes after the quiet moment. */
  const look = async (count: number) => {
    await until(() => {
      clock.pass(200)
      return told.length >= count
    })
  }
  await writeFile(file, flowFileText(forwardFlow({ name: 'By hand' })))
  await look(1)
  await writeFile(path.join(folder, 'copied.json'), await readFile(file))
  await look(2)
  await rm(file)
  await look(3)
  expect(told).toEqual(['flow.saved support-tickets', 'flow.saved copied', 'flow.deleted support-tickets'])
  await expect(drafts.write(forwardFlow(), seen.etag)).rejects.toMatchObject({ code: 'FLOW_CHANGED_MEANWHILE' })
})

test('[AP28] the file name is the id: a copied file is a flow of its own, and says what is odd', async () => {
  const { folder, open } = await draftsWorld()
  await writeFile(path.join(folder, 'copied.json'), flowFileText(forwardFlow()))
  const draft = await (await open()).read(flowId('copied'))
  expect([draft?.flow?.id, draft?.problems]).toEqual(['copied', [expect.objectContaining({ severity: 'warning', advice: expect.stringContaining('support-tickets') })]])
})

test('[AP28] names that are no ids, folders and unreadable files do no harm', async () => {
  const { folder, open } = await draftsWorld()
  for (const name of ['UPPER.json', 'two words.json', '.json', 'a.json.bak', 'notes.txt']) await writeFile(path.join(folder, name), flowFileText(forwardFlow()))
  await writeFile(path.join(folder, 'huge.json'), ' '.repeat(3 * 1024 * 1024))
  await mkdir(path.join(folder, 'folder.json'))
  const drafts = await (await open()).list()
  expect(drafts.map(({ id, flow, problems }) => [id, flow, problems.length])).toEqual([['huge', null, 1]])
})

test('[AP1] the same flow gives the same bytes, whatever order its keys came in', () => {
  const flow = forwardFlow()
  const shuffled = { view: flow.view, edges: flow.edges.map(({ from, to }) => ({ to, from })), nodes: flow.nodes.map(({ id, kind, config }) => ({ config, kind, id })), name: flow.name, id: flow.id, format: flow.format }
  expect(flowFileText(shuffled)).toBe(flowFileText(flow))
  expect(flowFileText({ ...flow, view: { positions: { ...flow.view.positions, gone: [1, 2] } } })).toBe(flowFileText(flow))
  expect(flowFileText({ ...flow, name: '[\n 1,\n 2\n]' })).toContain('"name": "[\\n 1,\\n 2\\n]"')
})
