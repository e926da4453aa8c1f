/** The sandbox's POP3 server as a client on the wire sees it, and a flow on it from the letter to the deletion. */
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { SandboxView } from '#shared/api.ts'
import type { Connection, ConnectionCheck, MailboxStatus } from '#shared/connection.ts'
import { flowFormat, type Flow } from '#shared/flow.ts'
import { flowId, nodeId } from '#shared/ids.ts'
import { letter } from '../contracts/mailbox.contract.ts'
import { dropFolder, makeFolder, startProduct } from '../product.ts'
import { pop3Password, pop3Server } from '../servers/pop3-server.ts'
import { until } from '../until.ts'

/** Says all lines at once; resolves with everything that came when the server has closed the line. */
const talk = (port: number, ...lines: readonly string[]): Promise<string> => new Promise((resolve) => {
  let heard = ''
  const line = connect(port, '127.0.0.1', () => { line.write([...lines, 'QUIT', ''].join('\r\n')) })
  line.on('data', (bytes: Buffer) => { heard += bytes.toString('latin1') })
  line.on('error', () => {}).on('close', () => { resolve(heard) })
})

test('[PO40] mails are shown to who knows the password, as they were at the login, and deleted at QUIT alone', async () => {
  const server = await pop3Server()
  onTestFinished(() => server.stop())
  for (const subject of ['One', 'Two']) server.store.deliver('u0', letter(subject, '.dot\r\nline 2\r\nline 3'))
  const inbox = (): number => server.store.folder('u0', 'INBOX')?.mails.length ?? 0
  const hello = ['USER u0', `PASS ${pop3Password}`]
  expect(await talk(server.port, 'STAT', 'RETR 1')).not.toContain('Subject')
  expect(await talk(server.port, 'USER u0', 'PASS wrong')).toContain('-ERR [AUTH]')
  expect(await talk(server.port, 'USER constructor', 'PASS ')).toContain('-ERR [AUTH]')
  expect(await talk(server.port, ...hello, 'STAT', 'UIDL 2', 'LIST 9', 'NOOP', 'FROB')).toMatch(/\+OK 2 \d+\r\n\+OK 2 v\d+u2\r\n-ERR .*\r\n\+OK .*\r\n-ERR /)
  expect(await talk(server.port, ...hello, 'TOP 1 1')).toMatch(/Subject: One[^]*\r\n\r\n\.\.dot\r\n\.\r\n/)
  expect(await talk(server.port, ...hello, 'DELE 1', 'DELE 1', 'RETR 1', 'RSET', 'RETR 1')).toMatch(/Marked\r\n-ERR [^]*-ERR [^]*\+OK All are back\r\n\+OK \d+ octets/)
  expect(inbox()).toBe(2)
  const broken = connect(server.port, '127.0.0.1', () => { broken.write(`${hello.join('\r\n')}\r\nDELE 1\r\n`) })
  await new Promise<void>((resolve) => { broken.on('data', (bytes: Buffer) => { if (bytes.includes('Marked')) broken.destroy() }).on('close', () => { resolve() }) })
  expect(inbox()).toBe(2)
  await talk(server.port, ...hello, 'DELE 1')
  expect(server.store.folder('u0', 'INBOX')?.mails.map((mail) => mail.uid)).toEqual([2])
})

test('[PO40] a stranger who guesses, or sends no end of a line, loses the line', async () => {
  const server = await pop3Server()
  onTestFinished(() => server.stop())
  expect((await talk(server.port, ...Array.from({ length: 50 }, () => 'PASS guess'))).match(/-ERR/g)).toHaveLength(5)
  expect(await talk(server.port, 'x'.repeat(100_000))).not.toContain('Until next time')
})

test('[PO41] a letter goes through a flow on the POP3 connection, is deleted after it, and runs once', async () => {
  const folder = await makeFolder()
  const product = await startProduct(folder, { sandbox: true })
  try {
    expect(await product.api<ConnectionCheck>('POST', '/api/connections/sandbox-pop3/test', {})).toMatchObject({ ok: true })
    const { connections } = await product.api<{ connections: Connection[] }>('GET', '/api/connections')
    expect(connections.filter((one) => one.kind === 'pop3').map((one) => [one.id, one.sandbox])).toEqual([['sandbox-pop3', true]])
    await product.api('POST', '/api/flows/sandbox-tour/stop', {}).catch(() => {})
    await product.api('POST', '/api/sandbox/send', { letter: 'invoice' })
    const flow: Flow = {
      format: flowFormat, id: flowId('by-pop3'), name: 'By POP3',
      nodes: [
        { id: nodeId('receive'), kind: 'receive-email', config: { connection: 'sandbox-pop3', delaySeconds: 1, startFrom: 'now', after: { do: 'delete' } } },
        { id: nodeId('send'), kind: 'send-email', config: { connection: 'sandbox-outbox', from: 'you@sandbox.example', to: 'team@sandbox.example', subject: 'Passed on' } },
      ],
      edges: [{ from: nodeId('receive'), to: nodeId('send') }], view: { positions: {} },
    }
    await product.deploy(flow)
    const looked = () => product.api<{ mailboxes: MailboxStatus[] }>('GET', '/api/mailboxes').then(({ mailboxes }) => mailboxes.find((box) => box.connection === 'sandbox-pop3')?.lastLookAt ?? null)
    await until(looked, (at) => at !== null)
    // The one that lay there before stays and does not run.
    await product.api('POST', '/api/sandbox/send', { letter: 'support-request' })
    const sent = await until(() => product.api<SandboxView>('GET', '/api/sandbox').then((view) => view.sent), (mails) => mails.length > 0)
    expect(sent.map((mail) => mail.subject)).toEqual(['Passed on'])
    await until(() => product.api<SandboxView>('GET', '/api/sandbox').then((view) => view.inbox.waiting), (waiting) => waiting === 1)
    const before = await looked()
    await until(looked, (at) => at !== before)
    expect(await product.runs('flow=by-pop3')).toHaveLength(1)
  } finally {
    await product.kill('SIGTERM')
    await dropFolder(folder)
  }
})
