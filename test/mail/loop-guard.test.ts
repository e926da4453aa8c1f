/** The loop guard's table, line by line: docs/SPEC.md has it for people. */
import { expect, test } from 'vitest'
import { Fault } from '#shared/errors.ts'
import { answeredBy, type GuardRules, refuseLoop } from '#runtime/mail/compose/refuse-loop.ts'
import { flowsPassed } from '#runtime/mail/mime/flows-passed.ts'
import { ownMessageId } from '#runtime/mail/message-id.ts'
import { readLines } from './mime-letters.ts'

const usual: GuardRules = { flow: 'tickets', answerMachines: false, answerLists: false, self: [] }
const [sender, others] = ['a@x.org', 'team@y.org']
const all: Partial<GuardRules> = { answerMachines: true, answerLists: true }

/** What becomes of a mail with these headers that goes to this recipient. */
async function verdict(headers: readonly string[], to: string, rules: Partial<GuardRules> = {}): Promise<string> {
  const mail = await readLines(...(headers.some((line) => line.startsWith('From:')) ? [] : [`From: ${sender}`]), ...headers, '', 'x')
  try {
    refuseLoop(mail, [to], { ...usual, ...rules })
    return 'goes'
  } catch (error) {
    return error instanceof Fault ? error.code : String(error)
  }
}

test('[SX45, SX142] what people write is answered and sent on', async () => {
  for (const header of ['Subject: Hello', 'Auto-Submitted: no', 'Precedence: first-class', 'X-Auto-Response-Suppress: OOF', 'Return-Path: <a@x.org>', 'List-Unsubscribe: <https://x.org>', 'Received: from a by b']) {
    expect([header, await verdict([header], sender), await verdict([header], others)]).toEqual([header, 'goes', 'goes'])
  }
})

test('[SX45, SX142] the flow\'s own mail is neither answered nor sent on, whatever is switched off', async () => {
  const own = ['X-Mailweave-Flow: tickets', 'X-Mailweave-Passed: tickets', 'X-Mailweave-Passed: other/0123456789abcdef01234567 tickets/0123456789abcdef01234567 third']
  for (const header of own) for (const to of [sender, others]) expect([header, await verdict([header], to, all)]).toEqual([header, 'SEND_CAME_BACK'])
  expect(await verdict(['X-Mailweave-Flow: tickets-2', 'X-Mailweave-Passed: other'], others)).toBe('goes')
})

test('[SX142] mail that more than three flows or fifty servers have handled goes nowhere', async () => {
  const passed = (flows: string) => [`X-Mailweave-Passed: ${flows}`, 'X-Mailweave-Flow: last']
  expect([await verdict(passed('a b'), others), await verdict(passed('a b c'), others, all)]).toEqual(['goes', 'SEND_LOOP'])
  const servers = (count: number) => Array.from({ length: count }, (_, at) => `Received: from s${at} by s${at + 1}`)
  expect([await verdict(servers(50), others), await verdict(servers(51), others, all)]).toEqual(['goes', 'SEND_LOOP'])
})

test('[SX142] bounces and mail with an empty return path are sent on and never answered', async () => {
  const machines = [['Return-Path: <>'], ['Return-Path: < >', 'Subject: Receipt'], ['From: MAILER-DAEMON@x.org'], ['Content-Type: multipart/report; report-type=delivery-status; boundary=b']]
  for (const headers of machines) {
    const from = headers[0]?.startsWith('From:') ? 'mailer-daemon@x.org' : sender
    expect([headers, await verdict(headers, from, all), await verdict(headers, others)]).toEqual([headers, 'SEND_LOOP', 'goes'])
  }
})

test('[SX142] automatic mail is sent on, and answered only where that is switched on', async () => {
  for (const header of ['Auto-Submitted: auto-replied', 'Auto-Submitted: auto-generated; x=y', 'Precedence: auto_reply', 'X-Autoreply: yes', 'X-Auto-Response-Suppress: All']) {
    expect([header, await verdict([header], sender), await verdict([header], others)]).toEqual([header, 'SEND_LOOP', 'goes'])
    expect([header, await verdict([header], sender, all)]).toEqual([header, 'goes'])
  }
})

test('[SX142] mail to many is sent on, and answered only where that is switched on', async () => {
  for (const header of ['List-Id: <news.x.org>', 'Precedence: bulk', 'Precedence: list', 'Precedence: junk', 'X-Auto-Response-Suppress: DR, AutoReply', 'List-Post: <mailto:news@x.org>']) {
    expect([header, await verdict([header], sender), await verdict([header], others)]).toEqual([header, 'SEND_LOOP', 'goes'])
    expect([header, await verdict([header], sender, { answerLists: true })]).toEqual([header, 'goes'])
  }
})

test('[SX142] nothing is sent to the mailbox the mail came to, unless that is switched on', async () => {
  expect(await verdict([], 'Support@x.org', { self: ['support@x.org'] })).toBe('SEND_LOOP')
  expect(await verdict([], 'Support@x.org')).toBe('goes')
})

test('[SX142] what is refused and may be allowed says by which switch', async () => {
  const list = await readLines(`From: ${sender}`, 'List-Id: <news.x.org>', '', 'x')
  expect(() => { refuseLoop(list, [sender], usual) }).toThrow(`Not sent: ${sender} sent a mail to many, and this would answer it. To allow it, switch "Answer mailing lists and newsletters too" on in the step.`)
  const bounce = await readLines(`From: ${sender}`, 'Return-Path: <>', '', 'x')
  expect(() => { refuseLoop(bounce, [sender], usual) }).toThrow(/would answer it\.$/)
})

test('[SX142] whoever sent the mail or takes its answers is answered; the flows it went through are told with their runs', async () => {
  const mail = await readLines('From: Ann <Ann@x.org>, Bob <bob@x.org>', 'Sender: desk@x.org', 'Reply-To: help@x.org', 'Return-Path: <bounce@x.org>', '', 'x')
  expect(answeredBy(mail, ['ANN@x.org', 'bob@x.org', 'desk@x.org', 'help@x.org', 'bounce@x.org', 'ann@x.org', 'other@x.org'])).toEqual(['ann@x.org', 'bob@x.org', 'desk@x.org', 'help@x.org', 'bounce@x.org'])
  const run = '0123456789abcdef01234567'
  const passed = await readLines(`Message-ID: ${ownMessageId(run, 'send', 'x.org')}`, 'X-Mailweave-Flow: b', 'X-Mailweave-Passed: a/run-1 legacy', '', 'x')
  expect(flowsPassed(passed)).toEqual([{ flow: 'a', run: 'run-1' }, { flow: 'legacy', run: '' }, { flow: 'b', run }])
})
