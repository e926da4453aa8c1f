/** The checker of rows: every problem names its field and says what to do. */
import { expect, test } from 'vitest'
import { mappingFunctions } from '#shared/mapping/functions/index.ts'
import { findNearest } from '#shared/mapping/nearest.ts'
import { check } from './sample.ts'

const codes = async (...rows: unknown[]): Promise<readonly string[]> => (await check(rows)).map(({ code, severity, field }) => `${code} ${severity} ${field}`)

test('[MP70] rows that fit have no problem', async () => {
  expect(await codes(
    { to: 'to', from: ['receive.from', 'receive.cc'] }, { to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: 'Re: ' }] },
    { to: 'text', from: ['receive.from.address', 'receive.text'], through: [{ fn: 'join', with: '\n' }] }, { to: 'html', template: '{{#each receive.to}}{{this.name}} {{this}}{{/each}}{{ $now() }}' },
    { to: 'attachments', from: ['receive.attachments'] }, { to: 'headers.X-A', from: ['run.id'], when: { from: 'receive.headers.X-B', is: 'empty' } },
    { to: 'cc', from: ['receive.subject'], through: [{ fn: 'extract', pattern: '\\S+@\\S+' }] }, { to: 'inReplyTo', from: ['receive.date'], through: [{ fn: 'addDays', days: 1 }, { fn: 'formatDate', pattern: 'yyyy' }] },
    { to: 'replyTo', from: ['receive.replyTo', 'receive.from'], through: [{ fn: 'oneOf' }] },
  )).toEqual([])
})

test('[MP71] an unknown field is named, with the nearest that exists', async () => {
  const problems = await check([{ to: 'subjet', from: ['receive.subjct', 'nobody.text', 'recieve.text'], template: '{{receive.fron.address}} {{x}}', when: { from: 'receive.isbounce', is: 'true' } }])
  expect(problems.map(({ code, field }) => `${code} ${field}`)).toEqual([
    'MAP_UNKNOWN_TARGET rows.0.to', 'MAP_NO_VALUE rows.0', 'MAP_UNKNOWN_SOURCE rows.0.from.0', 'MAP_UNKNOWN_SOURCE rows.0.from.1', 'MAP_UNKNOWN_SOURCE rows.0.from.2',
    'MAP_UNKNOWN_SOURCE rows.0.template', 'MAP_UNKNOWN_SOURCE rows.0.template', 'MAP_UNKNOWN_SOURCE rows.0.when.from',
  ])
  expect(problems.map(({ advice }) => /Did you mean "(.*)"/.exec(advice)?.[1] ?? null)).toEqual(['subject', null, 'receive.subject', null, 'receive.text', 'receive.from.address', null, 'receive.isBounce'])
  expect(findNearest('x', [])).toBeNull()
})

test('[MP72] functions and their arguments are checked by name and kind', async () => {
  const through = [
    { fn: 'prepnd' }, { fn: 'prepend' }, { fn: 'prepend', text: 'a', txt: 'b' }, { fn: 'truncate', length: 'x' }, { fn: 'split', at: ',', trim: 'yes' },
    { fn: 'extract', pattern: '(' }, { fn: 'formatDate', pattern: 'yyyy', zone: 'Mars/Base' }, { fn: 'lookup', table: {} }, { fn: 'replace', find: {} }, { fn: 'trim', x: 1 },
  ]
  expect(await codes({ to: 'subject', from: ['receive.subject'], through })).toEqual([
    'MAP_UNKNOWN_FUNCTION error rows.0.through.0.fn', 'MAP_BAD_ARGUMENT error rows.0.through.1.text', 'MAP_BAD_ARGUMENT error rows.0.through.2.txt',
    'MAP_BAD_ARGUMENT error rows.0.through.3.length', 'MAP_BAD_ARGUMENT error rows.0.through.4.trim', 'MAP_BAD_ARGUMENT error rows.0.through.5.pattern',
    'MAP_BAD_ARGUMENT error rows.0.through.6.zone', 'MAP_BAD_ARGUMENT error rows.0.through.7.table', 'MAP_BAD_ARGUMENT error rows.0.through.8.find', 'MAP_BAD_ARGUMENT error rows.0.through.9.x',
  ])
})

test('[MP72] each function\'s own example passes the check', async () => {
  for (const { name, example } of mappingFunctions) {
    expect([name, (await codes({ to: 'subject', expression: 'receive.any', through: [{ fn: name, ...example.args }] })).filter((line) => line.startsWith('MAP_BAD_ARGUMENT'))]).toEqual([name, []])
  }
})

test.each([
  [{ to: 'to', from: ['receive.date'] }, 'error'], [{ to: 'attachments', from: ['receive.text'] }, 'error'], [{ to: 'attachments', value: 'x' }, 'error'], [{ to: 'cc', value: 'a@b.de, nobody' }, 'error'],
  [{ to: 'to', from: ['receive.attachments'] }, 'error'], [{ to: 'subject', from: ['receive.from'], through: [{ fn: 'round' }] }, 'error'],
  [{ to: 'subject', from: ['receive.to'], through: [{ fn: 'formatDate' }] }, 'error'], [{ to: 'subject', from: ['receive.date'], through: [{ fn: 'domainOf' }] }, 'error'],
  [{ to: 'subject', from: ['receive.to'] }, 'warning'], [{ to: 'text', from: ['receive.subject', 'receive.text'] }, 'warning'], [{ to: 'text', from: ['receive.auth'] }, 'warning'],
  [{ to: 'subject', from: ['receive.to'], through: [{ fn: 'domainOf' }, { fn: 'uppercase' }] }, 'warning'],
])('[MP73] %j does not fit: %s', async (row, severity) => {
  expect((await check([row])).map((problem) => `${problem.code} ${problem.severity}`)).toEqual([`MAP_TYPE ${severity}`])
})

test('[MP74] a row needs one source, and a field one unconditional row', async () => {
  expect(await codes({ to: 'subject' })).toEqual(['MAP_NO_VALUE error rows.0'])
  expect(await codes({ to: 'subject', value: 'a', from: ['receive.subject'] })).toEqual(['MAP_NO_VALUE error rows.0'])
  const when = { from: 'receive.isBounce', is: 'true' }
  expect(await codes({ to: 'subject', value: 'a', when }, { to: 'subject', value: 'b' })).toEqual([])
  expect(await codes({ to: 'headers.X-A', value: 'a' }, { to: 'headers.x-a', value: 'b' }, { to: 'subject', value: 'a' }, { to: 'subject', value: 'b', when }))
    .toEqual(['MAP_DUPLICATE_TARGET error rows.1.to', 'MAP_DUPLICATE_TARGET error rows.3.to'])
})

test('[MP75] mistakes in expressions and templates are named with their place', async () => {
  const problems = await check([{ to: 'subject', expression: 'a +' }, { to: 'text', template: 'x\n{{#if a' }, { to: 'html', template: 'x\n {{ 1 + }}' }, { to: 'cc', expression: '  ' }, { to: 'bcc', value: 'a@b.de', when: { expression: '(' } }])
  expect(problems.map(({ code, field }) => `${code} ${field}`)).toEqual([
    'MAP_EXPRESSION rows.0.expression', 'MAP_TEMPLATE rows.1.template', 'MAP_EXPRESSION rows.2.template', 'MAP_EXPRESSION rows.3.expression', 'MAP_EXPRESSION rows.4.when.expression',
  ])
  expect(problems[1]?.advice).toContain('line 2, column 1')
  expect(problems[2]?.advice).toContain('Template line 2, column 2')
})

test('[MP76] a hostile mapping gives a bounded list of problems', async () => {
  const rows = Array.from({ length: 500 }, () => ({ to: 'x', from: Array.from({ length: 50 }, (_, at) => `receive.subjec${at}`), template: '{{a}}'.repeat(1000) }))
  expect((await check(rows)).length).toBe(200)
})

test('[MP77] headers that belong to the mail itself, or are none, can\'t be filled', async () => {
  const names = ['Bcc', 'message-id', 'Content-Type', 'X Y', 'X-Ü', 'a:b', 'X-Mailweave-Flow', '__proto__', '']
  expect(await codes(...names.map((name) => ({ to: `headers.${name}`, value: 'x' })))).toEqual(names.map((_, at) => `MAP_UNKNOWN_TARGET error rows.${at}.to`))
  expect(await codes({ to: 'headers.X-Ticket', value: 'x' }, { to: 'headers.Importance', value: 'high' })).toEqual([])
})
