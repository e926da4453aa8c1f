/** What the SMTP tests share: an account on a scripted server, a sender that is closed after each test, letters. */
import { afterEach } from 'vitest'
import type { Clock } from '#runtime/clock.ts'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { makeSender } from '#runtime/mail/smtp/pool.ts'
import type { Sender } from '#runtime/mail/smtp/sender.ts'
import type { Raw } from '#runtime/raw.ts'
import { accountOf } from '../servers/account.ts'
import { smtpServer, type ScriptedSmtp, type SmtpScript } from '../servers/smtp-server.ts'

export const policy = makeHostPolicy({ loopbackBound: true, allowed: [] })

export const accountAt = (port: number, changes: Partial<Account> = {}): Account => accountOf({ id: 'out', kind: 'smtp', port, user: '', password: '', maxConnections: 5, ...changes })

const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})
export const atEnd = (end: () => Promise<void>): void => { endings.push(end) }

export async function server(script: SmtpScript = {}): Promise<ScriptedSmtp> {
  const made = await smtpServer(script)
  atEnd(() => made.stop())
  return made
}

export function senderTo(port: number, changes: Partial<Account> = {}, clock: Clock = systemClock): Sender {
  const sender = makeSender(accountAt(port, changes), { policy, log: silentLog, clock })
  atEnd(() => sender.close())
  return sender
}

export const letter = (text = 'Hello', subject = 'Invoice 7'): Raw => bytesOf(`From: a@example.org\r\nTo: b@example.org\r\nSubject: ${subject}\r\n\r\n${text}\r\n`)
export const bytesOf = (text: string): Raw => ({ kind: 'bytes', bytes: Buffer.from(text) })
export const to = (...recipients: readonly string[]) => ({ from: 'a@example.org', to: recipients.length === 0 ? ['b@example.org'] : recipients })
