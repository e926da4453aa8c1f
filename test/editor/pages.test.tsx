/** What the pages say, rendered without a browser from answers as the server gives them. */
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { Router } from 'wouter'
import { keys, makeQueryClient } from '#editor/api/queries.ts'
import { CheckList } from '#editor/connections/check-list.tsx'
import { ConnectionsPage } from '#editor/connections/connections-page.tsx'
import { asksTheSame, changeForm, draftOf, emptyForm, type ConnectionForm } from '#editor/connections/draft.ts'
import { TlsFields } from '#editor/connections/tls-fields.tsx'
import { MailboxesPage } from '#editor/mailboxes/mailboxes-page.tsx'
import { MappingForm } from '#editor/mapper/mapping-form.tsx'
import { OutboxPage } from '#editor/outbox/outbox-page.tsx'
import { RunDetail } from '#editor/runs/run-detail.tsx'
import { RunTimeline } from '#editor/runs/run-timeline.tsx'
import { RunTrouble } from '#editor/runs/run-trouble.tsx'
import { RunsPage } from '#editor/runs/runs-page.tsx'
import { SandboxPage } from '#editor/sandbox/sandbox-panel.tsx'
import type { RunView } from '#shared/api.ts'
import { usualLine, usualSending } from '#shared/connection.ts'
import { flowSchema } from '#shared/flow.ts'
import { flowId, mailId, nodeId, runId, sendId } from '#shared/ids.ts'
import type { SendView } from '#shared/run.ts'

/** The page's words, tags taken out; attributes that are read aloud are kept in brackets. */
function show(page: ReactNode, answers: Readonly<Record<string, unknown>> = {}, path = '/'): string {
  const client = makeQueryClient()
  for (const [key, data] of Object.entries(answers)) client.setQueryData(JSON.parse(key) as unknown[], data) // written by askedFor below
  const html = renderToStaticMarkup(
    <MantineProvider env="test"><QueryClientProvider client={client}><Router ssrPath={path}>{page}</Router></QueryClientProvider></MantineProvider>,
  )
  client.clear()
  return html.replace(/<style[\s\S]*?<\/style>/g, '').replace(/<[^>]*?aria-label="([^"]*)"[^>]*>/g, ' [$1] ').replace(/<[^>]+>/g, ' ').replace(/&#x27;/g, '\'').replace(/&quot;/g, '"').replace(/\s+/g, ' ').trim()
}
const askedFor = (key: readonly unknown[]): string => JSON.stringify(key)
const pages = <T,>(page: T) => ({ pages: [page], pageParams: [''] })

const send: SendView = {
  id: sendId('s1'), run: runId('r1'), node: nodeId('send'), flow: flowId('tickets'), version: 3, connection: 'outbox', state: 'unknown', messageId: '<a@b>', from: 'desk@acme.example', subject: 'Ticket: <b>Printer</b>',
  recipients: [{ address: 'p@acme.example', state: 'unknown', answer: '' }], size: 1800, attempts: 1, createdAt: '2026-11-20T10:00:00.000Z', nextAttemptAt: null,
  history: [{ at: '2026-11-20T10:00:00.000Z', what: 'unknown', say: '' }], copy: null,
}
const run: RunView = {
  id: runId('r1'), flow: flowId('tickets'), flowName: 'Tickets', version: 3, state: 'failed', start: 'mail', queuedAt: '2026-11-20T10:00:00.000Z', finishedAt: '2026-11-20T10:00:01.000Z', durationMs: 1000, resent: 0, attempts: 1,
  mail: { id: mailId('m1'), subject: 'Printer', from: 'ana@client.example', connection: 'inbox', folder: 'INBOX', size: 100 },
  problem: { code: 'SEND_BAD_ADDRESS', say: '"x@" in To is not a mail address.', where: 'send' },
  steps: [{
    node: nodeId('send'), kind: 'send-email', name: 'Send to desk', state: 'failed', startedAt: null, durationMs: 12, input: { subject: 'Ticket: Printer', to: [] }, output: null,
    problem: { code: 'SEND_BAD_ADDRESS', say: '"x@" in To is not a mail address.', where: 'send' },
  }],
  sends: [], settle: { state: 'pending', action: 'mark as read', at: null, say: '' },
}

test('[ED151] history and outbox name an account as people named it', () => {
  const named = { [askedFor(keys.connections)]: { connections: [{ id: 'inbox', name: 'Support inbox' }, { id: 'outbox', name: 'Acme outgoing' }] } }
  expect(show(<OutboxPage />, { ...named, [askedFor(keys.outbox({}))]: pages({ sends: [send], next: null, counts: {} }) }, '/outbox?mail=s1&run=r1')).toContain('via Acme outgoing')
  expect(show(<RunDetail id="r1" onChoose={() => undefined} />, { ...named, [askedFor(keys.run('r1'))]: run })).toContain('INBOX of Support inbox')
})

test('[ED153] an empty sandbox says what to do next', () => {
  const sandbox = { on: true, inbox: { address: 'you@sandbox.example', waiting: 0 }, letters: [], sent: [] }
  const sandboxOf = (flows: readonly unknown[]) => show(<SandboxPage />, { [askedFor(keys.sandbox)]: sandbox, [askedFor(keys.flows)]: { flows } }, '/sandbox')
  expect(sandboxOf([{ id: 'tour', name: 'Tour', running: 1 }])).toContain('Send a letter. What “ Tour ” makes of it')
  expect(sandboxOf([{ id: 'tour', name: 'Tour', running: null }])).toContain('Deploy a flow that uses the sandbox connections')
})

test('[ED56] an unknown outcome spells out the three choices and what each means', () => {
  const words = show(<OutboxPage />, { [askedFor(keys.outbox({}))]: pages({ sends: [send], next: null, counts: { unknown: 1, sent: 4096 } }) }, '/outbox?mail=s1&run=r1')
  for (const choice of ['Send again', 'The very same mail with the same Message-ID', 'It was sent', 'as if the server had answered', 'Give up…', 'the run ends as failed']) expect(words).toContain(choice)
  expect(words).toContain('Needs a decision 1')
  expect(words).toContain('Sent 4,096')
})

test('[ED56] only an unknown outcome asks for a decision', () => {
  const words = show(<OutboxPage />, { [askedFor(keys.outbox({}))]: pages({ sends: [{ ...send, state: 'sent', recipients: [{ address: 'p@acme.example', state: 'sent', answer: '' }] }], next: null, counts: {} }) }, '/outbox?mail=s1&run=r1')
  expect(words).toContain('sent')
  expect(words).not.toContain('Give up')
})

test('[ED57] a failed run says first why, where, and what to do', () => {
  expect(show(<RunTrouble run={run} />)).toBe('"x@" in To is not a mail address. It happened at Send to desk. The same would happen again: change the flow, deploy it, then replay this run. Open the flow')
})

test('[ED57] a waiting run says that nothing has to be done, an unknown one leads to the decision, a good one says nothing', () => {
  expect(show(<RunTrouble run={{ ...run, state: 'waiting', problem: { code: 'SEND_DEFERRED', say: 'The server asked to try again later: 451', where: '' } }} />)).toContain('Nothing has to be done')
  expect(show(<RunTrouble run={{ ...run, state: 'unknown', sends: [send] }} />)).toContain('Decide in the outbox')
  expect(show(<RunTrouble run={{ ...run, state: 'done', problem: null, steps: [] }} />)).toBe('')
  expect(show(<RunTrouble run={{ ...run, state: 'done', problem: null, steps: [], resent: 1 }} />)).toContain('sent again after an unknown outcome')
})

test('[ED57] each step of a run shows its state, its time and what came in', () => {
  const words = show(<RunTimeline run={run} />)
  for (const part of ['Send to desk', 'failed', '12 ms', 'What came in', 'Ticket: Printer']) expect(words).toContain(part)
  expect(words).not.toContain('What went out')
})

test('[ED58] every list says what to do while it is empty', () => {
  const none = { [askedFor(keys.connections)]: { connections: [] }, [askedFor(keys.mailboxes)]: { mailboxes: [] }, [askedFor(keys.flows)]: { flows: [] }, [askedFor(keys.runs({}))]: pages({ runs: [], next: null }), [askedFor(keys.outbox({}))]: pages({ sends: [], next: null, counts: {} }) }
  expect(show(<ConnectionsPage />, none)).toContain('Type the mail address; the rest is filled in and checked')
  expect(show(<MailboxesPage />, none)).toContain('as soon as a flow that receives from it is deployed')
  expect(show(<RunsPage />, none, '/runs')).toContain('its run appears here by itself')
  expect(show(<OutboxPage />, none, '/outbox')).toContain('Nothing to be sent yet')
  expect(show(<SandboxPage />, { [askedFor(keys.sandbox)]: { on: true, letters: [], sent: [], inbox: { address: 'you@sandbox.example', waiting: 0 } } })).toContain('Nothing came out yet')
})

test('[ED58] a list that is not there yet says what is awaited', () => {
  expect(show(<ConnectionsPage />)).toContain('Loading the connections')
  expect(show(<RunsPage />, {}, '/runs')).toContain('Loading the runs')
})

test('[ED53] a mailbox tells its health in words and the cause, and a connection shows its worst mailbox and who uses it', () => {
  const box = { connection: 'inbox', folder: 'INBOX', flows: ['tickets'], health: 'needs-attention', say: 'The server refused this password.', lastLookAt: null, lastMailAt: null, nextLookAt: null, waiting: 128, lagMs: 2500, trouble: { code: 'MAIL_LOGIN_REFUSED', say: 'The server refused this password.', since: '2026-11-20T10:00:00.000Z', repeats: 3, until: null }, alarm: null, paused: null, hours: [0, 4], days: [1, 4] }
  const connection = { id: 'inbox', name: 'Support inbox', description: '', kind: 'imap', host: 'imap.acme.example', port: 993, security: 'tls', login: 'password', oauth: null, mailbox: '', user: 'a@acme.example', certificate: '', trustedServers: [], ...usualLine, ...usualSending, maxConnections: 5, hasPassword: true, createdAt: '', updatedAt: '', sandbox: false, sharing: 'everyone', usedBy: ['tickets'] }
  const answers = { [askedFor(keys.mailboxes)]: { mailboxes: [box] }, [askedFor(keys.connections)]: { connections: [connection] }, [askedFor(keys.flows)]: { flows: [{ id: 'tickets', name: 'Support tickets' }] } }
  expect(show(<MailboxesPage />, answers)).toMatch(/Support inbox INBOX Support tickets needs you The server refused this password\. Change the password Since .*, 3 tries in vain\. not yet next once it is put right not since the start after 2\.5 s 128 mails behind .*4 in 24 h .*5 in 7 days/)
  expect(show(<ConnectionsPage />, answers)).toContain('needs you The server refused this password. Change the password Server imap.acme.example:993 IMAP TLS Used by Support tickets')
})

test('[ED85] a host name that is not checked is said in red on the connection and on its mailbox, and the folded settings name what differs', () => {
  const connection = { id: 'inbox', name: 'Support inbox', description: '', kind: 'imap', host: 'imap.acme.example', port: 993, security: 'tls', user: '', certificate: '', trustedServers: [], ...usualLine, ...usualSending, maxConnections: 5, hasPassword: true, createdAt: '', updatedAt: '', sandbox: false, sharing: 'everyone', usedBy: [] }
  const box = { connection: 'inbox', folder: 'INBOX', flows: [], health: 'idle', say: '', lastLookAt: null, lastMailAt: null, nextLookAt: null, waiting: 0, lagMs: null, trouble: null, alarm: null, paused: null, hours: [], days: [] }
  const page = (change: object) => {
    const answers = { [askedFor(keys.mailboxes)]: { mailboxes: [box] }, [askedFor(keys.connections)]: { connections: [{ ...connection, ...change }] }, [askedFor(keys.flows)]: { flows: [] } }
    return [show(<ConnectionsPage />, answers), show(<MailboxesPage />, answers)].map((words) => words.includes('host name not checked'))
  }
  expect(page({})).toEqual([false, false])
  expect(page({ checkHostName: false })).toEqual([true, true])
  expect(page({ checkHostName: false, security: 'none' })).toEqual([false, false])
  expect(page({ checkHostName: false, pinned: 'ab'.repeat(32) })).toEqual([false, false])

  const folded = (change: Partial<ConnectionForm>) => show(<TlsFields form={{ ...emptyForm('imap'), ...change }} saved={null} readOnly={false} problems={{}} onChange={() => {}} />)
  expect(folded({})).toBe('TLS settings as usual')
  expect(folded({ checkHostName: false, minTls: 'TLSv1.3', ciphers: 'HIGH' })).toContain('TLS settings host name not checked, TLS 1.3 only, own ciphers')
  expect(folded({ pinned: 'ab'.repeat(32) })).toContain(`Only this certificate is trusted ${Array.from({ length: 32 }, () => 'AB').join(':')} Whatever its names`)
})

test('[ED84] a login that does not work any more has a link to the field that mends it, on the mailbox and on the connection', () => {
  const connection = { id: 'inbox', name: 'Support inbox', description: '', kind: 'imap', host: 'imap.acme.example', port: 993, security: 'tls', login: 'password', oauth: null, mailbox: '', user: 'a', certificate: '', trustedServers: [], ...usualLine, ...usualSending, maxConnections: 5, hasPassword: true, hasClientSecret: false, dkim: null, dkimRecord: null, signedInAt: null, createdAt: '', updatedAt: '', sandbox: false, sharing: 'everyone', usedBy: [] }
  const pagesWith = (code: string, change: object = {}) => {
    const trouble = { code, say: 'Refused.', since: '2026-11-20T12:00:00.000Z', repeats: 3, until: null }
    const box = { connection: 'inbox', folder: 'INBOX', flows: [], health: 'needs-attention', say: 'Refused. Tried 3 times.', lastLookAt: null, lastMailAt: null, nextLookAt: null, waiting: 0, lagMs: null, trouble, alarm: null, paused: null, hours: [], days: [] }
    const answers = { [askedFor(keys.mailboxes)]: { mailboxes: [box] }, [askedFor(keys.connections)]: { connections: [{ ...connection, ...change }] }, [askedFor(keys.flows)]: { flows: [] } }
    return [show(<ConnectionsPage />, answers), show(<MailboxesPage />, answers)].map((words) => ['Change the password', 'Sign in again'].filter((fix) => words.includes(fix)))
  }
  expect(pagesWith('MAIL_LOGIN_REFUSED')).toEqual([['Change the password'], ['Change the password']])
  expect(pagesWith('SIGN_IN_AGAIN', { login: 'oauth2' })).toEqual([['Sign in again'], ['Sign in again']])
  expect(pagesWith('MAIL_CERTIFICATE_EXPIRED')).toEqual([[], []])
})

test('[ED51] the check names each line, its outcome and its cause', () => {
  const words = show(<CheckList kind="imap" stale={false} onApply={null} check={{ ok: false, ms: 842, certificate: null, lines: [{ step: 'host', state: 'ok', say: '192.0.2.10', fix: '', apply: null }, { step: 'login', state: 'failed', say: 'Wrong password', fix: 'Type it again.', apply: null }, { step: 'folder', state: 'skipped', say: 'Not tried', fix: '', apply: null }] }} />)
  expect(words).toBe('This does not work yet 0.8 s [works] Server found 192.0.2.10 [failed] Login Wrong password Type it again. [not tried] Mailbox opens Not tried')
  expect(show(<CheckList kind="smtp" stale={false} onApply={null} check={null} />)).toContain('May send')
})

test('[ED86] the check offers its fix as a button, shows the certificate it saw, and lets a person trust exactly that one', () => {
  const certificate = { subject: 'mail.acme.example', issuer: 'Acme CA', names: ['mail.acme.example', '<b>x</b>'], validFrom: '2026-01-02T00:00:00.000Z', validUntil: '2027-01-02T00:00:00.000Z', fingerprint: 'AB:'.repeat(31) + 'AB', mayPin: true }
  const check = {
    ok: false, ms: 20, certificate,
    lines: [{ step: 'port', state: 'failed', say: 'Nothing listens on port 99.', fix: 'Port 993 with TLS answers on the same server: use it.', apply: { label: 'Use port 993 with TLS', change: { port: 993, security: 'tls' } } }],
  } as const
  const words = (stale: boolean, onApply: (() => void) | null, mayPin: boolean) => show(<CheckList kind="imap" stale={stale} onApply={onApply} check={{ ...check, certificate: { ...certificate, mayPin } }} />)
  expect(words(false, () => {}, true)).toContain('Nothing listens on port 99. Port 993 with TLS answers on the same server: use it. Use port 993 with TLS')
  expect(words(false, () => {}, true)).toContain(`Made for mail.acme.example, &lt;b&gt;x&lt;/b&gt; Signed by Acme CA Valid 2026-01-02 to 2027-01-02 SHA-256 ${certificate.fingerprint}`)
  expect(words(false, () => {}, true)).toContain('Trust exactly this certificate')
  // Nothing to be trusted where trust was not the trouble, and no button that would undo what was typed since.
  for (const other of [words(false, () => {}, false), words(true, () => {}, true), words(false, null, true)]) expect(other).not.toContain('Trust exactly this certificate')
  for (const other of [words(true, () => {}, true), words(false, null, true)]) expect(other.match(/Use port 993/g)).toBe(null)

  const typed = { ...emptyForm('imap'), host: 'mail.acme.example', port: 99 }
  // What was found or touched meanwhile makes a check no older; what is asked of the server does.
  expect([asksTheSame(typed, { ...typed, touched: ['name'] }), asksTheSame(typed, { ...typed, pinned: certificate.fingerprint })]).toEqual([true, false])
  let form = changeForm(typed, check.lines[0].apply.change)
  expect(form).toMatchObject({ port: 993, security: 'tls', host: 'mail.acme.example' })
  form = changeForm(form, { security: 'starttls', port: 1143 })
  expect(form).toMatchObject({ port: 1143, security: 'starttls' })
  expect(draftOf(changeForm(form, { pinned: certificate.fingerprint })).pinned).toBe(certificate.fingerprint)
})

test('[ED64] the mapping form lists its rows with what each does, and an empty one offers the usual rows', () => {
  const flow = flowSchema.parse({ format: 1, id: 'tickets', name: 'Tickets', nodes: [{ id: 'receive', kind: 'receive-email' }, { id: 'map', kind: 'map-data' }, { id: 'send', kind: 'send-email' }], edges: [{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }] })
  const rows = [{ to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: 'Ticket: ' }] }, { to: 'headers.X-Ticket', value: '4711' }]
  const words = show(<MappingForm rows={rows} flow={flow} nodeId="map" onChange={() => {}} />)
  for (const part of ['Subject', 'subject', 'put in front “Ticket: ”', 'X-Ticket', '“4711”', '2 rows']) expect(words).toContain(part)
  expect(show(<MappingForm rows={[]} flow={flow} nodeId="map" onChange={() => {}} />)).toContain('Add the usual rows')
})

test('[ED136] a run that is not shared is there, without its words and without buttons to open it', () => {
  const bare = { ...run, hidden: true, steps: [], sends: [], mail: { ...run.mail, subject: '', from: '', folder: '', size: 0 } }
  const detail = show(<RunDetail id="r1" onChoose={() => undefined} />, { [askedFor(keys.run('r1'))]: bare })
  expect(detail).toContain('A mail that is not shared with you')
  expect(detail).toContain('This mail is not yours to read')
  for (const words of ['Replay', 'Download', 'Show the mail', '(no subject)']) expect(detail).not.toContain(words)
})
