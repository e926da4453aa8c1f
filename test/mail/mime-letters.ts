/** Mails for the reader's tests, written line by line. */
import type { Mail, MailFacts } from '#shared/mail.ts'
import { readMail, type ReadMailOptions } from '#runtime/mail/mime/read-mail.ts'

export const facts: MailFacts = { connection: '', folder: 'INBOX', uid: '7', flags: ['\\Seen'], receivedAt: '2026-01-02T03:04:05.000Z' }

export const bytesOf = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\r\n'))
/** One character, one octet: for mails in other charsets. */
export const octetsOf = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1')

export async function read(bytes: Uint8Array, options: Partial<ReadMailOptions> = {}): Promise<Mail> {
  const result = await readMail({ kind: 'bytes', bytes }, facts, { mailId: 'm1', scratch: null, ...options })
  result.discard()
  return result.mail
}
export const readLines = (...lines: readonly string[]): Promise<Mail> => read(bytesOf(...lines))
