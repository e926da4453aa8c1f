/** Flow files and flows: what is read, what is refused, and the advice given. */
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { connectionRefusal } from '#shared/connect-rules.ts'
import { checkFlow, checkFlowFully, readFlow } from '#shared/flow-check.ts'
import type { Flow, FlowProblem } from '#shared/flow.ts'
import type { Json } from '#shared/json.ts'
import { compileMapping, evaluateMapping } from '#shared/mapping/evaluate.ts'
import { sourcesOf, targetNodeOf, targetOf } from '#shared/mapping/sources.ts'
import { mail, scopeOf } from '../mapping/sample.ts'
import { makeFlowSchema } from '../write-schema.ts'

const file = readFileSync('test/flows/support-tickets.json', 'utf8')
const context = { connections: [{ id: 'support-inbox', kind: 'imap' }, { id: 'support-outbox', kind: 'smtp' }, { id: 'old-inbox', kind: 'pop3' }, { id: 'payroll-inbox', kind: 'imap', shared: false }] }

interface Draft { format: unknown; nodes: { id: string; kind: string; config: Record<string, unknown> }[]; edges: { from: string; to: string; port?: string }[]; [key: string]: unknown }
function changed(change: (draft: Draft) => void): unknown {
  const draft = JSON.parse(file) as Draft
  change(draft)
  return draft
}
const config = (draft: Draft, at: number): Record<string, unknown> => draft.nodes[at]?.config ?? {}
const rowsOf = (rows: unknown): unknown => changed((draft) => { config(draft, 1)['rows'] = rows })
const sayAll = (problems: readonly FlowProblem[]): readonly string[] => problems.map(({ code, node, field }) => [code, node, field].filter(Boolean).join(' '))
const problemsOf = (flow: unknown): readonly string[] => sayAll(checkFlow(flow, context).problems)

test('[FL1] the example file loads, checks without a problem and gives the mail it draws', async () => {
  const { flow: read, problems } = readFlow(file)
  expect(problems).toEqual([])
  const { flow, problems: found } = await checkFlowFully(read, context)
  expect(found).toEqual([])
  expect(flow?.nodes.map(({ id }) => id)).toEqual(['receive', 'map', 'send'])
  expect(flow?.nodes[0]?.config).toMatchObject({ onFailure: { do: 'leave' }, unreadable: 'run' })
  const map = flow?.nodes[1]
  if (map?.kind !== 'map-data' || !read) throw new Error('the example has a Map Data node')
  const { value } = await evaluateMapping(compileMapping(map.config.rows, targetOf(read, 'map'), sourcesOf(read, 'map')), scopeOf(mail))
  expect(value).toEqual({
    to: [{ name: '', address: 'tickets@example.org', domain: 'example.org' }], subject: 'Ticket: Printer broken',
    text: `jane@example.org\n\n${mail.text}`, attachments: mail.attachments,
  })
})

/** Each code of a problem with a flow that has it. */
const cases: readonly (readonly [code: FlowProblem['code'], flow: unknown, all: readonly string[]])[] = [
  ['FLOW_SHAPE', changed((draft) => { draft['name'] = '' }), ['FLOW_SHAPE name']],
  ['FLOW_SHAPE', [], ['FLOW_SHAPE']],
  ['FLOW_FORMAT', changed((draft) => { draft.format = 2 }), ['FLOW_FORMAT']],
  ['FLOW_FORMAT', changed((draft) => { delete draft.format }), ['FLOW_FORMAT']],
  ['FLOW_EMPTY', changed((draft) => { draft.nodes = []; draft.edges = [] }), ['FLOW_EMPTY']],
  ['NODE_UNKNOWN_KIND', changed((draft) => { Object.assign(draft.nodes[1] ?? {}, { kind: 'map-dta' }) }), ['NODE_UNKNOWN_KIND map nodes.1.kind']],
  ['NODE_DUPLICATE_ID', changed((draft) => { draft.nodes.push({ id: 'map', kind: 'map-data', config: {} }) }), ['NODE_DUPLICATE_ID map id']],
  ['NODE_DUPLICATE_ID', changed((draft) => { Object.assign(draft.nodes[1] ?? {}, { id: 'run' }); draft.edges = [{ from: 'receive', to: 'run' }, { from: 'run', to: 'send' }] }), ['NODE_DUPLICATE_ID run id']],
  ['NODE_CONFIG', changed((draft) => { config(draft, 0)['delaySeconds'] = 'often' }), ['NODE_CONFIG receive delaySeconds']],
  ['NODE_CONFIG', changed((draft) => { config(draft, 2)['cc'] = 'a@b.de, nobody' }), ['NODE_CONFIG send cc']],
  ['NODE_CONFIG', changed((draft) => { config(draft, 2)['from'] = 'a@b.de, c@d.de' }), ['NODE_CONFIG send from']],
  ['NODE_NO_CONNECTION', changed((draft) => { delete config(draft, 0)['connection'] }), ['NODE_NO_CONNECTION receive connection']],
  ['NODE_NO_CONNECTION', changed((draft) => { Object.assign(config(draft, 2), { onUnknown: 'probe', probe: { connection: '', folder: 'Sent' } }) }), ['NODE_NO_CONNECTION send probe.connection']],
  ['NODE_CONNECTION_NOT_SHARED', changed((draft) => { config(draft, 0)['connection'] = 'payroll-inbox' }), ['NODE_CONNECTION_NOT_SHARED receive connection']],
  ['NODE_UNKNOWN_CONNECTION', changed((draft) => { config(draft, 0)['connection'] = 'elsewhere' }), ['NODE_UNKNOWN_CONNECTION receive connection']],
  ['NODE_WRONG_CONNECTION', changed((draft) => { config(draft, 0)['connection'] = 'support-outbox' }), ['NODE_WRONG_CONNECTION receive connection']],
  ['NODE_UNREACHABLE', changed((draft) => { draft.nodes.push({ id: 'lost', kind: 'map-data', config: {} }) }), ['NODE_UNREACHABLE lost']],
  ['EDGE_DANGLING', changed((draft) => { draft.edges.push({ from: 'send', to: 'nowhere' }) }), ['EDGE_DANGLING send edges.2']],
  ['EDGE_NOT_ALLOWED', changed((draft) => { draft.edges.push({ from: 'receive', to: 'send' }) }), ['EDGE_NOT_ALLOWED send edges.2']],
  ['EDGE_NOT_ALLOWED', changed((draft) => { draft.edges[0] = { from: 'receive', to: 'map', port: 'else' } }), ['EDGE_NOT_ALLOWED map edges.0']],
  ['EDGE_DUPLICATE', changed((draft) => { draft.edges.push({ from: 'receive', to: 'map' }) }), ['EDGE_DUPLICATE map edges.2']],
  ['FLOW_CYCLE', changed((draft) => { draft.nodes.push({ id: 'a', kind: 'map-data', config: {} }, { id: 'b', kind: 'map-data', config: {} }); draft.edges.push({ from: 'a', to: 'b' }, { from: 'b', to: 'a' }) }), ['FLOW_CYCLE a', 'NODE_UNREACHABLE a', 'NODE_UNREACHABLE b']],
  ['FLOW_NO_TRIGGER', changed((draft) => { draft.nodes.shift(); draft.edges.shift() }), ['FLOW_NO_TRIGGER', 'MAP_UNKNOWN_SOURCE map rows.1.from.0', 'MAP_UNKNOWN_SOURCE map rows.2.from.0', 'MAP_UNKNOWN_SOURCE map rows.2.from.1', 'MAP_UNKNOWN_SOURCE map rows.3.from.0']],
  ['FLOW_TWO_TRIGGERS', changed((draft) => { Object.assign(draft.nodes[0]?.config ?? {}, { also: [{ connection: 'support-inbox', folder: 'inbox' }] }) }), ['FLOW_TWO_TRIGGERS receive']],
  ['FLOW_TWO_TRIGGERS', changed((draft) => { draft.nodes.push({ id: 'second', kind: 'receive-email', config: { connection: 'support-inbox' } }) }), ['FLOW_TWO_TRIGGERS second']],
  ['FLOW_NO_EFFECT', changed((draft) => { draft.nodes.pop(); draft.edges.pop() }), ['FLOW_NO_EFFECT']],
  ['MAP_UNKNOWN_SOURCE', rowsOf([{ to: 'to', from: ['send.messageId'] }]), ['MAP_UNKNOWN_SOURCE map rows.0.from.0']],
  ['MAP_UNKNOWN_TARGET', rowsOf([{ to: 'to', value: 'a@b.de' }, { to: 'topic', value: 'x' }]), ['MAP_UNKNOWN_TARGET map rows.1.to']],
  ['MAP_UNKNOWN_FUNCTION', rowsOf([{ to: 'to', from: ['receive.from'], through: [{ fn: 'eval' }] }]), ['MAP_UNKNOWN_FUNCTION map rows.0.through.0.fn']],
  ['MAP_BAD_ARGUMENT', rowsOf([{ to: 'to', from: ['receive.from'], through: [{ fn: 'default' }] }]), ['MAP_BAD_ARGUMENT map rows.0.through.0.text']],
  ['MAP_TYPE', rowsOf([{ to: 'to', from: ['receive.size'] }]), ['MAP_TYPE map rows.0']],
  ['MAP_EXPRESSION', rowsOf([{ to: 'to', expression: 'receive.from &' }]), ['MAP_EXPRESSION map rows.0.expression']],
  ['MAP_TEMPLATE', rowsOf([{ to: 'to', template: '{{receive.from' }]), ['MAP_TEMPLATE map rows.0.template']],
  ['MAP_NO_VALUE', rowsOf([{ to: 'to' }]), ['MAP_NO_VALUE map rows.0']],
  ['MAP_NO_VALUE', rowsOf([{ to: 'to', from: [] }, { to: 'topic', value: 'x' }]), ['MAP_NO_VALUE map rows.0.from', 'MAP_UNKNOWN_TARGET map rows.1.to', 'MAP_REQUIRED_TARGET map rows']],
  ['MAP_DUPLICATE_TARGET', rowsOf([{ to: 'to', value: 'a@b.de' }, { to: 'to', value: 'c@d.de' }]), ['MAP_DUPLICATE_TARGET map rows.1.to']],
  ['MAP_REQUIRED_TARGET', rowsOf([]), ['MAP_REQUIRED_TARGET map rows']],
  ['MAP_REQUIRED_TARGET', changed((draft) => { draft.edges = [{ from: 'receive', to: 'send' }]; draft.nodes.splice(1, 1) }), ['MAP_REQUIRED_TARGET send to']],
]

test.each(cases)('[FL2] %s is found and keeps the flow from being deployed', async (code, flow, all) => {
  const { flow: checked, problems } = await checkFlowFully(flow, context)
  expect(checked).toBeNull()
  expect(sayAll(problems)).toEqual(all)
  expect(problems.some((problem) => problem.code === code && problem.severity === 'error')).toBe(true)
  // A sentence for people: it ends, says something, and speaks of no type or schema.
  for (const { advice } of problems) {
    expect(advice).toMatch(/^["A-Z].{10,}[.?]$/s)
    expect(advice).not.toMatch(/undefined|received|Invalid|NaN|\bobject\b|regex|\[object/)
  }
})

// A circle and test mode are only warned of (RN147, SX148).
test('[FL2] every code that the flow format names is shown above', () => {
  const source = readFileSync('shared/flow.ts', 'utf8')
  const known = [...source.slice(source.indexOf('export type FlowProblemCode')).matchAll(/'([A-Z_]+)'/g)].map((match) => match[1])
  expect(known.length).toBeGreaterThan(20)
  expect(known.filter((code) => !['FLOW_NOT_JSON', 'FLOW_CIRCLE', 'FLOW_TEST_MODE'].includes(code ?? '') && !cases.some(([shown]) => shown === code))).toEqual([])
})

test('[FL3] what is no JSON is told with its place', () => {
  const { flow, problems } = readFlow('{\n  "format": 1,\n}')
  expect([flow, sayAll(problems)]).toEqual([null, ['FLOW_NOT_JSON']])
  expect(problems[0]?.advice).toContain('line 3')
  expect(sayAll(readFlow(' '.repeat(9_000_000)).problems)).toEqual(['FLOW_NOT_JSON'])
})

test('[FL4] an unfinished draft is read, and only its deploy is held up', () => {
  const draft = changed((edited) => { for (const node of edited.nodes) node.config = {} })
  const { flow, problems } = readFlow(JSON.stringify(draft))
  expect([flow?.nodes.length, problems]).toEqual([3, []])
  expect(problemsOf(flow)).toEqual(['NODE_NO_CONNECTION receive connection', 'NODE_NO_CONNECTION send connection', 'NODE_CONFIG send from', 'MAP_REQUIRED_TARGET map rows'])
})

test('[FL5] advice speaks to people and names the field as the form does', () => {
  const say = (change: (draft: Draft) => void): string => checkFlow(changed(change), context).problems[0]?.advice ?? ''
  expect(say((draft) => { delete config(draft, 0)['connection'] })).toBe('Choose a mailbox for Receive email.')
  expect(say((draft) => { Object.assign(draft.nodes[0] ?? {}, { name: 'Inbox' }); delete config(draft, 0)['connection'] })).toBe('Choose a mailbox for "Inbox".')
  expect(say((draft) => { delete config(draft, 2)['connection'] })).toBe('Choose a server for sending for Send email.')
  expect(say((draft) => { delete config(draft, 2)['from'] })).toBe('Fill in "From".')
  expect(say((draft) => { config(draft, 2)['from'] = '' })).toBe('Say who the mail is from.')
  expect(say((draft) => { config(draft, 0)['delaySeconds'] = 0 })).toBe('"Look every" must be at least 1.')
  expect(say((draft) => { config(draft, 0)['maxEmails'] = 1.5 })).toBe('"At most per look" must be a whole number.')
  expect(say((draft) => { config(draft, 0)['after'] = { do: 'burn' } })).toBe('"When the run went well" must be one of: leave, mark-seen, flag, move, copy, delete.')
  expect(say((draft) => { config(draft, 0)['after'] = { do: 'move' } })).toBe('Choose the folder.')
  expect(say((draft) => { config(draft, 0)['seenOnly'] = true })).toBe('"Receive email" knows no "seenOnly". Remove it, or check the spelling.')
  expect(say((draft) => { config(draft, 2)['subject'] = 'x'.repeat(2001) })).toBe('"Subject" is too long; at most 2000 letters fit.')
})

test('[FL6] a warning does not hold up the deploy; an unchecked expression is one until it can be checked', async () => {
  const { flow, problems } = checkFlow(rowsOf([{ to: 'to', from: ['receive.from'] }, { to: 'subject', from: ['receive.to'] }]), context)
  expect([flow !== null, problems.map(({ severity }) => severity)]).toEqual([true, ['warning']])
  expect((await checkFlowFully(rowsOf([{ to: 'to', expression: 'receive.from' }]), context)).problems).toEqual([])
})

test('[FL7] recipients may be typed in the send step, and hidden ones suffice', () => {
  const send = (field: string): unknown => changed((draft) => { config(draft, 1)['rows'] = []; config(draft, 2)[field] = 'a@b.de' })
  expect([problemsOf(send('to')), problemsOf(send('bcc')), problemsOf(send('replyTo'))]).toEqual([[], [], ['MAP_REQUIRED_TARGET map rows']])
})

test('[ED154] a row that was added and not filled in fills nothing', () => {
  const withRow = (row: unknown): unknown => changed((draft) => { config(draft, 1)['rows'] = [row] })
  const blank = ['MAP_REQUIRED_TARGET map rows']
  expect([problemsOf(withRow({ to: 'to', value: ' ' })), problemsOf(withRow({ to: 'to', template: '' }))]).toEqual([blank, blank])
  expect(problemsOf(withRow({ to: 'to', value: '', through: [{ fn: 'default', text: 'a@b.de' }] }))).toEqual([])
})

test('[FL8] whatever is checked, nothing is thrown and a verdict comes', () => {
  const any = fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<Json>
  fc.assert(fc.property(any, any, any, fc.constantFrom('nodes', 'edges', 'view', 'name', 'id', 'extra'), fc.nat(2), fc.constantFrom('rows', 'connection', 'after', 'from', 'x'), (flow, part, value, key, at, field) => {
    const broken = changed((draft) => { config(draft, at)[field] = value })
    const other = changed((draft) => { Object.assign(draft, { [key]: part }) })
    for (const given of [flow, broken, other]) {
      const { flow: checked, problems } = checkFlow(given, context)
      expect(checked === null).toBe(problems.some(({ severity }) => severity === 'error'))
      expect(readFlow(JSON.stringify(given)).flow === null).toBe(readFlow(JSON.stringify(given)).problems.length > 0)
    }
  }), { numRuns: 150 })
  const deep = `{"format":1,"id":"x","name":"n","nodes":[{"id":"a","kind":"map-data","config":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}],"edges":[]}`
  expect(readFlow(deep).flow).toBeNull()
  expect(checkFlow(JSON.parse('{"__proto__":{"format":1},"constructor":1}'), context).flow).toBeNull()
})

test('[FL9] the canvas refuses a line with the reason', () => {
  const { flow } = readFlow(JSON.stringify(changed((draft) => {
    draft.nodes.push({ id: 'second', kind: 'map-data', config: {} }, { id: 'other', kind: 'send-email', config: {} })
    draft.edges.push({ from: 'map', to: 'second' })
  })))
  const refusal = (from: string, to: string): string | null => connectionRefusal(flow as Flow, from, to)
  expect(refusal('second', 'other')).toBeNull()
  expect(refusal('receive', 'receive')).toBe('A step can\'t be connected to itself.')
  expect(refusal('map', 'receive')).toBe('Receive email starts the flow, so nothing can lead into it.')
  expect(refusal('receive', 'map')).toBe('These two steps are connected already.')
  expect(refusal('second', 'send')).toBe('Send email already follows Map data. Remove that line first.')
  expect(refusal('other', 'nowhere')).toBe('Both ends of a line must be steps.')
  const { flow: open } = readFlow(JSON.stringify(changed((draft) => { draft.edges.shift() })))
  expect(connectionRefusal(open as Flow, 'send', 'map')).toBe('That would be a circle: Map data already leads to Send email.')
})

test('[FL10] a mapping reads from all steps in front of it and fills the one behind it', () => {
  const { flow } = readFlow(file)
  if (!flow) throw new Error('the example is a flow')
  expect(Object.keys(sourcesOf(flow, 'map'))).toEqual(['receive', 'run'])
  expect(Object.keys(sourcesOf(flow, 'send'))).toEqual(['receive', 'map', 'run'])
  expect([targetNodeOf(flow, 'map')?.id, targetNodeOf(flow, 'send')?.id]).toEqual(['send', undefined])
})

test('[FL11] the schema that completes flow files while typing is that of the code', () => {
  expect(readFileSync('shared/flow.schema.json', 'utf8')).toBe(makeFlowSchema())
})

test('[PO20] of a POP3 mailbox only what POP3 has words for may be asked, defaults included', () => {
  const withConfig = (more: Record<string, unknown>) => checkFlow(changed((draft) => { const own = config(draft, 0); delete own['after']; delete own['onFailure']; Object.assign(own, { connection: 'old-inbox' }, more) }), context).problems
  expect(sayAll(withConfig({}))).toEqual(['NODE_CONFIG receive after'])
  expect(withConfig({})[0]?.advice).toBe('"old-inbox" is read by POP3, which can only leave or delete a mail. Choose one of the two under "When the run went well".')
  expect(sayAll(withConfig({ after: { do: 'delete', days: 3 } }))).toEqual([])
  expect(sayAll(withConfig({ after: { do: 'leave' }, onFailure: { do: 'move', folder: 'Failed' }, folder: 'Sent' }))).toEqual(['NODE_CONFIG receive folder', 'NODE_CONFIG receive onFailure'])
})

test('[RN116] times to look are checked before a deploy, and what is wrong is said in words', async () => {
  const adviceOf = async (schedule: unknown) => (await checkFlowFully(changed((draft) => { config(draft, 0)['schedule'] = schedule }), context)).problems.map(({ field, advice }) => `${field}: ${advice}`)
  expect(await adviceOf({ cron: '0 8 * * 1-5', timeZone: 'Europe/Berlin' })).toEqual([])
  expect(await adviceOf({ cron: '@daily' })).toEqual([])
  expect(await adviceOf({ cron: '61 8 * * *' })).toEqual(['schedule.cron: "61 8 * * *" can\'t be read as times: Invalid value for minute: 61. Write minute, hour, day, month and weekday, like "0 8 * * 1-5".'])
  expect(await adviceOf({ cron: '0 0 30 2 *' })).toEqual(['schedule.cron: "0 0 30 2 *" is a time that never comes. Choose other times.'])
  expect(await adviceOf({ cron: '0 8 * * *', timeZone: 'Mars/Base' })).toEqual(['schedule.cron: There is no time zone "Mars/Base". Write it like Europe/Berlin.'])
  expect(await adviceOf({ cron: '2026-11-20T10:00:00' })).toEqual(['schedule.cron: Write five parts: minute, hour, day, month and weekday, like "0 8 * * 1-5".'])
})
