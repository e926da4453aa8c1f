/** Other words for a mail of the outbox: read whole, edited, and kept where its size belongs. */
import { fault } from '#shared/errors.ts'
import { editBytes } from '#runtime/limits.ts'
import { makeByteSink } from '../byte-sink.ts'
import { ownMessageId } from '../message-id.ts'
import { type Blobs, type Raw, sizeOfRaw } from '#runtime/raw.ts'
import { editMail, type WordEdit } from './edit-mail.ts'

export interface RewrittenMail { readonly raw: Raw; readonly messageId: string }

/** @param copy its run and id, which its Message-ID follows from, and the Message-ID of the mail before */
export async function rewriteMail(raw: Raw, words: WordEdit, { run, id, replaces }: { readonly run: string; readonly id: string; readonly replaces: string }, blobs: Blobs): Promise<RewrittenMail> {
  if (sizeOfRaw(raw) > editBytes) throw fault('API_BAD_REQUEST', { reason: `Mails above ${editBytes / 1024 / 1024} MB can get other recipients and another connection, but no other words.` })
  const messageId = ownMessageId(run, id, replaces.replace(/^.*@|>$/g, ''))
  return { messageId, raw: await keep(editMail(Buffer.from(await blobs.bytes(raw, editBytes)), words, messageId), blobs) }
}

async function keep(mail: Buffer, blobs: Blobs): Promise<Raw> {
  const sink = makeByteSink(blobs.scratchFolder, blobs.inlineLimit)
  const taker = sink.begin()
  try {
    taker.write(mail)
    const { raw } = taker.end()
    if (!raw) throw fault('INTERNAL', { reason: 'a sink with a folder keeps its bytes' })
    return raw.kind === 'file' ? await blobs.keep(raw.path, raw.sha256, raw.size) : raw
  } catch (error) {
    sink.discard()
    throw error
  }
}
