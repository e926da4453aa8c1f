/** What is typed into Send Email may hold holes for fields of earlier steps. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkFlowFully, readFlow } from '#shared/flow-check.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { flowOf, jobOf, map, receive, send } from '../engine/compute-jobs.ts'
import { bytesOf, read } from '../mail/mime-letters.ts'

const letter = bytesOf('From: "Doe, Jane" <jane@x.org>', 'To: a@x.org, b@x.org', 'Subject: =?utf-8?q?Broken_printer?=', 'X-Evil: a@x.org>, Evil <evil@x.org', 'Content-Type: text/html', '', '<p>It <b>smokes</b></p>')
async function sent(form: Partial<SendEmailConfig>, bytes: Uint8Array = letter) {
  const { sends, problem } = await computeFlow(jobOf(flowOf([receive(), send({ to: 'to@x.org', ...form })]), bytes))
  const raw = sends[0]?.raw
  return { problem, envelope: sends[0]?.envelope, mail: raw?.kind === 'bytes' ? await read(raw.bytes) : null }
}

test('[SX100] subject, text and HTML that are typed are filled by fields of earlier steps; HTML is escaped, a header stays one line', async () => {
  const { mail, problem } = await sent({
    subject: 'Re: {{receive.subject}}\r\nX-Own: 1',
    text: '{{#if receive.from.name}}Dear {{receive.from.name}},{{else}}Hello,{{/if}}\n{{#each receive.to}}- {{this.address}}\n{{/each}}Run {{run.id}}',
    html: '<p title="{{receive.from}}">{{receive.headers.X-Evil}}</p>{{receive.html}}',
  })
  expect(problem).toBeNull()
  expect(mail?.subject).toBe('Re: Broken printer X-Own: 1')
  expect(mail?.text.trim()).toBe('Dear Doe, Jane,\n- a@x.org\n- b@x.org\nRun run-1')
  expect(mail?.html.trim()).toBe('<p title="&quot;Doe, Jane&quot; &lt;jane@x.org&gt;">a@x.org&gt;, Evil &lt;evil@x.org</p><p>It <b>smokes</b></p>')
})

test('[SX101] a hole among addresses is one address: it goes where it was declared, and its name is a name whatever it holds', async () => {
  const { envelope, mail, problem } = await sent({ to: 'desk@x.org; {{receive.from}}', cc: '"{{receive.from.name}}" <team@x.org>, {{#if receive.cc}}cc@x.org{{/if}}', bcc: '{{receive.to.1.address}}', replyTo: 'Desk <{{ receive.from.address }}>' })
  expect(problem).toBeNull()
  expect(envelope?.to).toEqual(['desk@x.org', 'jane@x.org', 'team@x.org', 'b@x.org'])
  expect(mail?.to).toMatchObject([{ address: 'desk@x.org' }, { name: 'Doe, Jane', address: 'jane@x.org' }])
  expect(mail?.cc).toMatchObject([{ name: 'Doe, Jane', address: 'team@x.org' }])
  expect(mail?.replyTo).toMatchObject([{ name: 'Desk', address: 'jane@x.org' }])
})

test('[SX101] a hole that comes out as anything but one address fails the run and names the field', async () => {
  for (const line of ['{{receive.to}}', '{{receive.headers.X-Evil}}', 'Desk <{{receive.headers.X-Evil}}>', '{{receive.subject}}', '{{#each receive.to}}{{this.address}},{{/each}}']) {
    const { problem } = await sent({ cc: line })
    expect([line, problem]).toMatchObject([line, { code: 'SEND_BAD_ADDRESS', where: 'send' }])
    expect(problem?.say).toContain('"Cc"')
  }
  // A mapped value that wins keeps the hole from being asked at all.
  const { problem } = await computeFlow(jobOf(flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }]), send({ to: '{{receive.subject}}' })]), letter))
  expect(problem).toBeNull()
})

test('[SX101] no value of a hole gets a line more recipients than it declares, or a header of its own', async () => {
  const nasty = fc.array(fc.constantFrom('a@x.org', 'evil@x.org', ',', ';', '<', '>', '"', '\\', ' ', '(', ')', ':', '@', '\t', '\u2028', '\u0000', 'Bcc: ', 'ä', '{{', '}}', '=?utf-8?q?=0D=0ABcc:_e@x.org?='), { maxLength: 12 })
  const lines = ['{{run.flow}}', 'x@y.org, {{run.flow}}', 'Desk <{{run.flow}}>', '{{run.flow}} <desk@x.org>', '"{{run.flow}}" <desk@x.org>', '<{{run.flow}}@x.org>', 'd{{run.flow}}@x.org']
  await fc.assert(fc.asyncProperty(nasty, fc.constantFrom(...lines), fc.constantFrom('to' as const, 'cc' as const, 'bcc' as const, 'replyTo' as const), async (value, line, field) => {
    const flow = { ...flowOf([receive(), send({ to: 'to@x.org', [field]: line })]), id: value.join('') as never } // the one value of a run that a test can make at will
    const { sends, problem } = await computeFlow(jobOf(flow, letter))
    if (problem) return
    const declared = (field === 'to' ? 0 : 1) + (field === 'replyTo' ? 0 : line.split(', ').length)
    expect(sends[0]?.envelope.to.length).toBeLessThanOrEqual(declared)
    const raw = sends[0]?.raw
    const mail = raw?.kind === 'bytes' ? await read(raw.bytes) : null
    expect(mail?.headers.filter(({ name }) => /^bcc$/i.test(name))).toEqual([])
  }), { numRuns: 500 })
})

const drawn = (config: object) => ({
  format: 1, id: 'x', name: 'X', nodes: [{ id: 'receive', kind: 'receive-email', config: { connection: 'in' } }, { id: 'send', kind: 'send-email', config: { connection: 'out', from: 'a@x.org', to: 'b@x.org', ...config } }],
  edges: [{ from: 'receive', to: 'send' }],
})
const context = { connections: [{ id: 'in', kind: 'imap' }, { id: 'out', kind: 'smtp' }] }

test('[SX102] what is wrong with a hole is told at its field, a mistake of writing with its line and column', async () => {
  const { problems } = await checkFlowFully(drawn({ subject: 'Re: {{receive.subjekt}}', text: 'a\nb {{#if receive.text}}c', html: '{{ receive.size + }}', cc: '{{receive.from}}, nobody', bcc: '{{#if receive.text}}a@x.org, b@x.org{{/if}}', replyTo: '{{receive.from' }), context)
  expect(problems.map(({ code, node, field }) => `${code} ${node} ${field}`).sort()).toEqual([
    'MAP_EXPRESSION send html', 'MAP_TEMPLATE send replyTo', 'MAP_TEMPLATE send text', 'MAP_UNKNOWN_SOURCE send subject', 'NODE_CONFIG send bcc', 'NODE_CONFIG send cc',
  ])
  const advice = (field: string) => problems.find((problem) => problem.field === field)?.advice
  expect(advice('subject')).toContain('Did you mean "receive.subject"?')
  expect(advice('text')).toContain('line 2, column 3')
  expect(advice('bcc')).toContain('can\'t be filled in')
  expect(advice('cc')).toContain('"nobody"')
  expect((await checkFlowFully(drawn({ subject: '{{receive.subject}}', to: '{{receive.from}}' }), context)).problems).toEqual([])
})

/** As files were written before typed texts had holes. */
const oldFile = '{"format":1,"id":"old","name":"Old","nodes":[{"id":"receive","kind":"receive-email","config":{"connection":"in"}},{"id":"send","kind":"send-email","config":{"connection":"out","from":"a@x.org","to":"b@x.org","subject":"Order {{customer}}","text":"{{ as it is"}}],"edges":[{"from":"receive","to":"send"}]}'

test('[SX103] braces that an older file meant literally are pointed out before a deploy, never filled in silently; in quotes inside a hole they stand for themselves', async () => {
  const { flow, problems } = readFlow(oldFile)
  expect(problems).toEqual([])
  const verdict = await checkFlowFully(flow, context)
  expect(verdict.flow).toBeNull()
  expect(verdict.problems.map(({ field }) => field)).toEqual(['subject', 'text'])
  const { mail, problem } = await sent({ subject: 'Order {{"{{"}}customer}}', text: '{{\'{{\'}} as it is', html: '<b>{{"<{{"}}</b>' })
  expect(problem).toBeNull()
  expect([mail?.subject, mail?.text.trim(), mail?.html.trim()]).toEqual(['Order {{customer}}', '{{ as it is', '<b>&lt;{{</b>'])
})
