/** The mapping form's logic without a browser: editing rows, picking fields, and the values they work on. */
import { expect, test } from 'vitest'
import { fromLine, toLine } from '#editor/mapper/argument-input.tsx'
import { isOfRow } from '#editor/mapper/mapping-form.tsx'
import { listFields, searchFields } from '#editor/mapper/pick-fields.ts'
import { previewFields } from '#editor/mapper/preview-fields.ts'
import { copyRow, lacksUsualRows, makeStep, moveTo, nextTarget, withArgument, withField, withSource, withSteps, withUsualRows } from '#editor/mapper/row-edits.ts'
import { sayCondition, saySource, sayStep } from '#editor/mapper/row-words.ts'
import { makeScope } from '#editor/mapper/use-mapped.ts'
import { fillAll } from '#editor/mapper/use-typed.ts'
import { flowSchema } from '#shared/flow.ts'
import type { Mail } from '#shared/mail.ts'
import { compileMapping, evaluateMapping } from '#shared/mapping/evaluate.ts'
import { findFunction, mappingFunctions } from '#shared/mapping/functions/index.ts'
import { rowSchema, type Row } from '#shared/mapping/mapping.ts'
import { sourcesOf, targetOf } from '#shared/mapping/sources.ts'
import { compileTyped } from '#shared/sending/typed-fields.ts'
import { mailShape, outgoingShape } from '#shared/shape.ts'

const ana = { name: 'Ana Pereira', address: 'ana@client.example', domain: 'client.example' }
const mail: Mail = {
  messageId: 'x@client.example', inReplyTo: '', references: [], date: null, dateRaw: '', subject: 'Printer jams', from: ana, fromAll: [ana], sender: null, replyTo: [], to: [], cc: [], bcc: [],
  text: 'Again.', html: '', textDerived: false, replyText: 'Again.', quotedText: '', signature: '', attachments: [], headers: [{ name: 'X-Asset', value: 'PR-3' }, { name: 'X-Asset', value: 'PR-4' }],
  size: 1, receivedAt: null, folder: 'INBOX', uid: '1', flags: [], connection: '', auth: { spf: '', dkim: '', dmarc: '', by: '' }, isAutoReply: false, isBounce: false, bounce: null, invite: null, isList: false, ambiguousSender: false, truncated: [],
}
const flowOf = (rows: readonly Row[]) => flowSchema.parse({
  format: 1, id: 'tickets', name: 'Tickets',
  nodes: [
    { id: 'receive', kind: 'receive-email', config: {} }, { id: 'first', kind: 'map-data', config: { rows } },
    { id: 'second', kind: 'map-data', config: { rows: [] } }, { id: 'send', kind: 'send-email', config: {} },
  ],
  edges: [{ from: 'receive', to: 'first' }, { from: 'first', to: 'second' }, { from: 'second', to: 'send' }],
})
const subject: Row = { to: 'subject', from: ['receive.subject'] }

test('[ED60] the usual rows pass a mail on, and rows that are there stay as they are', () => {
  const own: Row = { to: 'subject', value: 'Fixed' }
  const rows = withUsualRows([own], 'receive', 'mail')
  expect(rows.map((row) => row.to)).toEqual(['subject', 'to', 'text', 'attachments'])
  expect(rows[0]).toBe(own)
  expect([lacksUsualRows([own], 'mail'), lacksUsualRows(rows, 'mail')]).toEqual([true, false])
})

test('[ED105] behind a trigger that hears of mailboxes the usual rows tell what happened', () => {
  const rows = withUsualRows([], 'trouble', 'event')
  expect(rows).toEqual([{ to: 'to', value: '' }, { to: 'subject', from: ['trouble.summary'] }, { to: 'text', from: ['trouble.say'] }])
  expect(lacksUsualRows(rows, 'event')).toBe(false)
})

test('[ED61] changing where a value comes from takes along what was there', () => {
  expect(withSource(subject, 'template')).toEqual({ to: 'subject', template: '{{receive.subject}}' })
  expect(withSource({ to: 'text', template: 'From {{ receive.from.name }}: {{receive.text}}' }, 'from')).toEqual({ to: 'text', from: ['receive.from.name', 'receive.text'] })
  expect(withSource({ to: 'text', template: 'Hello' }, 'value')).toEqual({ to: 'text', value: 'Hello' })
  expect(withSource({ to: 'text', value: 'Hello' }, 'template')).toEqual({ to: 'text', template: 'Hello' })
  expect(withSource(subject, 'from')).toBe(subject)
})

test('[ED61] functions and conditions survive a change of the source', () => {
  const row: Row = { ...subject, through: [{ fn: 'trim' }], when: { from: 'receive.subject', is: 'not-empty' } }
  expect(withSource(row, 'value')).toEqual({ to: 'subject', value: '', through: [{ fn: 'trim' }], when: row.when })
})

test('[ED62] rows and functions move, are copied and taken away without touching the others', () => {
  expect(moveTo(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
  const list = ['a', 'b']
  expect([moveTo(list, 0, -1), moveTo(list, 1, 2), moveTo(list, 5, 0)]).toEqual([list, list, list])
  expect(copyRow([subject, { to: 'text', value: '' }], 0).map((row) => row.to)).toEqual(['subject', 'subject', 'text'])
  expect(withSteps({ ...subject, through: [{ fn: 'trim' }] }, [])).toEqual(subject)
  expect(withField(withField(subject, 'otherwise', 'x'), 'otherwise', undefined)).toEqual(subject)
})

test('[ED62] a new row fills the next field that none fills, then own headers', () => {
  expect(nextTarget([], outgoingShape)).toBe('to')
  expect(nextTarget([{ to: 'to', value: '' }, subject], outgoingShape)).toBe('text')
  const all = Object.keys(outgoingShape.fields ?? {}).map((to): Row => ({ to, value: '' }))
  expect(nextTarget(all, outgoingShape)).toBe('headers.X-')
})

test('[ED63] every function of the catalogue can be added, saved, said and taken back to its defaults', () => {
  for (const spec of mappingFunctions) {
    const step = makeStep(spec)
    expect(rowSchema.safeParse({ ...subject, through: [step] }).success, spec.name).toBe(true)
    expect(sayStep(step)).toContain(spec.title.toLowerCase())
    for (const { name } of spec.params) expect(withArgument(withArgument(step, name, 'x'), name, undefined)).not.toHaveProperty(name)
  }
  expect(findFunction('prepend')?.name).toBe('prepend')
})

test('[ED63] a line break in an argument is seen as ↵ and saved as a line break', () => {
  expect([toLine('\n\n'), fromLine('a↵b'), fromLine(toLine('(\\d+)\n'))]).toEqual(['↵↵', 'a\nb', '(\\d+)\n'])
})

test('[ED64] a folded row says in a few words what it does', () => {
  expect(saySource({ to: 'text', from: ['receive.from.address', 'receive.text'] }, 'receive')).toBe('from.address + text')
  expect(saySource({ to: 'text', from: ['first.text'] }, null)).toBe('first.text')
  expect(sayStep({ fn: 'prepend', text: 'Ticket: ' })).toBe('put in front “Ticket: ”')
  expect(sayStep({ fn: 'join', with: '\n\n' })).toBe('join blank line')
  expect(sayCondition({ from: 'receive.subject', is: 'contains', value: 'invoice' }, 'receive')).toBe('only when subject contains invoice')
})

test('[ED65] a field is found by its name, its path or its value in the real mail, with the value beside it', async () => {
  const flow = flowOf([])
  const fields = listFields(sourcesOf(flow, 'first'), await makeScope(flow, 'first', mail, '2026-11-20T10:00:00.000Z'))
  const find = (search: string) => searchFields(fields, search, 60).map((field) => [field.path, field.shown])
  expect(find('sender').map(([path]) => path)).toEqual(expect.arrayContaining(['receive.sender', 'receive.auth', 'receive.auth.spf']))
  expect(find('client.example')).toContainEqual(['receive.from.domain', 'client.example'])
  expect(find('from address')[0]).toEqual(['receive.from.address', 'ana@client.example'])
  expect(find('header x-asset')).toContainEqual(['receive.headers.X-Asset', 'PR-3'])
  expect(find('nothing like it')).toEqual([])
})

test('[ED65] one mail with a thousand different headers does not fill the list', async () => {
  const flow = flowOf([])
  const flood: Mail = { ...mail, headers: Array.from({ length: 1000 }, (_, index) => ({ name: `X-${index}`, value: 'v' })) }
  const fields = listFields(sourcesOf(flow, 'first'), await makeScope(flow, 'first', flood, ''))
  expect(fields.filter((field) => field.path.startsWith('receive.headers.X-'))).toHaveLength(80)
  expect(searchFields(fields, '', 60)).toHaveLength(60)
})

test('[ED66] the preview works on what mappings in front make of the mail', async () => {
  const flow = flowOf([{ to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: 'Ticket: ' }] }])
  const scope = await makeScope(flow, 'second', mail, '2026-11-20T10:00:00.000Z')
  const rows: Row[] = [{ to: 'subject', from: ['first.subject'], through: [{ fn: 'uppercase' }] }]
  const result = await evaluateMapping(compileMapping(rows, targetOf(flow, 'second'), sourcesOf(flow, 'second')), scope)
  expect(result.rows[0]).toMatchObject({ value: 'TICKET: PRINTER JAMS', steps: ['Ticket: Printer jams', 'TICKET: PRINTER JAMS'] })
})

test('[ED66] without a mail the rows still work, on nothing', async () => {
  const flow = flowOf([])
  const scope = await makeScope(flow, 'first', null, '2026-11-20T10:00:00.000Z')
  const result = await evaluateMapping(compileMapping([subject], targetOf(flow, 'first'), sourcesOf(flow, 'first')), scope)
  expect(result.rows[0]).toMatchObject({ from: 'empty', problem: null })
})

test('[ED64] a problem stands at its own row only', () => {
  expect([isOfRow('rows.2', 2), isOfRow('rows.2.from.0', 2), isOfRow('rows.20.to', 2), isOfRow('rows', 2)]).toEqual([true, true, false, false])
})

const next = (config: Readonly<Record<string, string>>) => flowSchema.shape.nodes.parse([{ id: 'send', kind: 'send-email', config }])[0] ?? null
const show = (...of: Parameters<typeof previewFields>) => Object.fromEntries(previewFields(...of).map((field) => [field.name, field.from]))
test('[ED67] the preview shows what is typed in the next step where no row fills a field, and who wins where both do', () => {
  const mapped = { value: { subject: 'Mapped', to: [ana] }, priority: {} }
  const typed = { from: 'desk@acme.example', subject: 'Typed', text: 'Typed', to: '' }
  expect(show(mapped, next(typed))).toEqual({ from: 'form', to: 'mapped', subject: 'mapped', text: 'form' })
  expect(show(mapped, next({ ...typed, priority: 'form' }))).toEqual({ from: 'form', to: 'mapped', subject: 'form', text: 'form' })
  expect(show({ ...mapped, priority: { subject: 'form' } }, next(typed))).toMatchObject({ subject: 'form' })
  expect(show({ ...mapped, priority: { subject: 'mapped' } }, next({ ...typed, priority: 'form' }))).toMatchObject({ subject: 'mapped' })
  expect(show(mapped, null)).toEqual({ to: 'mapped', subject: 'mapped' })
  // What is not sent for being blank is not shown either.
  expect(show({ ...mapped, value: { subject: ' ' } }, next({ ...typed, text: '  ' }))).toEqual({ from: 'form', subject: 'form' })
})

test('[SX100] the preview shows typed texts with their holes filled; one that can\'t be filled stays as it was typed', async () => {
  const config = { subject: 'Re: {{receive.subject}}', to: '{{receive.from}}', cc: '{{receive.subject}}' }
  const filled = await fillAll(compileTyped(config, { receive: mailShape }), { receive: { subject: 'Printer jams', from: ana } })
  const fields = previewFields({ value: {}, priority: {} }, next(config), filled)
  expect(Object.fromEntries(fields.map(({ name, value }) => [name, value]))).toEqual({ subject: 'Re: Printer jams', to: [ana], cc: '{{receive.subject}}' })
})
