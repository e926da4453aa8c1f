/** The commands that need no server: check, try, mail, functions; and a serve that is called wrongly. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dropFolder, makeFolder } from '../product.ts'
import { forwardFlow, letter } from '../world.ts'
import { callMailweave } from './program.ts'

let folder: string
beforeEach(async () => { folder = await makeFolder() })
afterEach(async () => { await dropFolder(folder) })

const mailweave = (...words: string[]) => callMailweave(folder, words)
const put = async (name: string, content: string | Buffer): Promise<string> => {
  await writeFile(path.join(folder, name), content)
  return name
}

type Draft = Record<string, unknown> & { nodes: Record<string, unknown>[]; edges: Record<string, unknown>[] }
/** The forwarding flow as a file, spoiled in one way. */
function spoiled(change: (draft: Draft) => void): string {
  // The flow is plain JSON; here it may become one that no schema lets pass.
  const draft = JSON.parse(JSON.stringify(forwardFlow())) as Draft
  change(draft)
  return JSON.stringify(draft)
}
const second = (draft: Draft) => ({ ...draft.nodes[0], id: 'receive-again' })

const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['no JSON', '{ "format": 1, "id": "f" ', /not a flow file|JSON/],
  ['an unknown kind of step', spoiled((draft) => { draft.nodes.push({ id: 'strange', kind: 'send-pigeon', config: {} }); draft.edges.push({ from: 'map', to: 'strange' }) }), /error in strange/],
  ['a circle', spoiled((draft) => { draft.edges.push({ from: 'send', to: 'map' }) }), /error.*(circle|itself|back)/i],
  ['a line to nowhere', spoiled((draft) => { draft.edges.push({ from: 'map', to: 'nobody' }) }), /error.*nobody/],
  ['two receivers of one folder', spoiled((draft) => { draft.nodes.push(second(draft)); draft.edges.push({ from: 'receive-again', to: 'map' }) }), /error in receive-again: This folder is watched twice in this flow/],
  ['no connection chosen', spoiled((draft) => { draft.nodes[2] = { id: 'send', kind: 'send-email', config: { from: 'desk@example.org' } } }), /error in send \(connection\)/],
]

test.each(wrong)('[AP42] check names what is wrong with a flow file: %s', async (_, text, says) => {
  const file = await put('flow.json', text)
  const { code, out } = await mailweave('check', file)
  expect(out).toMatch(says)
  expect(out.split('\n').filter((line) => line !== '').every((line) => line.startsWith(`${file}: `))).toBe(true)
  expect(out).not.toContain('fit to be deployed')
  expect(code).toBe(1)
})

test('[AP42] check tells the good file from the bad one and ends with 1 for both together', async () => {
  const good = await put('good.json', JSON.stringify(forwardFlow()))
  const bad = await put('bad.json', 'nothing')
  expect(await mailweave('check', good)).toEqual({ code: 0, out: `${good}: fit to be deployed\n`, err: '' })
  const both = await mailweave('check', good, bad)
  expect(both.code).toBe(1)
  expect(both.out).toContain(`${good}: fit to be deployed\n`)
  expect(await mailweave('check', 'missing.json')).toMatchObject({ code: 1, err: 'missing.json can\'t be read: ENOENT\n' })
})

test('[AP41] try says what would be sent, in the shape that programs read', async () => {
  const flow = await put('flow.json', JSON.stringify(forwardFlow()))
  const mail = await put('one.eml', letter('Invoice 7'))
  const { code, out } = await mailweave('try', flow, '--mail', mail, '--json')
  expect(code).toBe(0)
  const result = JSON.parse(out) as Record<string, unknown>
  expect(Object.keys(result).sort()).toEqual(['outgoing', 'state', 'steps'])
  expect(result).toMatchObject({
    state: 'done',
    outgoing: [{ node: 'send', envelope: { from: 'desk@example.org', to: ['tickets@dest.example'] }, subject: 'Fwd: Invoice 7', text: expect.stringContaining('About Invoice 7.') as string, attachments: [] }],
    steps: [{ node: 'receive', state: 'done', error: null }, { node: 'map', state: 'done', error: null }, { node: 'send', error: null }],
  })
  expect(JSON.stringify(result['outgoing'])).toContain('{"name":"Subject","value":"Fwd: Invoice 7"}')
})

test('[AP41] try of several mails gives one JSON a line, and 1 as soon as one failed', async () => {
  const flow = await put('flow.json', spoiled((draft) => {
    draft.nodes[1] = { id: 'map', kind: 'map-data', config: { rows: [{ to: 'to', from: ['receive.subject'] }, { to: 'text', from: ['receive.text'] }] } }
  }))
  const good = await put('good.eml', letter('someone@dest.example'))
  const bad = await put('bad.eml', letter('nobody in particular'))
  const { code, out } = await mailweave('try', flow, '--mail', good, '--mail', bad, '--json')
  const results = out.trim().split('\n').map((line) => JSON.parse(line) as { state: string; steps: { error: { code: string } | null }[] })
  expect(results.map((result) => result.state)).toEqual(['done', 'failed'])
  expect(results[1]?.steps.flatMap((step) => step.error?.code ?? [])).not.toEqual([])
  expect(code).toBe(1)
  const shown = await mailweave('try', flow, '--mail', bad)
  expect(shown.out).toContain('bad.eml: failed')
  expect(shown.code).toBe(1)
})

test('[RN146] try --start begins at the named trigger; one that hears of mailboxes needs no mail', async () => {
  const flow = await put('flow.json', spoiled((draft) => {
    draft.nodes.push({ id: 'trouble', kind: 'mailbox-event', config: {} }, { id: 'tell', kind: 'send-email', config: { connection: 'outbox', from: 'a@x.example', to: 'ops@x.example', subject: 'Trouble' } })
    draft.edges.push({ from: 'trouble', to: 'tell' })
  }))
  const trouble = await mailweave('try', flow, '--start', 'trouble')
  expect(trouble).toMatchObject({ code: 0, out: expect.stringContaining('would send (tell) to ops@x.example') as string })
  expect((await mailweave('try', flow)).code).not.toBe(0)
  const mail = await put('one.eml', letter('Invoice 7'))
  expect((await mailweave('try', flow, '--mail', mail, '--start', 'receive')).out).toContain('Fwd: Invoice 7')
  expect(await mailweave('try', flow, '--mail', mail, '--start', 'nowhere')).toMatchObject({ code: 1, out: expect.stringContaining('no start named "nowhere"') as string })
})

test('[AP41] mail prints the canonical mail: whole for one file, one line each for several', async () => {
  const first = await put('one.eml', letter('Invoice 7'))
  const other = await put('two.eml', letter('Invoice 8'))
  const one = await mailweave('mail', first)
  expect(one.code).toBe(0)
  expect(JSON.parse(one.out)).toMatchObject({ subject: 'Invoice 7', from: { name: 'Ana Pereira', address: 'ana@client.example', domain: 'client.example' }, messageId: 'Invoice-7@client.example', date: '2026-11-20T10:00:00.000Z' })
  const both = await mailweave('mail', first, other)
  expect(both.out.trim().split('\n').map((line) => (JSON.parse(line) as { subject: string }).subject)).toEqual(['Invoice 7', 'Invoice 8'])
  expect(await mailweave('mail', 'missing.eml')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('missing.eml') as string })
})

test('[AP40] functions lists the catalogue for people and for programs', async () => {
  const shown = await mailweave('functions')
  const listed = await mailweave('functions', '--json')
  const names = (JSON.parse(listed.out) as { name: string }[]).map((one) => one.name)
  expect(names).toContain('prepend')
  expect(shown.out.trim().split('\n').map((line) => line.split(' ')[0])).toEqual(names)
  expect([shown.code, listed.code]).toEqual([0, 0])
})

test('[AP36] serve refuses a token that could be guessed, and a port that is none', async () => {
  const short = await callMailweave(folder, ['serve', '--port', '0', '--no-sandbox'], { MAILWEAVE_TOKEN: 'short' })
  expect(short).toMatchObject({ code: 1, out: '', err: expect.stringContaining('MAILWEAVE_TOKEN needs at least 16 characters') as string })
  const port = await mailweave('serve', '--port', '99999')
  expect(port).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--port') as string })
})
