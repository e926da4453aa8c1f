/** The headers around a mail: who sends it, where answers and bounces go, what it says of itself, what the flow adds. */
import { afterAll, expect, test } from 'vitest'
import { checkFlow } from '#shared/flow-check.ts'
import { Fault } from '#shared/errors.ts'
import type { JsonObject } from '#shared/json.ts'
import { readUnsubscribe } from '#shared/sending/unsubscribe.ts'
import { composeMail } from '#runtime/mail/compose/compose-mail.ts'
import { decideOutgoing } from '#runtime/mail/compose/outgoing.ts'
import type { Side } from '#shared/outgoing.ts'
import { scratch, sendConfig } from '../engine/compute-jobs.ts'

const folder = scratch()
afterAll(() => { folder.remove() })
const context = { run: 'run-1', node: 'send', flow: 'tickets', at: '2026-03-04T05:06:07.000Z', spool: { folder: folder.folder, inlineLimit: 10_000_000 } }
type Form = Parameters<typeof sendConfig>[0]

function send(form: Form, mapped: JsonObject = {}, priorities: Record<string, Side> = {}) {
  const { envelope, raw } = composeMail(decideOutgoing({ to: 'to@example.org', ...mapped }, sendConfig(form), priorities), [], context)
  if (raw.kind === 'file') throw new Error('small mails stay in memory')
  const [head = ''] = Buffer.from(raw.bytes).toString().split('\r\n\r\n')
  const fields = head.replace(/\r\n /g, ' ').split('\r\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const)
  return { envelope, of: (name: string): readonly string[] => fields.filter(([one]) => one === name).map(([, value]) => value) }
}
const refusal = (form: Form, mapped: JsonObject = {}): string => {
  try {
    send(form, mapped)
    return 'none'
  } catch (error) {
    return error instanceof Fault ? `${error.code} ${error.where}` : String(error)
  }
}
const flow = (config: JsonObject) => ({
  format: 1, id: 'f', name: 'F', edges: [{ from: 'r', to: 's' }],
  nodes: [{ id: 'r', kind: 'receive-email', config: { connection: 'in' } }, { id: 's', kind: 'send-email', config: { connection: 'out', from: 'a@example.org', to: 'b@example.org', ...config } }],
})
const problems = (config: JsonObject) => checkFlow(flow(config), { connections: [{ id: 'in', kind: 'imap' }, { id: 'out', kind: 'smtp' }] }).problems.map(({ field, advice }) => `${field}: ${advice}`)

test('[SX81] From keeps its name, Sender stands only where it is another address, answers may go to several', () => {
  const mail = send({ from: 'Desk, Support <desk@example.org>'.replace('Desk, Support', '"Desk, Support"'), sender: 'Robot <robot@example.org>', replyTo: 'Ann <ann@example.org>; "Last, First" <b@example.org>' })
  expect([mail.of('From'), mail.of('Sender'), mail.of('Reply-To')]).toEqual([['"Desk, Support" <desk@example.org>'], ['Robot <robot@example.org>'], ['Ann <ann@example.org>, "Last, First" <b@example.org>']])
  expect(send({ sender: 'Flow again <flow@example.org>' }).of('Sender')).toEqual([])
  expect(send({ sender: 'typed@example.org' }, { sender: { name: 'M', address: 'mapped@example.org' } }).of('Sender')).toEqual(['M <mapped@example.org>'])
  expect(refusal({}, { sender: 'a@example.org, b@example.org' })).toBe('SEND_BAD_ADDRESS sender')
})

test('[SX82] importance stands in the three headers that programs read, in step; normal needs none, and what is none counts as not mapped', () => {
  const marks = (form: Form, mapped: JsonObject = {}) => ['X-Priority', 'Importance', 'Priority'].map((name) => send(form, mapped).of(name).join())
  const [high, low, normal] = [['1 (Highest)', 'high', 'urgent'], ['5 (Lowest)', 'low', 'non-urgent'], ['', '', '']]
  expect([marks({ importance: 'high' }), marks({ importance: 'low' }), marks({})]).toEqual([high, low, normal])
  for (const said of ['High', 'urgent', '1', '2 (High)', 1]) expect(marks({}, { importance: said })).toEqual(high)
  for (const said of ['low', 'Non-Urgent', '5 (Lowest)']) expect(marks({ importance: 'high' }, { importance: said })).toEqual(low)
  expect(marks({ importance: 'high' }, { importance: 'normal' })).toEqual(normal)
  for (const said of ['', 'very', '1\r\nBcc: e@evil.test', '__proto__', 'constructor', '6']) expect(marks({ importance: 'high' }, { importance: said })).toEqual(high)
  expect(marks({ importance: 'low', priority: 'form' }, { importance: 'high' })).toEqual(low)
})

test('[SX83] unsubscribe links are pages over https or mails to one address; one click needs a page', () => {
  const mail = send({ listUnsubscribe: 'https://example.org/leave?u=1,2, mailto:leave@example.org?subject=leave', oneClick: true })
  expect(mail.of('List-Unsubscribe')).toEqual(['<https://example.org/leave?u=1%2C2>, <mailto:leave@example.org?subject=leave>'])
  expect(mail.of('List-Unsubscribe-Post')).toEqual(['List-Unsubscribe=One-Click'])
  expect(send({ oneClick: true }, { listUnsubscribe: 'mailto:leave@example.org' }).of('List-Unsubscribe-Post')).toEqual([])
  expect(send({ oneClick: true }).of('List-Unsubscribe-Post')).toEqual([])
  expect(send({}, { listUnsubscribe: '<https://a.example/x>, <https://b.example/y>' }).of('List-Unsubscribe')).toEqual(['<https://a.example/x>, <https://b.example/y>'])
  for (const bad of ['http://example.org/leave', 'javascript:alert(1)', 'leave@example.org', 'https://example.org/a b', 'https://example.org/>\r\nBcc: e@evil.test', 'https://user@example.org/', 'https://', 'https:///x', 'https://bücher.example/', 'mailto:a@x.org,b@x.org', 'mailto:a@x.org?bcc=e@evil.test', 'mailto:a@x.org?subject=a&cc=b@x.org', 'mailto:', `https://example.org/${'x'.repeat(900)}`, 'https://example.org/%zz', 'mailto:a%0d%0ab@x.org']) {
    expect([bad, refusal({}, { listUnsubscribe: bad })]).toEqual([bad, 'SEND_BAD_LINK listUnsubscribe'])
    expect(problems({ listUnsubscribe: bad })[0]).toContain('listUnsubscribe: ')
  }
  expect(readUnsubscribe(Array.from({ length: 6 }, (_, n) => `https://example.org/${n}`).join(' ')).bad).toBe('https://example.org/5')
  expect(problems({ listUnsubscribe: 'mailto:leave@example.org', oneClick: true })).toEqual(['oneClick: One click needs a page: put a link that begins with https:// under "Unsubscribe links".'])
  expect(problems({ listUnsubscribe: 'https://example.org/leave', oneClick: true })).toEqual([])
})

test('[SX84] bounces go to From, to an address of their own, or to nobody', () => {
  expect(send({}).envelope.from).toBe('flow@example.org')
  expect(send({ bouncesTo: 'address', returnPath: 'Bounces <bounces@example.org>' }).envelope.from).toBe('bounces@example.org')
  expect(send({ bouncesTo: 'nobody' }).envelope.from).toBe('')
  expect(send({}, { returnPath: { name: '', address: 'b+run@example.org' } }).envelope.from).toBe('b+run@example.org')
  expect(send({ bouncesTo: 'nobody', priority: 'form' }, { returnPath: 'b@example.org' }).envelope.from).toBe('')
  // A choice that was made and taken back leaves no trace.
  expect(send({ bouncesTo: 'from', returnPath: 'old@example.org' }).envelope.from).toBe('flow@example.org')
  expect(refusal({}, { returnPath: 'a@x.org, b@x.org' })).toBe('SEND_BAD_ADDRESS returnPath')
  expect([problems({ bouncesTo: 'address' }), problems({ bouncesTo: 'address', returnPath: 'nobody' }), problems({ bouncesTo: 'address', returnPath: 'a@x.org, b@x.org' }), problems({ returnPath: 'nobody' })]).toEqual([
    ['returnPath: Say where bounces go.'], ['returnPath: "nobody" in "Address for bounces" is not a mail address. Write it like name@example.org.'], ['returnPath: "Address for bounces" takes one address. Remove the others.'], [],
  ])
})

test('[SX85] typed headers and mapped ones are put together by name, each once, and none that another setting writes', () => {
  const typed = [{ name: 'X-Ticket', value: 'typed' }, { name: 'X-Team', value: 'sales' }]
  const mail = send({ headers: typed }, { headers: { 'x-ticket': 'mapped', 'X-Run': '7' } })
  expect([mail.of('X-Ticket'), mail.of('X-Team'), mail.of('X-Run'), mail.of('x-ticket')]).toEqual([['mapped'], ['sales'], ['7'], []])
  expect(send({ headers: typed, priority: 'form' }, { headers: { 'X-Ticket': 'mapped' } }).of('X-Ticket')).toEqual(['typed'])
  expect(send({ headers: typed, priority: 'form' }, { headers: { 'X-Ticket': 'mapped' } }, { 'headers.X-Ticket': 'mapped' }).of('X-Ticket')).toEqual(['mapped'])
  expect(send({ headers: typed }, { headers: { 'X-Ticket': ' ' } }).of('X-Ticket')).toEqual(['typed'])
  expect(refusal({ importance: 'high' }, { headers: { importance: 'low' } })).toBe('SEND_BAD_HEADER headers')
  expect(refusal({ listUnsubscribe: 'https://example.org/x' }, { headers: { 'List-Unsubscribe': '<http://evil.test>' } })).toBe('SEND_BAD_HEADER headers')
  for (const name of ['Apparently-To', 'Delivered-To', 'X-SMTPAPI', 'X-Receiver']) expect(refusal({}, { headers: { [name]: 'e@evil.test' } })).toBe('SEND_BAD_HEADER headers')
  expect(problems({ headers: [{ name: 'Bcc', value: 'x' }] })).toEqual(['headers.0.name: The header "Bcc" belongs to the mail itself. Use a name of your own, like X-Ticket.'])
  expect(problems({ headers: [{ name: '', value: 'x' }, { name: 'X-A', value: '1' }, { name: 'x-a', value: '2' }] })).toEqual(['headers.0.name: Give the header a name, like X-Ticket.', 'headers.2.name: The header "x-a" stands here twice. Remove one of them.'])
  expect(problems({ importance: 'low', headers: [{ name: 'Priority', value: 'urgent' }] })).toEqual(['headers.0.name: The header "Priority" is written by another setting of this step. Remove it here.'])
})
