/** HTML that came with a mail and is sent on: made harmless, wherever it was drawn to; what the author of the flow wrote is theirs. */
import { expect, test } from 'vitest'
import type { Row } from '#shared/mapping/mapping.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { flowOf, jobOf, map, receive, send } from '../engine/compute-jobs.ts'
import { bytesOf, read } from '../mail/mime-letters.ts'

const hostile = '<html><head><style>p{}</style><script>alert(1)</script></head><body onload="x()"><p onclick="x()">Hi</p><a href="javascript:x()">a</a><a href="https://x.org/">b</a>'
  + '<form action="https://evil.example"><input name="password"></form><iframe src="https://evil.example"></iframe><img src="https://x.org/p.png" onerror="x()"><img src="cid:a@x"><svg onload="x()"></svg><meta http-equiv="refresh" content="0"><b>open'
const acts = /<script|onload|onclick|onerror|javascript:|<form|<input|<iframe|<svg|<meta|<style/i

async function sent(rows: readonly Row[], form: Partial<SendEmailConfig> = {}, html = hostile) {
  const letter = bytesOf('From: a@x.org', 'Content-Type: text/html', '', html)
  const { sends, problem } = await computeFlow(jobOf(flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }, ...rows]), send(form)]), letter))
  expect(problem).toBeNull()
  const raw = sends[0]?.raw
  return raw?.kind === 'bytes' ? (await read(raw.bytes)).html.trim() : ''
}

test('[SX112] a mail\'s HTML that is sent on is balanced and neither acts nor asks; its words, links and pictures are the same', async () => {
  const html = await sent([{ to: 'html', from: ['receive.html'] }])
  expect(html).not.toMatch(acts)
  expect(html).toBe('<div><p>Hi</p><a>a</a><a href="https://x.org/">b</a><img src="https://x.org/p.png"><b>open</b></div>')
})

test('[SX112] no way into the mail goes around it: functions, several fields, templates, typed texts, a mapping behind a mapping', async () => {
  const ways: readonly (readonly [readonly Row[], Partial<SendEmailConfig>?])[] = [
    [[{ to: 'html', from: ['receive.html'], through: [{ fn: 'replace', find: 'Hi', with: '<script>alert(1)</script>' }] }]],
    [[{ to: 'html', from: ['receive.subject', 'receive.html'], through: [{ fn: 'join', with: '<hr>' }] }]],
    [[{ to: 'html', template: '<div>{{receive.html}}</div>' }]],
    [[{ to: 'html', template: '{{#if receive.html}}{{receive.html}}{{/if}}' }]],
    [[], { html: '<div>{{receive.html}}</div>' }],
    [[{ to: 'html', from: ['receive.html'] }], { html: '{{map.html}}', priority: 'form' }],
  ]
  for (const [rows, form] of ways) {
    const html = await sent(rows, form)
    expect([html, acts.test(html), html.includes('Hi') || html.includes('open')]).toEqual([html, false, true])
  }
  // A hole's HTML closes nothing of the page around it.
  expect(await sent([], { html: '<table><tr><td>{{receive.html}}</td></tr></table>' }, '</td></tr></table><p>out</p>')).toBe('<table><tr><td><p>out</p></td></tr></table>')
})

test('[SX112] what the author of the flow writes stays as it is', async () => {
  const own = '<style>p{color:red}</style><form action="https://ours.example"><button>Answer</button></form>'
  expect(await sent([{ to: 'html', value: own }])).toBe(own)
  expect(await sent([{ to: 'html', template: `${own}{{receive.html}}` }], {}, '<p>x</p>')).toBe(`${own}<p>x</p>`)
  expect(await sent([], { html: own })).toBe(own)
})
