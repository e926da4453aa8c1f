/** Takes one attachment out of a mail, for somebody who wants to see it. Large ones become a scratch file; the other parts leave nothing behind. */
import { renameSync } from 'node:fs'
import type { MailFacts } from '#shared/mail.ts'
import type { Raw } from '#runtime/raw.ts'
import { readMail } from './read-mail.ts'

export interface TakenPart { readonly name: string; readonly type: string; readonly raw: Raw }

const noFacts: MailFacts = { connection: '', folder: '', uid: '', flags: [], receivedAt: null }

/** By its place in `mail.attachments`; null when there is none. A file is the caller's to remove. */
export async function takePart(mailRaw: Raw, index: number, scratch: string): Promise<TakenPart | null> {
  const read = await readMail(mailRaw, noFacts, { mailId: 'part', scratch })
  try {
    const facts = read.mail.attachments[index]
    const raw = read.bytes[index]
    if (!facts || !raw) return null
    return { name: facts.name, type: facts.type, raw: raw.kind === 'file' ? moveAway(raw) : raw }
  } finally {
    read.discard()
  }
}

/** Out of reach of the removal of everything else. */
function moveAway(raw: Extract<Raw, { kind: 'file' }>): Raw {
  const path = `${raw.path}-part`
  renameSync(raw.path, path)
  return { ...raw, path }
}
