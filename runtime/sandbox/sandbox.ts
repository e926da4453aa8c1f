/**
 * The sandbox: a mail server of its own on loopback, so that a newcomer without an account sees mail come in, be mapped
 * and go out within a minute. Mail sent to it goes nowhere; it is kept for looking at.
 */
import { EventEmitter } from 'node:events'
import { randomBytes } from 'node:crypto'
import type { SandboxMail, SandboxView } from '#shared/api.ts'
import { type ConnectionInput, connectionInputSchema } from '#shared/connection.ts'
import type { ApiSandbox } from '../api/deps.ts'
import type { Clock } from '../clock.ts'
import { startSandboxImap } from './imap.ts'
import { letters, readLetter } from './letters/index.ts'
import { makeMailStore } from './mailstore.ts'
import { startSandboxPop3 } from './pop3.ts'
import { startSandboxSmtp } from './smtp.ts'

export const sandboxAddress = 'you@sandbox.example'
/** Outgoing mails kept for looking at; the oldest go first, the newest stays whatever its size. */
const kept = { mails: 200, bytes: 64 * 1024 * 1024 }
/** UIDs count from here in seconds, so that each start's are above the last one's and stay within 32 bits. */
const uidEpochMs = Date.UTC(2026, 0, 1)

export interface Sandbox extends ApiSandbox {
  /** The ready connections: one mailbox by IMAP and by POP3, and the way out; with a password made at this start. */
  readonly connections: readonly ConnectionInput[]
  readonly stop: () => Promise<void>
}

interface Kept extends SandboxMail { readonly bytes: Uint8Array }

export async function startSandbox(clock: Clock): Promise<Sandbox> {
  const password = randomBytes(18).toString('base64url')
  const firstUid = Math.max(1, Math.floor((Date.parse(clock.now()) - uidEpochMs) / 1000))
  const store = makeMailStore({ clock, users: { [sandboxAddress]: password }, numbering: { uidValidity: 1, firstUid } })
  const sent: Kept[] = []
  const news = new EventEmitter<{ mail: [SandboxMail] }>()
  let count = 0
  const imap = await startSandboxImap({ store })
  const pop3 = await startSandboxPop3({ store })
  const smtp = await startSandboxSmtp({
    // Else any program and user of this machine could fill the memory, or show a person mails that no flow sent.
    knows: (user, given) => store.knows(user, given),
    onMail: (envelope, bytes) => {
      count += 1
      const { bytes: _, ...mail } = keep(sent, { id: `${firstUid}-${count}`, from: envelope.from, to: envelope.to, subject: subjectOf(bytes), at: clock.now(), size: bytes.byteLength, bytes })
      news.emit('mail', mail)
    },
  })
  const letter = (id: string): Uint8Array | null =>
    letters.some((one) => one.id === id) ? readLetter(id, { to: sandboxAddress, date: clock.now(), messageId: `${randomBytes(12).toString('hex')}@sandbox.example` }) : null

  return {
    connections: [
      connectionInputSchema.parse({ id: 'sandbox-inbox', name: 'Sandbox inbox', description: 'A mailbox to try things with', kind: 'imap', host: '127.0.0.1', port: imap.port, security: 'none', user: sandboxAddress, password }),
      connectionInputSchema.parse({ id: 'sandbox-outbox', name: 'Sandbox outgoing', description: 'Mail sent here goes nowhere and can be looked at', kind: 'smtp', host: '127.0.0.1', port: smtp.port, security: 'none', user: sandboxAddress, password }),
      connectionInputSchema.parse({ id: 'sandbox-pop3', name: 'Sandbox inbox (POP3)', description: 'The same mailbox, for trying POP3', kind: 'pop3', host: '127.0.0.1', port: pop3.port, security: 'none', user: sandboxAddress, password }),
    ],
    view: (): SandboxView => ({
      on: true,
      letters: letters.map(({ id, title, from, subject }) => ({ id, title, from, subject })),
      sent: sent.map(({ bytes: _, ...mail }) => mail).toReversed(),
      inbox: { address: sandboxAddress, waiting: store.folder(sandboxAddress, 'INBOX')?.mails.filter((mail) => !mail.flags.has('\\Seen')).length ?? 0 },
    }),
    send: (id) => {
      const bytes = letter(id)
      if (bytes) store.deliver(sandboxAddress, bytes)
      return Promise.resolve(bytes !== null)
    },
    letter: (id) => {
      const bytes = letter(id)
      return bytes ? { kind: 'bytes', bytes } : null
    },
    mail: (id) => {
      const found = sent.find((mail) => mail.id === id)
      return found ? { kind: 'bytes', bytes: found.bytes } : null
    },
    subscribe: (listener) => {
      news.on('mail', listener)
      return () => { news.off('mail', listener) }
    },
    stop: async () => {
      await smtp.stop()
      await imap.stop()
      await pop3.stop()
    },
  }
}

function keep(sent: Kept[], mail: Kept): Kept {
  sent.push(mail)
  let size = sent.reduce((sum, one) => sum + one.size, 0)
  while (sent.length > 1 && (sent.length > kept.mails || size > kept.bytes)) size -= sent.shift()?.size ?? 0
  return mail
}

/** For the list alone; the reader shows the mail itself. Composed by us, so an encoded word is UTF-8 in B or Q. */
function subjectOf(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16_384)).toString('utf8').split('\r\n\r\n', 1)[0] ?? ''
  const line = /^subject:[ \t]*((?:.*)(?:\r\n[ \t].*)*)/im.exec(head)?.[1] ?? ''
  return line.replace(/\r\n[ \t]+/g, ' ').replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, how: string, text: string) =>
    how.toLowerCase() === 'b'
      ? Buffer.from(text, 'base64').toString('utf8')
      : Buffer.from(text.replace(/_/g, ' ').replace(/=([0-9a-f]{2})/gi, (__, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString('utf8'))
}
