/** What the checker says of steps that work in a mailbox, and how a search reads. */
import { expect, test } from 'vitest'
import { checkFlow } from '#shared/flow-check.ts'
import { asksForAll, mailSearchSchema, queryOf, saySearch } from '#shared/mail-search.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import { filingFlow } from '../engine/filing-flow.ts'

const connections = [{ id: 'inbox', kind: 'imap' }, { id: 'outbox', kind: 'smtp' }, { id: 'old', kind: 'pop3' }]
type Config = Readonly<Record<string, unknown>>
const withConfig = (id: string, config: Config) => {
  const flow = filingFlow()
  return { ...flow, nodes: flow.nodes.map((node) => (node.id === id ? { ...node, config: { ...node.config, ...config } } : node)) }
}
const said = (flow: unknown) => checkFlow(flow, { connections }).problems.map(({ code, node, field }) => `${code} ${node} ${field}`)

test('[MP91] holes in the forms of steps are checked as those of mappings are; settings out of use are not', () => {
  expect(said(filingFlow())).toEqual([])
  expect(said(withConfig('change', { target: 'Customers/{{receive.form.domain}}' }))).toEqual(['MAP_UNKNOWN_SOURCE change target'])
  expect(said(withConfig('find', { search: { header: { name: 'X-Order', value: '{{map.subject}}' } } }))).toEqual(['MAP_UNKNOWN_SOURCE find search.header.value'])
  expect(said(withConfig('folder', { folder: 'a {{b' }))).toEqual(['MAP_TEMPLATE folder folder'])
  expect(said(withConfig('change', { mail: '{{nowhere}}' }))).toEqual([])
  expect(said(withConfig('change', { which: 'other', mail: '{{nowhere}}' }))).toEqual(['NODE_NO_CONNECTION change connection', 'MAP_UNKNOWN_SOURCE change mail'])
  expect(said(withConfig('change', { target: '' }))).toEqual(['NODE_CONFIG change target'])
  expect(said(withConfig('change', { do: 'add-keyword', keyword: 'two words' }))).toEqual(['NODE_CONFIG change keyword'])
})

test('[RN142] a change to the mail of the run is warned of where runs have none: behind a trigger that hears of mailboxes', () => {
  const flow = filingFlow({ target: 'Done' })
  const hearing = { ...flow, nodes: [...flow.nodes, { id: 'trouble', kind: 'mailbox-event', config: {} }, { id: 'file', kind: 'change-mail', config: { target: 'Done' } }], edges: [...flow.edges, { from: 'trouble', to: 'file' }] }
  const verdict = checkFlow(hearing, { connections })
  expect(verdict.problems.map(({ code, severity, node, field }) => `${code} ${severity} ${node} ${field}`)).toEqual(['NODE_CONFIG warning file which'])
  expect(verdict.flow).not.toBeNull()
  const other = { ...hearing, nodes: hearing.nodes.map((node) => (node.id === 'file' ? { ...node, config: { target: 'Done', which: 'other', connection: 'inbox', mail: '7' } } : node)) }
  expect(said(other)).toEqual([])
})

test('[MP92] files of a fetched mail are mapped as those of the mail that started the run', () => {
  const flow = filingFlow()
  const fetching = { ...flow, nodes: flow.nodes.map((node) => (node.id === 'find' ? { id: 'find', kind: 'fetch-mail', config: { connection: 'inbox', mail: '1' } } : node.id === 'map' ? { ...node, config: { rows: [{ to: 'to', value: 'a@x.org' }, { to: 'attachments', from: ['find.attachments'] }] } } : node)) }
  expect(said(fetching)).toEqual([])
})

test('[MP93] POP3 lists, fetches and deletes; what else a step asks of it is told before a deploy', () => {
  expect(said(withConfig('find', { connection: 'old', folder: 'INBOX', search: {} }))).toEqual([])
  expect(said(withConfig('find', { connection: 'old' }))).toEqual(['NODE_CONFIG find folder', 'NODE_CONFIG find search'])
  expect(said(withConfig('change', { which: 'other', connection: 'old', mail: '1' }))).toEqual(['NODE_CONFIG change target', 'NODE_CONFIG change do'])
  expect(said(withConfig('change', { which: 'other', connection: 'old', mail: '1', do: 'delete' }))).toEqual([])
  expect(said(withConfig('folder', { connection: 'old' }))).toEqual(['NODE_WRONG_CONNECTION folder connection'])
})

test('[RX146] a keyword goes with "flag" alone', () => {
  expect(said(withConfig('receive', { after: { do: 'flag', keyword: 'invoice' } }))).toEqual([])
  expect(said(withConfig('receive', { after: { do: 'flag', keyword: 'two words' }, onFailure: { do: 'mark-seen', keyword: 'late' } }))).toEqual(['NODE_CONFIG receive after.keyword', 'NODE_CONFIG receive onFailure.keyword'])
})

test('[RX144] a search on a POP3 mailbox is refused before a deploy, an empty one is none', () => {
  expect(said(withConfig('receive', { search: { from: 'ada' } }))).toEqual([])
  const pop3 = { connection: 'old', unseenOnly: false, after: { do: 'leave' } }
  expect(said(withConfig('receive', { ...pop3, search: { from: 'ada' } })).filter((problem) => problem.includes(' receive '))).toEqual(['NODE_CONFIG receive search'])
  expect(said(withConfig('receive', { unseenOnly: true, also: [{ connection: 'old' }], search: { flagged: true } })).filter((problem) => problem.includes('search'))).toEqual(['NODE_CONFIG receive search'])
  expect(said(withConfig('receive', { ...pop3, search: {} })).filter((problem) => problem.includes(' receive '))).toEqual([])
})

test('[MP90] a search is said in a few words, asks for exactly what is filled in, and counts its days back from the run', () => {
  const at = '2026-11-20T12:00:00.000Z'
  const search = mailSearchSchema.parse({ unseen: true, from: 'ada', withinDays: 7, largerThanKb: 2, header: { name: 'X-Ticket', value: '' } })
  expect(saySearch(search)).toBe('unread, from ada, of the last 7 days, over 2 KB, X-Ticket: any')
  expect(queryOf(search, at)).toEqual({ unseen: true, flagged: false, from: 'ada', to: '', subject: '', since: '2026-11-13', keyword: '', largerThan: 2048, header: { name: 'X-Ticket', value: '' } })
  expect(queryOf({ since: '2026-11-18', withinDays: 7 }, at).since).toBe('2026-11-18')
  expect([saySearch({}), asksForAll(queryOf({}, at)), asksForAll(queryOf({ keyword: 'x' }, at))]).toEqual(['all mail', true, false])
  for (const wrong of [{ keyword: 'a b' }, { since: 'yesterday' }, { header: { name: 'A: B', value: '' } }, { flaged: true }]) expect(mailSearchSchema.safeParse(wrong).success).toBe(false)
})

test('[MP91] a flow names the mailboxes of such steps as its own', () => {
  expect(namedConnections(filingFlow()).map(({ id, kind }) => `${id} ${kind}`)).toEqual(['inbox imap', 'inbox imap', 'inbox imap', 'outbox smtp'])
})
