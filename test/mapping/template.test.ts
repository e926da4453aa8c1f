/** Templates: holes, blocks, escaping, and where a mistake stands. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '#shared/json.ts'
import { compileTemplate } from '#shared/mapping/template.ts'
import { toText } from '#shared/mapping/values.ts'
import { mail, runRow } from './sample.ts'

const text = (template: string, received = mail): Promise<Json> => runRow({ to: 'text', template }, received)
const html = (template: string, received = mail): Promise<Json> => runRow({ to: 'html', template }, received)

test('[MP50] holes hold fields and expressions, and what is missing is empty', async () => {
  expect(await text('From was: {{receive.from.address}}\n\n{{ receive.text }}')).toBe(`From was: jane@example.org\n\n${mail.text}`)
  expect(await text('{{receive.nothing}}[{{receive.to}}] {{receive.headers.X-Ticket}}')).toBe('[joe@elsewhere.net, Jane Doe <jane@example.org>] 77')
  expect(await text('{{ $uppercase(receive.subject) & "}}" }} {{ {"a": {"b": receive.size}}.a.b }} {{"{{"}}')).toBe('PRINTER BROKEN}} 1234 {{')
  expect(await text('no holes } { }} here')).toBe('no holes } { }} here')
})

test('[MP51] blocks choose and repeat, inside each other too', async () => {
  expect(await text('{{#if receive.isBounce}}bounce{{else}}mail{{/if}}{{#if receive.cc}}!{{/if}}')).toBe('mail')
  expect(await text('{{#each receive.to}}{{this.address}}{{#if this.name}} ({{this.name}}){{/if}}; {{/each}}')).toBe('joe@elsewhere.net; jane@example.org (Jane Doe); ')
  expect(await text('{{#each receive.to}}{{#each receive.references}}{{this}} {{/each}}{{ $length(this.address) }},{{/each}}')).toBe('m0@example.org 17,m0@example.org 16,')
  expect(await text('{{#each receive.subject}}{{this}}{{/each}}{{#each receive.cc}}never{{/each}}')).toBe('Printer broken')
  expect(await text('{{#if $count(receive.to) > 1}}many{{/if}}')).toBe('many')
})

test('[MP52] in HTML what comes out of a hole can\'t act as markup, unless its field is HTML', async () => {
  const hostile = { ...mail, subject: '<script>"x"</script>&\'\n' }
  expect(await html('<a title="{{receive.subject}}">', hostile)).toBe('<a title="&lt;script&gt;&quot;x&quot;&lt;/script&gt;&amp;&#39;<br>\n">')
  expect(await html('{{ receive.subject & "<b>" }}', hostile)).toContain('&lt;b&gt;')
  expect(await html('<div>{{receive.html}}</div>')).toBe(`<div>${mail.html}</div>`)
  expect(await text('{{receive.html}}')).toBe('It does not print.')
})

test('[MP52] no text whatever opens a tag or leaves a quoted attribute', async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.constantFrom('<', '"', '\'', '&lt;', '>'), async (piece, sign) => {
    const written = toText(await html('[{{receive.subject}}]', { ...mail, subject: `${piece}${sign}${piece}` }))
    expect(written.replaceAll('<br>', '')).toMatch(/^\[[^<>"']*\]$/)
    expect(written).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)/)
  }), { numRuns: 200 })
})

test.each([
  ['x\n {{#if a}} {{b}}', 2, 2, 'never closed'], ['{{a', 1, 1, 'never closed'], ['ab{{/if}}', 1, 3, 'closes nothing'], ['{{#if a}}{{/each}}', 1, 10, 'closes nothing'],
  ['{{else}}', 1, 1, 'outside'], ['{{#if a}}{{else}}{{else}}{{/if}}', 1, 18, 'outside'], ['{{#each a}}\n\n{{else}}{{/each}}', 3, 1, 'outside'],
  ['{{}}', 1, 1, 'empty'], ['{{#with a}}{{/with}}', 1, 1, 'not known'], ['{{"a}}', 1, 1, 'never closed'], ['{{#if a}}'.repeat(30), 1, 181, 'inside each other'],
])('[MP53] the mistake in %j is named with line %d and column %d', (template, line, column, say) => {
  const { problem } = compileTemplate(template, { html: false, isHtml: () => false, field: '' })
  expect(problem).toMatchObject({ line, column })
  expect(problem?.say).toContain(say)
})

test('[MP54] any text is a template or has one problem, and a long one is read in one pass', () => {
  const piece = fc.constantFrom('{{', '}}', '{', '}', '#if ', '#each ', '/if', '/each', 'else', 'a.b', ' ', '"', '\'', '\n', 'this', '`', '\\')
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    const template = compileTemplate(pieces.join(''), { html: true, isHtml: () => false, field: '' })
    expect(template.problem === null || template.problem.line >= 1).toBe(true)
  }), { numRuns: 500 })
  for (const unit of ['{{a}}', '{{a}}\n', '{{', '{{"', '{', '{{#if a}}{{/if}}']) {
    const { holes, problem } = compileTemplate(unit.repeat(30_000), { html: false, isHtml: () => false, field: '' })
    expect(holes.length === 30_000 || problem !== null || unit === '{').toBe(true)
  }
})
