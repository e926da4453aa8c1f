/** Mails whose own header fields hold letters beyond ASCII, as an address like jörg@example.org does there (RFC 6532): they need SMTPUTF8, whoever they go to. */
import { isAscii } from 'node:buffer'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Raw } from '#runtime/raw.ts'
import { readHead } from '../mime/raw-head.ts'
import { rewriting } from './insides.ts'

/** Address fields come first in what we write; nobody's list of addresses is longer. */
const lookedAt = 64 * 1024

export function isHeadAscii(raw: Raw): boolean {
  if (raw.kind === 'bytes' && isAscii(raw.bytes)) return true
  try {
    const head = readHead(raw, lookedAt)
    const end = head.indexOf('\r\n\r\n')
    return isAscii(end < 0 ? head : head.subarray(0, end))
  } catch {
    // A stored mail that can't be read is told of where it is read as a whole.
    return true
  }
}

/** nodemailer looks for such letters in the envelope alone; `send` is where it says MAIL. */
export function withSmtpUtf8(connection: SMTPConnection, send: () => void): void {
  rewriting(connection, (line) => (/ SMTPUTF8\b/.test(line) ? line : line.replace(/^MAIL FROM:<[^>]*>/, '$& SMTPUTF8')), send)
}
