/** What the POP3 tests share: servers that stop with the test, an adapter, and a wire in the hands of the test. */
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import type { Account, OpenMailbox } from '#runtime/mail/mailbox.ts'
import { pop3Adapter } from '#runtime/mail/pop3/adapter.ts'
import type { Pop3Deps } from '#runtime/mail/pop3/connect.ts'
import { accountOf } from '../../servers/account.ts'
import { pop3Password, pop3Server, type Pop3Faults, type Pop3Server } from '../../servers/pop3-server.ts'
import { testSpool, type TestSpool } from '../../servers/spool.ts'

const policy = makeHostPolicy({ loopbackBound: true, allowed: [] })
const depsWith = (more: Partial<Pop3Deps> = {}): Pop3Deps => ({ policy, clock: systemClock, log: silentLog, ...more })
const never = new AbortController().signal
export const limits = { maxMailBytes: 1024 * 1024 }

export async function server(faults: Pop3Faults = {}): Promise<Pop3Server> {
  const made = await pop3Server(faults)
  onTestFinished(() => made.stop())
  return made
}

export async function spoolFor(inlineLimit?: number): Promise<TestSpool> {
  const spool = await testSpool(inlineLimit)
  onTestFinished(() => spool.remove())
  return spool
}

/** Closed when the test ends. */
export async function openOn(account: Account, more: Partial<Pop3Deps> = {}): Promise<OpenMailbox> {
  const mailbox = await pop3Adapter(depsWith(more)).open(account, 'INBOX', never)
  onTestFinished(() => mailbox.close())
  return mailbox
}

/** A server of which the test writes every byte. */
export async function rawServer(serve: (socket: Socket) => void): Promise<{ readonly port: number; readonly account: Account }> {
  const open = new Set<Socket>()
  const listening = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  await new Promise<void>((resolve) => { listening.listen(0, '127.0.0.1', resolve) })
  onTestFinished(() => new Promise<void>((resolve) => {
    for (const socket of open) socket.destroy()
    listening.close(() => { resolve() })
  }))
  const address = listening.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, account: accountOf({ kind: 'pop3', port, password: pop3Password }) }
}
