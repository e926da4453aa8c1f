/** What the checker and the forms know of answers. */
import { expect, test } from 'vitest'
import { pasteClip, copyNodes } from '#editor/store/clip.ts'
import { previewFields } from '#editor/mapper/preview-fields.ts'
import { checkFlow } from '#shared/flow-check.ts'
import { flowSchema } from '#shared/flow.ts'
import type { JsonObject } from '#shared/json.ts'
import { targetOf } from '#shared/mapping/sources.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { filledByMode } from '#shared/sending/mode.ts'
import { readLines } from '../../mail/mime-letters.ts'

const connections = [{ id: 'inbox', kind: 'imap' }, { id: 'outbox', kind: 'smtp' }]
const receive = { id: 'receive', kind: 'receive-email', config: { connection: 'inbox' } }
const trouble = { id: 'trouble', kind: 'mailbox-event', config: {} }
const fetch = { id: 'fetch', kind: 'fetch-mail', config: { connection: 'inbox', mail: '7' } }
const send = (config: JsonObject) => ({ id: 'send', kind: 'send-email', config: { connection: 'outbox', from: 'desk@y.org', ...config } })
const map = (rows: readonly JsonObject[]) => ({ id: 'map', kind: 'map-data', config: { rows } })
interface Drawn { readonly id: string; readonly kind: string; readonly config: object }
const chain = (...nodes: readonly Drawn[]) => ({ format: 1, id: 'f', name: 'F', nodes, edges: nodes.slice(1).map((node, at) => ({ from: nodes[at]?.id ?? '', to: node.id })) })
const said = (flow: unknown) => checkFlow(flow, { connections }).problems.map(({ code, severity, node, field }) => `${code} ${severity} ${node} ${field}`)

test('[SX72] an answer needs no To; a mapping in front of it is not asked for one either, a forward is', () => {
  for (const mode of ['reply', 'reply-all']) {
    expect(said(chain(receive, send({ mode })))).toEqual([])
    expect(said(chain(receive, map([{ to: 'text', value: 'x' }]), send({ mode })))).toEqual([])
  }
  expect(said(chain(receive, send({ mode: 'forward' })))).toEqual(['MAP_REQUIRED_TARGET error send to'])
  expect(said(chain(receive, send({})))).toEqual(['MAP_REQUIRED_TARGET error send to'])
  const target = (mode: string) => targetOf(flowSchema.parse(chain(receive, map([]), send({ mode }))), 'map').fields?.['to']?.required
  expect([target('new'), target('reply'), target('forward')]).toEqual([true, false, true])
})

test('[SX72] an answer where runs have no mail is a problem, and so is a mail that no step in front fetches', () => {
  expect(said(chain(trouble, send({ mode: 'reply' })))).toEqual(['NODE_CONFIG error send mode'])
  expect(checkFlow(chain(trouble, send({ mode: 'reply' })), { connections }).problems[0]?.advice).toBe('A run that When a mailbox has trouble starts has no mail to answer or to forward. Choose "a new mail", or fetch a mail in front.')
  expect(said(chain(trouble, fetch, send({ mode: 'reply', of: 'fetch' })))).toEqual([])
  expect(said(chain(receive, fetch, send({ mode: 'forward', to: 'a@x.org', of: 'fetch' })))).toEqual([])
  expect(said(chain(receive, fetch, send({ mode: 'reply', of: 'receive' })))).toEqual(['NODE_CONFIG error send of'])
  expect(said(chain(receive, send({ mode: 'reply', of: 'gone' }), fetch))).toContain('NODE_CONFIG error send of')
  // Of a new mail these settings mean nothing.
  expect(said(chain(trouble, send({ to: 'a@x.org', of: 'gone' })))).toEqual([])
})

test('[SX73] the card says what is sent, and the form which fields the mail fills', () => {
  const card = (config: JsonObject) => nodeDescriptions['send-email'].card(config).lines.find(({ label }) => label === 'Sends')?.value
  expect([card({}), card({ mode: 'reply' }), card({ mode: 'reply-all' }), card({ mode: 'forward' })]).toEqual([undefined, 'a reply', 'a reply to all', 'the mail, forwarded'])
  expect([{}, { mode: 'reply' }, { mode: 'reply-all' }, { mode: 'forward' }, { mode: 'nonsense' }].map(filledByMode)).toEqual([[], ['to', 'subject'], ['to', 'cc', 'subject'], ['subject'], []])
})

test('[SX73] the preview shows whom an answer goes to and what it is called, and why it goes to nobody', async () => {
  const mail = await readLines('From: Anna <anna@x.org>', 'To: desk@y.org, bea@x.org', 'Subject: AW: Printer', '', 'x')
  const next = (config: JsonObject) => flowSchema.shape.nodes.parse([send(config)])[0] ?? null
  const show = (config: JsonObject, value: JsonObject = {}, of = mail) => previewFields({ value, priority: {} }, next(config), {}, of, ['in@y.org']).map((field) => [field.name, field.from, field.value])
  const [anna, bea] = [{ name: 'Anna', address: 'anna@x.org', domain: 'x.org' }, { name: '', address: 'bea@x.org', domain: 'x.org' }]
  expect(show({ mode: 'reply-all' })).toEqual([['from', 'form', 'desk@y.org'], ['to', 'mail', [anna]], ['cc', 'mail', [bea]], ['subject', 'mail', 'Re: Printer']])
  expect(show({ mode: 'reply-all', cc: 'dan@z.org' }, { subject: 'Done', to: 'boss@z.org' })).toEqual([['from', 'form', 'desk@y.org'], ['to', 'mapped', 'boss@z.org'], ['cc', 'form', 'dan@z.org'], ['cc', 'mail', [bea]], ['subject', 'mapped', 'Done']])
  expect(show({ mode: 'forward', to: 'boss@z.org' })).toEqual([['from', 'form', 'desk@y.org'], ['to', 'form', 'boss@z.org'], ['subject', 'mail', 'Fwd: Printer']])
  expect(show({ mode: 'reply' }, {}, { ...mail, ambiguousSender: true })[1]).toEqual(['to', 'mail', 'nobody: it names more than one sender, and nobody can tell which one is real'])
  // The fetched mail is known in a run alone.
  expect(show({ mode: 'reply', of: 'fetch' })).toEqual([['from', 'form', 'desk@y.org']])
})

test('[SX74] a pasted answer answers the mail that the pasted step fetches', () => {
  const drawn = flowSchema.parse(chain(receive, fetch, send({ mode: 'reply', of: 'fetch' })))
  const both = copyNodes(drawn, ['fetch', 'send'])
  const alone = copyNodes(drawn, ['send'])
  const ofPasted = (clip: typeof both) => clip && pasteClip(drawn, clip, { x: 0, y: 0 }).flow.nodes.at(-1)?.config['of']
  expect([ofPasted(both), ofPasted(alone)]).toEqual(['fetch2', 'fetch'])
})
