/** Mails for reading: taken apart by the worker, with the raw bytes as text beside; and raw bytes as a download. */
import { Readable } from 'node:stream'
import type { ReadMail } from '#shared/api.ts'
import { connectionId } from '#shared/ids.ts'
import type { MailFacts } from '#shared/mail.ts'
import { api } from '../limits.ts'
import type { Blobs, Raw } from '../raw.ts'
import type { RunRecord } from '../store/store.ts'
import type { ApiDeps } from './deps.ts'
import type { Reply } from './route.ts'

export const noFacts: MailFacts = { connection: '', folder: '', uid: '', flags: [], receivedAt: null }

export async function readForPeople({ computer, store }: Pick<ApiDeps, 'computer' | 'store'>, raw: Raw, facts: MailFacts): Promise<ReadMail> {
  const [mail, text] = await Promise.all([computer.readMail(raw, facts), rawText(store.blobs, raw)])
  return { mail, raw: text }
}

/** `as=text` for looking at it, else as a mail file; both are downloads. */
export const rawReply = (blobs: Blobs, raw: Raw, id: string, as: 'text' | 'mail'): Reply => ({
  kind: 'download', name: `${id}.${as === 'text' ? 'txt' : 'eml'}`, type: as === 'text' ? 'text/plain; charset=utf-8' : 'message/rfc822',
  bytes: Readable.from(blobs.read(raw), { objectMode: false }),
})

async function rawText(blobs: Blobs, raw: Raw): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of blobs.read(raw)) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size > api.rawShownBytes) break
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, api.rawShownBytes))
  return size > api.rawShownBytes ? `${text}\n[the rest is in the download]\n` : text
}

export const factsOfRun = (run: RunRecord): MailFacts => ({
  connection: connectionId(run.mail.connection), folder: run.mail.folder, uid: run.uid, flags: run.flags, receivedAt: run.receivedAt,
})
