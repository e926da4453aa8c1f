/** The logic behind the pages: guesses for connections, words for times and sizes, filters, keys. */
import { expect, test } from 'vitest'
import { changeForm, draftOf, emptyForm, formOf, outgoingOf, problemsOf } from '#editor/connections/draft.ts'
import { freeId, guessConnection, nextPort } from '#editor/connections/guess.ts'
import { readFilter } from '#editor/runs/runs-page.tsx'
import { senderOf, subjectOf } from '#editor/runs/run-words.ts'
import { tokenOf } from '#editor/session/sign-in-page.tsx'
import { sayAgo, sayDuration, saySize, sayTime, sayUntil } from '#editor/ui/formats.ts'
import { worstHealth } from '#editor/ui/health.ts'
import { nextRow } from '#editor/ui/use-rows.ts'
import { sayShort } from '#editor/ui/value-view.tsx'
import { connectionId, flowId, mailId, runId } from '#shared/ids.ts'
import { usualLine, usualSending } from '#shared/connection.ts'

test('[ED50] an address gives server, port, encryption, user and names; nothing is guessed from half an address', () => {
  expect(guessConnection('Support@Acme.Example', 'imap')).toEqual({ id: 'support-acme-inbox', name: 'Support@Acme.Example', user: 'Support@Acme.Example', host: 'imap.acme.example', port: 993, security: 'tls' })
  expect(guessConnection('a@acme.example', 'smtp')).toMatchObject({ host: 'smtp.acme.example', port: 465, security: 'tls' })
  expect(guessConnection('a@icloud.com', 'smtp')).toMatchObject({ host: 'smtp.mail.me.com', port: 587, security: 'starttls' })
  for (const half of ['', 'support', '@acme.example', 'support@', 'support@acme', 'a b@acme..']) expect(guessConnection(half, 'imap')).toBeNull()
})

test('[ED50] guesses follow the address letter by letter and leave alone what was typed by hand', () => {
  let form = emptyForm('imap')
  for (const address of ['s', 's@', 's@acme.ex', 's@acme.example']) form = changeForm(form, { address })
  expect(form).toMatchObject({ host: 'imap.acme.example', user: 's@acme.example', id: 's-acme-inbox' })
  form = changeForm(form, { host: 'mail.acme.example' })
  form = changeForm(form, { address: 't@acme.example' }, ['t-acme-inbox'])
  expect(form).toMatchObject({ host: 'mail.acme.example', user: 't@acme.example', id: 't-acme-inbox-2' })
})

test('[ED50] the port follows encryption and kind unless an unusual one was typed', () => {
  let form = changeForm(emptyForm('imap'), { security: 'starttls' })
  expect(form.port).toBe(143)
  form = changeForm(form, { kind: 'smtp' })
  expect(form.port).toBe(587)
  form = changeForm(changeForm(form, { port: 2525 }), { security: 'tls' })
  expect(form.port).toBe(2525)
  expect(nextPort(993, { kind: 'imap', security: 'tls' }, { kind: 'imap', security: 'none' })).toBe(143)
})

test('[ED136] who may use a connection is sent when it was chosen, for the outgoing server made along too, and else left as it is', () => {
  const form = changeForm(emptyForm('imap'), { name: 'Payroll' })
  expect(draftOf(form)).not.toHaveProperty('sharing')
  const chosen = changeForm(form, { sharing: ['Anna'] })
  expect([draftOf(chosen), draftOf(outgoingOf(chosen, []))]).toMatchObject([{ sharing: ['Anna'] }, { sharing: ['Anna'] }])
})

test('[ED51] a saved password never comes back to the form, and an empty field keeps it', () => {
  const saved = {
    id: connectionId('inbox'), name: 'Inbox', description: '', kind: 'imap' as const, host: 'imap.acme.example', port: 993, security: 'tls' as const, user: 'a@acme.example', certificate: '', trustedServers: ['x.example'], ...usualLine, ...usualSending, maxConnections: 5,
    login: 'password' as const, oauth: null, mailbox: '', hasClientSecret: false, dkim: null, dkimRecord: null, signedInAt: null,
    hasPassword: true, createdAt: '', updatedAt: '', sandbox: false, sharing: 'everyone' as const,
  }
  const form = formOf(saved)
  expect(form.password).toBe('')
  expect(draftOf(form)).not.toHaveProperty('password')
  expect(draftOf(changeForm(form, { password: 'new' }))).toMatchObject({ password: 'new', trustedServers: ['x.example'] })
})

test('[ED51] a certificate is only sent where encryption can use it', () => {
  const form = changeForm({ ...emptyForm('imap'), certificate: '-----BEGIN CERTIFICATE-----' }, { security: 'none' })
  expect(draftOf(form).certificate).toBe('')
  expect(draftOf(changeForm(form, { security: 'starttls' })).certificate).toBe('-----BEGIN CERTIFICATE-----')
})

test('[ED51] what is missing is named at its field, in words', () => {
  expect(problemsOf(emptyForm('imap'))).toEqual({ id: 'The short name holds lower-case letters, digits and hyphens', host: 'Name the server', name: 'Give the connection a name' })
  const whole = changeForm(emptyForm('imap'), { address: 'a@acme.example' })
  expect(problemsOf(whole)).toEqual({})
  expect(problemsOf(changeForm(whole, { host: 'https://acme.example/mail', port: '' }))).toEqual({ host: 'A host name or an IP address, without "https://"', port: 'A port is a number from 1 to 65535' })
})

test('[ED50] a name that is taken gets a number behind it', () => {
  expect(freeId('inbox', ['inbox', 'inbox-2'])).toBe('inbox-3')
})

const now = Date.parse('2026-11-20T14:02:31.000Z')
const before = (seconds: number): string => new Date(now - seconds * 1000).toISOString()

test('[ED48] times are short and in the reader\'s zone: the clock today, the day this year, else the date', () => {
  expect(sayTime(before(60), now, 'UTC')).toBe('14:01:31')
  expect(sayTime(before(60), now, 'Asia/Tokyo')).toBe('23:01:31')
  expect(sayTime('2026-11-19T23:30:00Z', now, 'UTC')).toBe('19 Nov, 23:30')
  expect(sayTime('2025-03-01T10:00:00Z', now, 'UTC')).toBe('1 Mar 2025')
  expect(sayTime('no time', now, 'UTC')).toBe('')
})

test('[ED48] spans and sizes are said in the unit that matters', () => {
  expect([2, 12, 250, 7300, 86_400, 200_000].map((seconds) => sayAgo(before(seconds), now))).toEqual(['just now', '12 s ago', '4 min ago', '2 h ago', '1 day ago', '2 days ago'])
  expect([-4.2, -190, 1].map((seconds) => sayUntil(before(seconds), now))).toEqual(['in 4 s', 'in 3 min', 'now'])
  expect([84, 412, 12_400, 200_000, 7_500_000].map(sayDuration)).toEqual(['84 ms', '0.4 s', '12 s', '3 min 20 s', '2 h 5 min'])
  expect([512, 4100, 1_800_000].map(saySize)).toEqual(['512 B', '4 KB', '1.8 MB'])
})

const read = (search: string, flow?: string) => readFilter(new URLSearchParams(search), flow)
test('[ED52] the address bar\'s filters are read strictly: unknown states and empty searches are none', () => {
  expect(read('flow=tickets&state=failed&q=%20invoice%20')).toEqual({ flow: 'tickets', state: 'failed', subject: 'invoice' })
  expect(read('state=exploded&q=%20')).toEqual({})
  expect(read('in=from&q=ana')).toEqual({ from: 'ana' })
  expect(read('flow=other&in=messageId&q=abc@x', 'tickets')).toEqual({ flow: 'tickets', messageId: 'abc@x' })
})

test('[ED52] up, down, Home and End walk the runs and stop at the ends', () => {
  const ids = ['a', 'b', 'c']
  expect([nextRow(ids, 'a', 'ArrowDown'), nextRow(ids, 'c', 'ArrowDown'), nextRow(ids, 'b', 'ArrowUp'), nextRow(ids, 'a', 'ArrowUp')]).toEqual(['b', 'c', 'a', 'a'])
  expect([nextRow(ids, '', 'ArrowDown'), nextRow(ids, 'b', 'Home'), nextRow(ids, 'b', 'End'), nextRow(ids, 'b', 'x'), nextRow([], '', 'ArrowDown')]).toEqual(['a', 'a', 'c', null, null])
})

test('[ED42] the token is found in a link, behind the #, or as it is', () => {
  expect(['http://127.0.0.1:7025/sign-in#abc', '#abc', ' abc ', 'a%20b', '%'].map(tokenOf)).toEqual(['abc', 'abc', 'abc', 'a b', '%'])
})

test('[ED53] of several mailboxes the one that needs a person is shown', () => {
  expect(worstHealth(['idle', 'needs-attention', 'deaf'])).toBe('needs-attention')
  expect(worstHealth([])).toBeNull()
})

test('[ED54] any value is said in one line, bounded, without braces', () => {
  expect(sayShort({ name: 'Ana', address: 'ana@example.org', domain: 'example.org' })).toBe('Ana <ana@example.org>')
  expect(sayShort([{ name: 'jam.jpg', type: 'image/jpeg', size: 1_800_000 }, 'x'])).toBe('jam.jpg, 1.8 MB, x')
  expect(sayShort('a\n\n  b')).toBe('a b')
  expect(sayShort('x'.repeat(500), 10)).toBe(`${'x'.repeat(9)}…`)
  expect([sayShort(null), sayShort([]), sayShort(false)]).toEqual(['', '', 'no'])
})

test('[ED52] a mail that is still being read is not called one without a subject', () => {
  const mail = { id: mailId('m'), subject: '', from: '', connection: 'inbox', folder: 'INBOX', size: 1 }
  const run = { id: runId('r'), flow: flowId('f'), flowName: 'F', version: 1, start: 'mail' as const, mail, queuedAt: '', finishedAt: null, durationMs: null, problem: null, resent: 0 }
  expect([subjectOf({ ...run, state: 'running' }), senderOf({ ...run, state: 'queued' }, (id) => id)]).toEqual(['Being read…', 'inbox'])
  expect([subjectOf({ ...run, state: 'done' }), senderOf({ ...run, state: 'failed' }, (id) => id)]).toEqual(['(no subject)', 'unknown sender'])
})
