/** The connection form follows what is known of an address: the provider's servers, what was found, else the usual names; and says which. */
import { expect, test } from 'vitest'
import { changeForm, emptyForm } from '#editor/connections/draft.ts'
import { adviceFor, sayFound } from '#editor/connections/found-words.ts'
import { fits } from '#editor/connections/provider-picker.tsx'
import type { Lookup } from '#editor/connections/use-lookup.ts'
import type { ConnectionKind } from '#shared/connection.ts'
import type { Detected, FoundServer } from '#shared/detected.ts'

const idle: Lookup = { state: 'idle' }
const server = (kind: ConnectionKind, change: Partial<FoundServer> = {}): FoundServer =>
  ({ kind, host: `${kind}.hoster.example`, port: 1993, security: 'tls', user: 'ann', logins: [], by: 'autoconfig', sure: 'likely', say: 'by the settings file of acme.example', ...change })
const detected = (change: Partial<Detected> = {}): Detected => ({ address: 'ann@acme.example', provider: null, servers: [], notOffered: [], missed: [], ...change })
const done = (change: Partial<Detected> = {}): Lookup => ({ state: 'done', detected: detected(change) })
const typed = (address: string, kind: ConnectionKind = 'imap') => changeForm(emptyForm(kind), { address })

test('[ED91] what was found for the address fills the form, kind by kind; where nothing was, the usual name stays', () => {
  const before = typed('ann@acme.example')
  expect(before).toMatchObject({ host: 'imap.acme.example', port: 993 })
  const found = changeForm(before, { detected: detected({ servers: [server('imap'), server('smtp', { port: 587, security: 'starttls' })] }) })
  expect(found).toMatchObject({ host: 'imap.hoster.example', port: 1993, security: 'tls', user: 'ann', name: 'ann@acme.example', id: 'ann-acme-inbox' })
  expect(changeForm(found, { kind: 'smtp' })).toMatchObject({ host: 'smtp.hoster.example', port: 587, security: 'starttls', id: 'ann-acme-outbox' })
  expect(changeForm(found, { kind: 'pop3' })).toMatchObject({ host: 'pop.acme.example', port: 995 })
  expect(changeForm(found, { address: 'bob@acme.example' })).toMatchObject({ host: 'imap.acme.example', user: 'bob@acme.example' })
})

test('[ED91] what is not offered gets no made-up server, and what was typed by hand stays', () => {
  expect(changeForm(typed('ann@acme.example'), { detected: detected({ notOffered: ['imap'], servers: [server('pop3')] }) }).host).toBe('')
  expect(typed('ann@tuta.com').host).toBe('')
  const own = changeForm(changeForm(typed('ann@acme.example'), { host: 'mail.acme.example' }), { detected: detected({ servers: [server('imap')] }) })
  expect(own).toMatchObject({ host: 'mail.acme.example', user: 'ann' })
})

test('[ED91] a provider chosen by name brings its servers, whatever stood there, and leaves the person\'s name for it alone', () => {
  let form = changeForm(changeForm(typed('ann@acme.example'), { host: 'mail.acme.example', security: 'none' }), { name: 'Ann' })
  form = changeForm(form, { provider: 'microsoft-365' })
  expect(form).toMatchObject({ host: 'outlook.office365.com', port: 993, security: 'tls', user: 'ann@acme.example', name: 'Ann', oauth: { provider: 'microsoft' } })
  expect(changeForm(form, { kind: 'smtp' })).toMatchObject({ host: 'smtp.office365.com', port: 587, security: 'starttls' })
  expect(changeForm(form, { provider: '' }).host).toBe('imap.acme.example')
  expect(changeForm(emptyForm('imap'), { provider: 'gmail' })).toMatchObject({ host: 'imap.gmail.com', user: '', id: '', name: '', oauth: { provider: 'google' } })
})

test('[ED91] a provider is found by its name, or by a domain of its addresses', () => {
  expect(fits('outlook', 'Outlook.com, Hotmail, Live', 'HOT')).toBe(true)
  expect(fits('outlook', 'Outlook.com, Hotmail, Live', 'me@msn')).toBe(true)
  expect(fits('gmx', 'GMX', 'msn')).toBe(false)
})

test('[ED92] one line says where the servers come from, what is awaited, or that there are none', () => {
  const said = (form: ReturnType<typeof typed>, lookup: Lookup): string => { const line = sayFound(form, lookup); return `${line.tone}: ${line.say}` }
  const acme = typed('ann@acme.example')
  expect(said(typed('ann@gma'), idle)).toBe('quiet: The servers of this address are looked up and filled in.')
  expect(said(typed('ann@gmail.com'), idle)).toBe('ok: The known servers of Gmail, Google Workspace')
  expect(said(typed('ann@icloud.com', 'pop3'), idle)).toBe('warn: iCloud Mail offers no POP3')
  expect(said(acme, { state: 'looking', domain: 'acme.example' })).toBe('busy: Asking acme.example for its mail servers…')
  expect(said(acme, { state: 'failed', error: new Error('Too many tries. Wait 3 seconds.'), again: () => {} })).toBe('bad: The lookup failed: Too many tries. Wait 3 seconds.')
  expect(said(acme, done({ servers: [server('imap')] }))).toBe('ok: Found by the settings file of acme.example')
  expect(said(acme, done({ servers: [server('imap', { sure: 'guess' })] }))).toMatch(/^warn: Found by/)
  expect(said(acme, done({ servers: [server('pop3')], notOffered: ['imap'] }))).toBe('warn: By its own records acme.example offers no IMAP')
  expect(said(acme, done({ provider: { id: 'tuta', name: 'Tuta', hint: 'x', logins: [] } }))).toBe('warn: Tuta offers no IMAP')
  expect(said(acme, done())).toBe('warn: Nothing found for acme.example: the usual names are filled in')
})

test('[ED92] where one way of receiving is not to be had and the other is, that one is offered', () => {
  expect(sayFound(typed('ann@icloud.com', 'pop3'), idle).instead).toBe('imap')
  expect(sayFound(typed('ann@tuta.com'), idle)).not.toHaveProperty('instead')
  const acme = typed('ann@acme.example')
  expect(sayFound(acme, done({ servers: [server('pop3')] }))).toEqual({ tone: 'warn', say: 'Only POP3 was found for acme.example', instead: 'pop3' })
  expect(sayFound(acme, done({ servers: [server('pop3')], notOffered: ['imap'] })).instead).toBe('pop3')
  expect(sayFound({ ...acme, kind: 'smtp' }, done({ servers: [server('pop3')] }))).not.toHaveProperty('instead')
})

test('[ED92] before the first try a person reads what the provider asks for, that a guess is one, or what was looked at in vain', () => {
  expect(adviceFor(typed('ann@gmail.com'), idle)).toMatchObject({ tone: 'accent', title: 'Gmail, Google Workspace: signing in is recommended', signIn: true, say: expect.stringContaining('app password') as string })
  expect(adviceFor(changeForm(typed('ann@gmail.com'), { login: 'oauth2' }), idle)).toBeNull()
  expect(typed('ann@tuta.com').login).toBe('password')
  expect(adviceFor(typed('ann@outlook.com'), idle)).toMatchObject({ title: 'Outlook.com, Hotmail, Live', signIn: false })
  expect(adviceFor(changeForm(typed('ann@outlook.com'), { login: 'password' }), idle)).toMatchObject({ title: 'Outlook.com, Hotmail, Live: signing in is recommended', signIn: true })
  expect(adviceFor(typed('ann@tuta.com'), idle)).toMatchObject({ tone: 'warn', title: 'Tuta, Tutanota' })
  expect(adviceFor(typed('ann@orange.fr'), idle)).toBeNull()
  const guess = done({ servers: [server('imap', { sure: 'guess', host: 'imap.evil.example' })] })
  const form = changeForm(typed('ann@acme.example'), { detected: guess.state === 'done' ? guess.detected : null })
  expect(adviceFor(form, guess)).toMatchObject({ tone: 'warn', title: 'Is imap.evil.example the right server?' })
  expect(adviceFor(changeForm(form, { host: 'imap.acme.example' }), guess)).toBeNull()
  expect(adviceFor(typed('ann@acme.example'), done({ missed: [{ by: 'dns', say: 'acme.example has no records.' }] }))?.list).toEqual(['acme.example has no records.'])
  const hosted = done({ provider: { id: 'gmail', name: 'Gmail, Google Workspace', hint: 'Sign in with Google.', logins: ['oauth2'] }, servers: [server('imap')] })
  expect(adviceFor(changeForm(typed('ann@acme.example'), { detected: hosted.state === 'done' ? hosted.detected : null }), hosted)?.say).toBe('Sign in with Google.')
})
