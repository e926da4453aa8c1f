/** What Send Email makes of the flow's safety settings, one mail at a time. */
import { afterAll, expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { checkFlow } from '#shared/flow-check.ts'
import { isAllowed, type Sending, sendingOf, sendingSchema } from '#shared/sending/safety.ts'
import { flowOf, jobOf, map, receive, scratch, send } from '../engine/compute-jobs.ts'
import { bytesOf, read } from '../mail/mime-letters.ts'

const folder = scratch()
afterAll(() => { folder.remove() })
const letter = bytesOf('From: Anna <anna@x.org>', 'Subject: Broken printer', 'X-Boss: boss@x.org', '', 'It smokes.')
const compute = (rows: Parameters<typeof map>[0], sending: Partial<Sending> = {}, job = {}, bytes = letter) =>
  computeFlow(jobOf({ ...flowOf([receive(), map(rows), send()]), sending: { ...sendingOf(undefined), ...sending } }, bytes, job))

test('[SX147] an allow-list knows addresses, a domain, and all below one; empty it lets everybody through', () => {
  const allow = ['Ann@X.org', '@y.org', '@*.z.org']
  const verdicts = ['ann@x.org', 'ANN@x.org', 'bob@x.org', 'a@y.org', 'a@sub.y.org', 'a@z.org', 'a@m.z.org', 'a@m.n.z.org', 'a@evilz.org', 'a@y.org.evil.net', '"ann@x.org"@evil.net', 'ann@x.org@evil.net']
  expect(verdicts.filter((address) => isAllowed(address, allow))).toEqual(['ann@x.org', 'ANN@x.org', 'a@y.org', 'a@m.z.org', 'a@m.n.z.org'])
  expect(isAllowed('anybody@anywhere.net', [])).toBe(true)
  for (const bad of ['', 'x.org', '@', '*', '@*', '@*.', '*@x.org', 'a@', '@x..org', '@-x.org', '@x.org, @y.org']) expect([bad, sendingSchema.safeParse({ allow: [bad] }).success]).toEqual([bad, false])
})

test('[SX147] one recipient that is not on the list fails the step, which names it, and nothing is sent', async () => {
  const rows = [{ to: 'to', value: 'desk@y.org' }, { to: 'bcc', from: ['receive.from.address'] }]
  const { problem, sends } = await compute(rows, { allow: ['@y.org'] })
  expect([problem, sends]).toMatchObject([{ code: 'SEND_NOT_ALLOWED', where: 'send', say: expect.stringContaining('anna@x.org') }, []])
  expect((await compute(rows, { allow: ['@y.org', '@x.org'] })).sends).toHaveLength(1)
})

test('[SX148] in test mode the tester alone gets the mail, which says whom it was for', async () => {
  const rows = [{ to: 'to', value: 'desk@y.org, Two <two@y.org>' }, { to: 'cc', from: ['receive.from.address'] }, { to: 'bcc', value: 'hidden@y.org' }, { to: 'subject', value: 'Ticket' }]
  const { sends, steps } = await compute(rows, { testTo: 'me@own.org' })
  expect(sends[0]?.envelope.to).toEqual(['me@own.org'])
  const raw = sends[0]?.raw
  const mail = await read(raw?.kind === 'bytes' ? Buffer.from(raw.bytes) : Buffer.alloc(0))
  expect([mail.subject, mail.to.map(({ address }) => address), mail.cc, mail.bcc]).toEqual(['[Test for desk@y.org and 3 more] Ticket', ['me@own.org'], [], []])
  expect(mail.headers.find(({ name }) => name === 'X-Mailweave-Test-For')?.value).toBe('desk@y.org, two@y.org, anna@x.org, hidden@y.org')
  expect(JSON.parse(steps.at(-1)?.outputJson ?? '{}')).toMatchObject({ testFor: ['desk@y.org', 'two@y.org', 'anna@x.org', 'hidden@y.org'] })
  expect(sends[0]?.shielded).toMatchObject({ strangers: [], answered: [] })
})

test('[SX148] test mode is warned of and does not hold up a deploy; settings that are none are no flow', () => {
  const draft = (sending: unknown) => ({ format: 1, id: 'f', name: 'F', edges: [{ from: 'receive', to: 'send' }], sending, nodes: [
    { id: 'receive', kind: 'receive-email', config: { connection: 'inbox' } }, { id: 'send', kind: 'send-email', config: { connection: 'outbox', from: 'a@x.org', to: 'b@x.org' } },
  ] })
  const check = (sending: unknown) => checkFlow(draft(sending), { connections: [{ id: 'inbox', kind: 'imap' }, { id: 'outbox', kind: 'smtp' }] })
  expect(check({ testTo: 'me@own.org' })).toMatchObject({ flow: { sending: { testTo: 'me@own.org', perStrangerHour: 20 } }, problems: [{ code: 'FLOW_TEST_MODE', severity: 'warning', node: '', field: 'sending.testTo' }] })
  expect(check(undefined)).toMatchObject({ flow: { sending: sendingOf(undefined) }, problems: [] })
  for (const bad of [{ testTo: '' }, { testTo: 'nobody' }, { perHour: -1 }, { perHour: 1.5 }, { allow: 'x' }, { unknown: 1 }]) expect([bad, check(bad).flow]).toEqual([bad, null])
})

test('[SX148] what would be refused is refused in test mode too, and many receivers do not make a header of pages', async () => {
  expect((await compute([{ to: 'to', value: 'desk@y.org' }], { testTo: 'me@own.org', allow: ['@x.org'] })).problem).toMatchObject({ code: 'SEND_NOT_ALLOWED' })
  const automatic = bytesOf('From: bot@x.org', 'Auto-Submitted: auto-replied', '', 'x')
  expect((await compute([{ to: 'to', from: ['receive.from'] }], { testTo: 'me@own.org' }, {}, automatic)).problem).toMatchObject({ code: 'SEND_LOOP' })
  const many = Array.from({ length: 50 }, (_, at) => `n${at}@y.org`).join(', ')
  const { sends } = await compute([{ to: 'to', value: many }], { testTo: 'me@own.org' })
  const raw = sends[0]?.raw
  expect(Buffer.from(raw?.kind === 'bytes' ? raw.bytes : []).toString()).toContain('and 30 more')
})

test('[SX144] people whose addresses stand in the flow are no strangers; who comes out of a mail is one, and who wrote it is answered', async () => {
  const { sends } = await compute([{ to: 'to', value: 'Desk <Desk@y.org>' }, { to: 'cc', from: ['receive.from'] }, { to: 'bcc', expression: '"built" & "@z.org"' }])
  expect(sends[0]?.shielded).toEqual({ strangers: ['anna@x.org', 'built@z.org'], answered: ['anna@x.org'] })
})

test('[SX142] the mailbox it came to is told to the step, and its own mail lists where it has been', async () => {
  const rows = [{ to: 'to', value: 'support@x.org' }]
  expect((await compute(rows, {}, { self: ['support@x.org'] })).problem).toMatchObject({ code: 'SEND_LOOP' })
  const run = '0123456789abcdef01234567'
  const passed = bytesOf('From: a@x.org', 'X-Mailweave-Flow: other', `Message-ID: <${run}.0123456789abcdef.flow@x.org>`, '', 'x')
  const { sends } = await compute(rows, {}, {}, passed)
  const raw = sends[0]?.raw
  expect(Buffer.from(raw?.kind === 'bytes' ? raw.bytes : []).toString()).toContain(`X-Mailweave-Passed: other/${run}\r\n`)
  const own = flowOf([receive(), map(rows), send()]).id
  const back = await compute(rows, {}, {}, bytesOf('From: b@x.org', 'X-Mailweave-Flow: other', `X-Mailweave-Passed: ${own}/run-7`, '', 'x'))
  expect([back.problem?.code, back.passed]).toEqual(['SEND_CAME_BACK', ['run-7']])
})
