/** Mails for reading: taken apart by the worker, with the raw bytes as text beside; and raw bytes as a download. */
import { rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import type { ReadMail } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
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

/** Kinds of pictures that hold no script and no address: never SVG. */
const shownTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** One attachment of a mail; API_NOT_FOUND when it has none there, or its bytes could not be read. */
export async function partReply({ computer, store }: Pick<ApiDeps, 'computer' | 'store'>, mail: Raw, index: number, as: 'file' | 'picture'): Promise<Reply> {
  const part = await computer.readPart(mail, index, store.blobs.scratchFolder)
  if (!part) throw fault('API_NOT_FOUND', { path: `attachment ${index} of this mail` })
  const { name, type, raw } = part
  const bytes = Readable.from(store.blobs.read(raw), { objectMode: false })
  // Read to its end, left alone or never begun: the file goes with the stream.
  if (raw.kind === 'file') bytes.once('close', () => { rmSync(raw.path, { force: true }) })
  const shown = as === 'picture' && shownTypes.has(type)
  return { kind: 'download', name, bytes, type: shown ? type : 'application/octet-stream', ...(shown ? { inline: true } : {}) }
}

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
