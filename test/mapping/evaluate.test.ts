/** Rows run over a mail: what comes out is what the outgoing mail takes, or a problem that says why not. */
import { expect, test } from 'vitest'
import { compileMapping, evaluateMapping } from '#shared/mapping/evaluate.ts'
import { listPaths, readPath } from '#shared/mapping/paths.ts'
import type { Mail } from '#shared/mail.ts'
import { mailShape, outgoingShape } from '#shared/shape.ts'
import { jane, mail, run, runRow, scopeOf, sources } from './sample.ts'

test('[MP30] fixed values, fields, chains and lists fill the outgoing mail', async () => {
  const { value, problem } = await run([
    { to: 'to', value: 'Tickets <tickets@example.org>; ops@example.org' },
    { to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: 'Ticket: ' }] },
    { to: 'text', from: ['receive.from.address', 'receive.text'], through: [{ fn: 'join', with: '\n\n' }] },
    { to: 'attachments', from: ['receive.attachments'] },
    { to: 'headers.X-Ticket', from: ['receive.headers.X-Ticket'] },
    { to: 'references', from: ['receive.references', 'receive.messageId'] },
  ])
  expect(problem).toBeNull()
  expect(value).toEqual({
    to: [{ name: 'Tickets', address: 'tickets@example.org', domain: 'example.org' }, { name: '', address: 'ops@example.org', domain: 'example.org' }],
    subject: 'Ticket: Printer broken', text: 'jane@example.org\n\nIt <b>does</b> not print.\nOrder #4711',
    attachments: mail.attachments, headers: { 'X-Ticket': '77' }, references: ['m0@example.org', 'm1@example.org'],
  })
})

test('[MP31] a value becomes what its target takes', async () => {
  expect(await runRow({ to: 'subject', from: ['receive.from'] })).toBe('Jane Doe <jane@example.org>')
  expect(await runRow({ to: 'subject', from: ['receive.to'] })).toBe('joe@elsewhere.net, Jane Doe <jane@example.org>')
  expect(await runRow({ to: 'subject', from: ['receive.size'] })).toBe('1234')
  expect(await runRow({ to: 'cc', from: ['receive.from', 'receive.to.0'] })).toEqual([jane, mail.to[0]])
  expect(await runRow({ to: 'cc', from: ['receive.from.address'] })).toEqual([{ ...jane, name: '' }])
  expect(await runRow({ to: 'from', value: 'a@b.de' })).toEqual({ name: '', address: 'a@b.de', domain: 'b.de' })
  expect(await runRow({ to: 'attachments', from: ['receive.attachments.0'] })).toEqual(mail.attachments)
})

test('[MP32] text is escaped on its way into HTML and HTML becomes text on its way into text', async () => {
  expect(await runRow({ to: 'html', from: ['receive.text'] })).toBe('It &lt;b&gt;does&lt;/b&gt; not print.<br>\nOrder #4711')
  expect(await runRow({ to: 'html', from: ['receive.html'] })).toBe('<p>It does <b>not</b> print.</p>')
  expect(await runRow({ to: 'text', from: ['receive.html'] })).toBe('It does not print.')
  expect(await runRow({ to: 'html', value: '<b>typed</b>' })).toBe('<b>typed</b>')
  expect(await runRow({ to: 'html', expression: 'receive.text' })).toContain('&lt;b&gt;')
  expect(await runRow({ to: 'html', from: ['receive.html', 'receive.text'], through: [{ fn: 'join', with: '<hr>' }] }))
    .toBe('<p>It does <b>not</b> print.</p><hr>It &lt;b&gt;does&lt;/b&gt; not print.<br>\nOrder #4711')
  expect(await runRow({ to: 'html', from: ['receive.text'], through: [{ fn: 'truncate', length: 6, ending: '' }, { fn: 'textToHtml' }] })).toBe('It &lt;b&gt;')
})

test('[MP33] a line break never reaches a header field', async () => {
  const hostile = { ...mail, subject: 'Hi\r\nBcc: e@evil.org\r\n\r\nbody', headers: [{ name: 'X-Ticket', value: '1\nX-Evil: 2' }], from: { ...jane, name: 'J\r\nBcc: e@evil.org' } }
  expect(await runRow({ to: 'subject', from: ['receive.subject'] }, hostile)).toBe('Hi Bcc: e@evil.org body')
  expect(await runRow({ to: 'subject', template: '{{receive.subject}}\n\u2028x' }, hostile)).toBe('Hi Bcc: e@evil.org body x')
  const { value } = await run([{ to: 'headers.X-A', from: ['receive.headers.X-Ticket'] }, { to: 'from', from: ['receive.from'] }, { to: 'inReplyTo', value: 'a\r\nb' }], hostile)
  expect(value).toEqual({ headers: { 'X-A': '1 X-Evil: 2' }, from: { ...jane, name: 'J Bcc: e@evil.org' }, inReplyTo: 'a b' })
})

test('[MP34] an address that is none is a problem, and the field stays empty', async () => {
  for (const bad of ['b@x\r\nBcc: e@evil.org', 'nobody', 'a@b.de, nobody']) {
    const { value, problem } = await run([{ to: 'to', value: bad }])
    expect([problem?.code, problem?.where, value]).toEqual(['SEND_BAD_ADDRESS', 'to', {}])
  }
  const forged = { ...mail, from: { name: 'x', address: 'a@b.de, e@evil.org', domain: 'b.de' } }
  expect((await run([{ to: 'to', from: ['receive.from'] }], forged)).problem?.code).toBe('SEND_BAD_ADDRESS')
  expect((await run([{ to: 'to', value: [{ address: 5 }] }])).problem?.code).toBe('SEND_BAD_ADDRESS')
  expect((await run([{ to: 'attachments', value: ['/etc/passwd'] }])).problem?.code).toBe('RUN_STEP_FAILED')
})

test('[MP35] each row tells its value, where it came from, and what stood behind each function', async () => {
  const { rows, priority } = await run([
    { to: 'subject', from: ['receive.subject'], through: [{ fn: 'uppercase' }, { fn: 'truncate', length: 8 }], priority: 'form' },
    { to: 'cc', from: ['receive.cc'] },
    { to: 'text', value: 'no', when: { from: 'receive.isBounce', is: 'true' }, otherwise: 'other' },
    { to: 'replyTo', value: 'a@b.de', when: { from: 'receive.isBounce', is: 'true' } },
  ])
  expect(rows).toEqual([
    { to: 'subject', value: 'PRINTER…', problem: null, from: 'mapped', steps: ['Printer broken', 'PRINTER BROKEN', 'PRINTER…'] },
    { to: 'cc', value: null, problem: null, from: 'empty', steps: [[]] },
    { to: 'text', value: 'other', problem: null, from: 'otherwise', steps: [] },
    { to: 'replyTo', value: null, problem: null, from: 'empty', steps: [] },
  ])
  expect(priority).toEqual({ subject: 'form' })
})

test('[MP36] of several rows for one field the first that has a value fills it', async () => {
  const rows = [
    { to: 'subject', value: 'Bounce', when: { from: 'receive.isBounce', is: 'true' } },
    { to: 'subject', from: ['receive.subject'] },
    { to: 'subject', value: '(none)' },
    { to: 'headers.X-A', value: '1' },
    { to: 'headers.x-a', value: '2' },
  ]
  expect((await run(rows)).value).toEqual({ subject: 'Printer broken', headers: { 'X-A': '1' } })
  expect((await run(rows, { ...mail, subject: '' })).value['subject']).toBe('(none)')
  expect((await run(rows, { ...mail, isBounce: true })).value['subject']).toBe('Bounce')
})

test.each([
  [{ from: 'receive.subject', is: 'contains', value: 'PRINTER' }, true], [{ from: 'receive.subject', is: 'not-contains', value: 'x' }, true],
  [{ from: 'receive.subject', is: 'equals', value: 'printer broken' }, true], [{ from: 'receive.subject', is: 'not-equals', value: 'printer broken' }, false],
  [{ from: 'receive.subject', is: 'starts-with', value: 'print' }, true], [{ from: 'receive.subject', is: 'ends-with', value: 'ken' }, true],
  [{ from: 'receive.to', is: 'contains', value: 'elsewhere' }, true], [{ from: 'receive.from', is: 'equals', value: 'jane@example.org' }, true],
  [{ from: 'receive.to', is: 'not-contains', value: 'elsewhere' }, false], [{ from: 'receive.cc', is: 'empty' }, true], [{ from: 'receive.to', is: 'not-empty' }, true],
  [{ from: 'receive.size', is: 'greater', value: 1000 }, true], [{ from: 'receive.size', is: 'less', value: '1000' }, false],
  [{ from: 'receive.date', is: 'less', value: '2026-04-01' }, true], [{ from: 'receive.subject', is: 'greater', value: 1 }, false],
  [{ from: 'receive.isList', is: 'false' }, true], [{ expression: '$count(receive.to) = 2' }, true], [{ expression: 'receive.nothing' }, false],
])('[MP37] the condition %j holds: %s', async (when, holds) => {
  expect(await runRow({ to: 'subject', value: 'yes', when, otherwise: 'no' })).toBe(holds ? 'yes' : 'no')
})

test('[MP38] a path reaches a value\'s own fields only, each item of a list, and headers by name', () => {
  const scope = scopeOf(mail)
  const read = (path: string): unknown => readPath(scope, path)
  expect(read('receive.to.address')).toEqual(['joe@elsewhere.net', 'jane@example.org'])
  expect([read('receive.to.1.name'), read('receive.to.9.name'), read('receive.to.-1')]).toEqual(['Jane Doe', null, []])
  expect([read('receive.headers.x-ticket'), read('receive.headers.X-Odd.Name'), read('receive.headers.X-None')]).toEqual(['77', 'odd', null])
  expect([read('receive.headers.name'), read('receive.headers.0.value')]).toEqual([['X-Ticket', 'x-ticket', 'X-Odd.Name'], '77'])
  for (const path of ['__proto__', 'receive.__proto__', 'receive.constructor', 'receive.constructor.name', 'receive.subject.length', 'receive.toString', 'receive.text.0', 'nothing.at.all', '']) {
    expect([path, read(path)]).toEqual([path, null])
  }
  expect([read('receive.to.length'), read('receive.to.__proto__')]).toEqual([[], []])
})

test('[MP39] nothing in a flow or a mail reaches the language\'s own objects', async () => {
  const evil = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as never
  const { value } = await run([
    { to: 'headers', value: evil },
    { to: 'headers.__proto__', value: 'x' }, { to: 'headers.constructor', value: 'x' }, { to: '__proto__.polluted', value: 'x' }, { to: 'constructor.prototype.polluted', value: 'x' },
    { to: 'text', expression: '{"__proto__": {"polluted": true}, "a": receive.__proto__, "b": receive.constructor, "c": $lookup(receive, "__proto__")}' },
    { to: 'inReplyTo', expression: '($merge([{"__proto__": {"polluted": 1}}]); receive ~> |$|{"__proto__": {"polluted": true}}|; "done")' },
    { to: 'subject', template: '{{receive.__proto__.polluted}}{{constructor.name}}{{#each receive.to}}{{this.__proto__}}{{/each}}.' },
    { to: 'html', from: ['receive.subject'], through: [{ fn: 'lookup', table: evil, otherwise: 'none' }] },
  ])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(value).toEqual({ inReplyTo: 'done', subject: '.', html: 'none' })
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
})

test('[MP40] without an expression the value is there at once, the same for the same mail', () => {
  const mapping = compileMapping([{ to: 'text', template: 'From was: {{receive.from.address}}\n\n{{receive.text}}' }], outgoingShape, sources)
  const first = evaluateMapping(mapping, scopeOf(mail))
  expect(first).toEqual(evaluateMapping(mapping, scopeOf(mail)))
  expect(first).toMatchObject({ value: { text: `From was: jane@example.org\n\n${mail.text}` }, problem: null })
})

test('[MP41] what a row does wrong is told by the row, and the others are still filled', async () => {
  const { rows, problem, value } = await run([
    { to: 'subjet', value: 'x' }, { to: 'to.address', value: 'x' }, { to: 'cc' }, { to: 'text', from: ['receive.text'], through: [{ fn: 'nope' }] }, { to: 'html', template: '{{#if' }, { to: 'subject', value: 'ok' },
  ])
  expect(rows.map((row) => row.problem?.code ?? null)).toEqual(['RUN_STEP_FAILED', 'RUN_STEP_FAILED', 'RUN_STEP_FAILED', 'RUN_STEP_FAILED', 'RUN_STEP_FAILED', null])
  expect([problem?.where, value]).toEqual(['subjet', { subject: 'ok' }])
})

const bounce: Mail['bounce'] = { kind: 'failed', recipients: [{ address: 'gone@example.org', action: 'failed', status: '5.1.1', diagnostic: 'no such user', remote: 'mx.example.org' }], messageId: 'm9@example.org', arrivedAt: '2026-01-01T00:00:00.000Z', reporter: 'mx.example.org' }
const invite: Mail['invite'] = {
  method: 'REQUEST', uid: 'e1', sequence: 1, summary: 'Review', description: 'x', location: 'Room 1', start: '2026-01-01T09:00:00.000Z', end: '2026-01-01T10:00:00.000Z', allDay: false,
  timeZone: 'Europe/Lisbon', organizer: jane, attendees: [{ name: 'Jo', address: 'jo@example.org', status: 'ACCEPTED', role: 'CHAIR' }], status: 'CONFIRMED', recurrence: 'FREQ=WEEKLY',
}

test('[MP42] the picker lists every field of a mail under a path that reads it', () => {
  const paths = listPaths(mailShape, 'receive')
  const filled = { ...mail, sender: jane, cc: [jane], bcc: [jane], replyTo: [jane], flags: ['x'], truncated: ['x'], receivedAt: '2026-01-01T00:00:00.000Z', bounce, invite }
  expect(paths.filter(({ path }) => readPath(scopeOf(filled), path) === null).map(({ path }) => path)).toEqual([])
  expect(paths.find(({ path }) => path === 'receive.to.address')).toEqual({ path: 'receive.to.address', title: 'To, Address', kind: 'list', help: '' })
  expect(new Set(paths.map(({ path }) => path)).size).toBe(paths.length)
})
