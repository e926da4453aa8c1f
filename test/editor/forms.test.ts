import { expect, test } from 'vitest'
import { nodeKinds, type NodeKind } from '#shared/flow.ts'
import { connectionId, nodeId } from '#shared/ids.ts'
import type { JsonObject } from '#shared/json.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { defaultRetry } from '#shared/nodes/send-email.ts'
import { isFieldUsed } from '#shared/used-fields.ts'
import { cardOf } from '../../editor/store/edits.ts'
import type { StartCount } from '#shared/api.ts'
import { chosenOf, sayStart, startChoices, stepsThatStart, sumCounts } from '../../editor/deploy/start-words.ts'
import { fieldsOf, isPop3, mappedInto, valueOf } from '../../editor/nodes/fields.ts'
import { groupFields, sayGroup } from '../../editor/nodes/field-groups.ts'
import { makeFlow, makeFlowId } from '../../editor/flows/recipes.ts'
import { kindsBetween } from '../../editor/store/next-kinds.ts'
import { byFamily } from '../../editor/ui/families.ts'
import { putHole } from '../../editor/ui/put-hole.ts'
import { sayAnswer } from '../../editor/ui/mailbox-words.ts'
import { checkFlow } from '#shared/flow-check.ts'
import { threeSteps } from '../editor-driver.ts'

test('[ED15] every setting of every kind has a labelled field with the default the server would use', () => {
  for (const kind of nodeKinds) {
    const fields = fieldsOf(kind)
    expect(fields.map((field) => field.key)).toEqual(Object.keys(nodeDescriptions[kind].config.shape))
    for (const field of fields) expect(field.meta.title, `${kind}.${field.key}`).not.toBe('')
  }
  const receive = new Map(fieldsOf('receive-email').map((field) => [field.key, valueOf(field, {})]))
  expect(receive.get('delaySeconds')).toBe(5)
  expect(receive.get('after')).toEqual({ do: 'mark-seen' })
  expect(receive.get('connection')).toBeUndefined()
})

test('[ED15] a field that belongs to a choice shows with that choice alone', () => {
  const { config } = nodeDescriptions['send-email']
  expect(isFieldUsed(config, 'probe', {})).toBe(false)
  expect(isFieldUsed(config, 'probe', { onUnknown: 'probe' })).toBe(true)
})

test('[SX80] the settings of a concern stand in one group, whose heading says what is set or mapped there', () => {
  const { usual, groups, rare } = groupFields(fieldsOf('send-email'))
  expect(usual.every((field) => field.meta.group === undefined)).toBe(true)
  expect([...usual, ...groups.flatMap(({ fields }) => fields), ...rare]).toHaveLength(fieldsOf('send-email').length)
  expect(new Set(groups.map(({ title }) => title)).size).toBe(groups.length)
  const said = (key: string, config: JsonObject, mapped: readonly (readonly [string, string])[] = [], kind: NodeKind = 'send-email'): string | undefined => {
    const group = groupFields(fieldsOf(kind)).groups.find(({ fields }) => fields.some((field) => field.key === key))
    return group && sayGroup(group, config, new Map(mapped))
  }
  expect(said('replyTo', {})).toBe('as usual')
  expect(said('replyTo', { replyTo: 'desk@acme.example' })).toBe('Reply to: desk@acme.example')
  expect(said('replyTo', { replyTo: 'desk@acme.example' }, [['replyTo', 'Map data']])).toBe('Reply to mapped')
  expect(said('html', { html: '<p>Hello</p>' })).toBe('HTML')
  expect(said('retry', { onUnknown: 'park', retry: { ...defaultRetry, giveUpHours: 72 } })).toBe('hold it for a person, tries for 3 days')
  expect(said('retry', { onUnknown: 'resend', retry: defaultRetry })).toBe('as usual')
  expect(said('also', { also: [{ connection: 'inbox', folder: 'Sales' }] }, [], 'receive-email')).toBe('1 more')
})

test('[ED16] a send step knows which of its fields the mapping in front fills', () => {
  const ed = threeSteps()
  ed.set('map', 'rows', [{ to: 'subject', from: ['receive.subject'] }, { to: 'headers.X-Ticket', value: '1' }])
  expect([...mappedInto(ed.flow(), 'send')]).toEqual([['subject', 'Map data'], ['headers', 'Map data']])
  ed.cut('map', 'send')
  expect([...mappedInto(ed.flow(), 'send')]).toEqual([])
})

test('[ED17] a name becomes a file name that is allowed and free', () => {
  expect(makeFlowId('Müller & Söhne: Bestellungen', [])).toBe('muller-sohne-bestellungen')
  expect(makeFlowId('  Support mail  ', ['support-mail', 'support-mail-2'])).toBe('support-mail-3')
  expect(makeFlowId('监控', [])).toBe('flow')
  expect(makeFlowId('x'.repeat(200), []).length).toBeLessThanOrEqual(56)
  expect(makeFlowId('-- ../../etc', [])).toBe('etc')
})

test('[ED18] a recipe takes the only mailbox and the only outbox there are, and needs one address to run', () => {
  const connections = [{ id: connectionId('in'), kind: 'imap', user: 'a@acme.example' }, { id: connectionId('out'), kind: 'smtp', user: 'desk@acme.example' }] as const
  const flow = makeFlow('fwd', 'Forward', 'forward', connections)
  const { problems } = checkFlow(flow, { connections })
  expect(problems.filter((problem) => problem.severity === 'error').map((problem) => problem.code)).toEqual(['MAP_REQUIRED_TARGET'])
  const ready = { ...flow, nodes: flow.nodes.map((node) => (node.id === 'send' ? { ...node, config: { ...node.config, to: 'you@acme.example' } } : node)) }
  expect(checkFlow(ready, { connections }).flow).not.toBeNull()
})

test('[ED18] with two mailboxes the recipe leaves the choice to the person', () => {
  const flow = makeFlow('fwd', 'Forward', 'forward', [{ id: connectionId('a'), kind: 'imap', user: '' }, { id: connectionId('b'), kind: 'imap', user: '' }])
  expect(flow.nodes.find((node) => node.id === 'receive')?.config['connection']).toBeUndefined()
})

test('[PO21] a recipe takes an account\'s IMAP connection before its POP3 one, and leaves the mail where it finds POP3 alone', () => {
  const receive = (...kinds: readonly ('imap' | 'pop3')[]) => makeFlow('fwd', 'Forward', 'forward', kinds.map((kind) => ({ id: connectionId(kind), kind, user: 'a@acme.example' }))).nodes.find((node) => node.id === 'receive')?.config
  expect(receive('pop3', 'imap')).toMatchObject({ connection: 'imap' })
  expect(receive('pop3')).toMatchObject({ connection: 'pop3', after: { do: 'leave' } })
})

test('[PO21] beside a POP3 mailbox neither folder nor unread mail is asked for', () => {
  const connections = [{ id: connectionId('old'), kind: 'pop3' }, { id: connectionId('new'), kind: 'imap' }] as const
  expect([isPop3({ connection: 'old' }, connections), isPop3({ connection: 'new' }, connections), isPop3({}, connections), isPop3({ connection: 'old' }, null)]).toEqual([true, false, false, false])
  expect(fieldsOf('receive-email').filter((field) => field.meta.imapOnly === true).map((field) => field.key)).toEqual(['folder', 'unseenOnly', 'search'])
})

test('[ED106] the interval is asked for only while no times are chosen', () => {
  const asksDelay = (given: Parameters<typeof isFieldUsed>[2]) => isFieldUsed(nodeDescriptions['receive-email'].config, 'delaySeconds', given)
  expect([asksDelay({}), asksDelay({ schedule: { cron: '0 8 * * *', timeZone: 'UTC' } })]).toEqual([true, false])
})

test('[ED101] the recipe that sorts mail runs as it is made; with POP3 alone it leaves the choice', () => {
  const connections = [{ id: connectionId('in'), kind: 'imap', user: 'a@acme.example' }, { id: connectionId('out'), kind: 'smtp', user: '' }] as const
  const flow = makeFlow('sort', 'Sort', 'file', connections)
  expect(checkFlow(flow, { connections }).problems).toEqual([])
  expect(flow.nodes.map((node) => node.kind)).toEqual(['receive-email', 'change-mail'])
  const old = [{ id: connectionId('old'), kind: 'pop3', user: 'a@acme.example' }] as const
  expect(makeFlow('sort', 'Sort', 'file', old).nodes[0]?.config['connection']).toBeUndefined()
})

test('[ED102] steps are offered by family, each kind once', () => {
  const groups = byFamily(nodeKinds)
  expect(groups.flatMap(({ kinds }) => kinds).toSorted()).toEqual([...nodeKinds].toSorted())
  expect(groups.find(({ family }) => family === 'mailbox')?.kinds).toEqual(['find-mails', 'fetch-mail', 'change-mail', 'create-folder'])
})

test('[ED103] a mailbox step may stand between a mapping and its send step, which still knows what is filled', () => {
  const ed = threeSteps()
  ed.set('map', 'rows', [{ to: 'subject', from: ['receive.subject'] }])
  expect(kindsBetween(ed.flow(), 'map')).toContain('change-mail')
  expect(kindsBetween(ed.flow(), 'map')).not.toContain('send-email')
  const flow = ed.flow()
  const between = { ...flow, nodes: [...flow.nodes, { id: nodeId('change'), kind: 'change-mail' as const, config: {} }], edges: [['receive', 'map'], ['map', 'change'], ['change', 'send']].map(([from = '', to = '']) => ({ from: nodeId(from), to: nodeId(to) })) }
  expect([...mappedInto(between, 'send')]).toEqual([['subject', 'Map data']])
})

test('[ED104] history says in a few words what a mailbox answered', () => {
  expect([{ count: 0 }, { count: 3 }, { done: true }, { done: false }, { made: false }, { subject: 'x' }, null].map(sayAnswer)).toEqual(['none found', '3 found', 'done', 'the mail was no longer there', 'it was there already', null, null])
})

test('[PO21] the card of a step on a POP3 mailbox speaks of no unread mail and no arrival', () => {
  const words = (kind: 'imap' | 'pop3') => cardOf({ kind: 'receive-email', config: { connection: 'in' } }, [{ id: connectionId('in'), name: 'Desk', kind }]).lines.slice(0, 2).map((line) => line.value)
  expect(words('imap')).toEqual(['INBOX, unread', 'on arrival, every 5 s'])
  expect(words('pop3')).toEqual(['INBOX', 'every 5 s'])
})

const counted: StartCount = { saved: null, waiting: null, there: 1200, unseen: 3, all: 3, since: null }
const unread = { unreadOnly: true, marks: true }

test('[ED107] a flow that is switched on is asked where it starts, with how many mails each answer means now', () => {
  const labels = (start: string, reading: Parameters<typeof startChoices>[1], count: StartCount | null) => startChoices(start, reading, count).map(({ label }) => label)
  expect(labels('now', unread, counted)).toEqual(['with mail that arrives from now on', 'with what is unread now (3)', 'with all unread mail, also what is marked unread later (3)', 'with mail since a day'])
  expect(labels('2026-11-01', { unreadOnly: false, marks: true }, { ...counted, all: 1200, since: 40 }).slice(2)).toEqual(['with all mail that is there (1,200)', 'with mail since a day (40)'])
  expect(labels('now', { unreadOnly: true, marks: false }, null)).toEqual(['with mail that arrives from now on', 'with all mail that is there', 'with mail since a day'])
  expect(['now', 'unseen', 'all', '2026-11-01'].map((start) => sayStart(start, { ...counted, since: 1 }))).toEqual(['1,200 mails are there and stay as they are.', '3 mails run as soon as it starts.', '3 mails run as soon as it starts.', '1 mail runs as soon as it starts.'])
})

test('[ED141] a start that the flow has run with goes on where it stopped, and says how many mails have come since; any other begins anew', () => {
  const before = { ...counted, saved: 'now', waiting: 5 }
  expect(startChoices('now', unread, before)[0]).toEqual({ value: 'now', label: 'where it stopped (5)' })
  expect(startChoices('now', unread, before).map(({ value }) => value)).toEqual(['now', 'unseen', 'all', 'day'])
  expect(sayStart('now', before)).toBe('It goes on where it stopped: 5 mails have come since and run as soon as it starts.')
  expect(sayStart('all', before)).toBe('3 mails run as soon as it starts.')
  const dated = { ...counted, saved: '2026-11-01', waiting: 0, since: 9 }
  expect([chosenOf('2026-11-01', dated), chosenOf('2026-11-02', dated)]).toEqual(['2026-11-01', 'day'])
  expect(sayStart('2026-11-01', dated)).toBe('It goes on where it stopped; no mail has come since.')
})

test('[ED142] only steps that begin are asked: all of a flow that does not run, else those with another start or another mailbox', () => {
  const ed = threeSteps()
  expect(stepsThatStart(ed.flow(), null)).toEqual([])
  ed.set('receive', 'connection', 'inbox')
  const running = ed.flow()
  expect(stepsThatStart(running, null).map(({ id }) => id)).toEqual(['receive'])
  ed.set('receive', 'maxEmails', 7)
  expect(stepsThatStart(ed.flow(), running)).toEqual([])
  ed.set('receive', 'startFrom', 'unseen')
  expect(stepsThatStart(ed.flow(), running)).toHaveLength(1)
  ed.set('receive', 'startFrom', 'now')
  ed.set('receive', 'also', [{ connection: 'other' }])
  expect(stepsThatStart(ed.flow(), running)).toHaveLength(1)
})

test('[ED143] the mails of several mailboxes are summed; where they do not agree on what was begun, nothing is gone on with', () => {
  const other = { saved: null, waiting: null, there: 10, unseen: 2, all: 2, since: 1 }
  expect(sumCounts([])).toBeNull()
  expect(sumCounts([{ ...counted, since: 4 }, other])).toEqual({ saved: null, waiting: null, there: 1210, unseen: 5, all: 5, since: 5 })
  expect(sumCounts([{ ...counted, saved: 'now', waiting: 1 }, { ...other, saved: 'now', waiting: 2 }])).toMatchObject({ saved: 'now', waiting: 3, since: null })
  expect(sumCounts([{ ...counted, saved: 'now', waiting: 1 }, other])).toMatchObject({ saved: null, waiting: null })
})

test('[ED140] a field goes into a text where the cursor stood, over what was marked, else to the end; the next one behind it', () => {
  expect(putHole('Mail of ', 'a.b', null)).toEqual({ text: 'Mail of {{a.b}}', cursor: [15, 15] })
  const first = putHole('From , today', 'a', [5, 5])
  expect(first.text).toBe('From {{a}}, today')
  expect(putHole(first.text, 'b', first.cursor).text).toBe('From {{a}}{{b}}, today')
  expect(putHole('old text', 'a', [0, 3]).text).toBe('{{a}} text')
})
