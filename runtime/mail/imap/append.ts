/**
 * Puts a mail into the open folder (RFC 9051 section 6.3.12), byte for byte and marked as read. A large one is read from
 * disk piece by piece while it goes out; one that can't be read to its end takes the line with it, so that no half mail is kept.
 */
import { createReadStream } from 'node:fs'
import type { ImapFlow } from 'imapflow'
import { encodePath } from 'imapflow/lib/tools.js'
import { fault, type Fault } from '#shared/errors.ts'
import type { Raw } from '#runtime/raw.ts'
import type { Session } from './session.ts'

const flags = ['\\Seen']
const pieceBytes = 64 * 1024

export async function append(session: Session, folder: string, raw: Raw): Promise<void> {
  const { client } = session
  const limit = client.capabilities.get('APPENDLIMIT')
  const size = raw.kind === 'bytes' ? raw.bytes.byteLength : raw.size
  // RFC 7889: said before a byte of it is on the way.
  if (typeof limit === 'number' && size > limit) throw fault('MAIL_TOO_LARGE', { size: megabytes(size), limit: megabytes(limit) })
  await session.ask(async (alive) => {
    try {
      if (raw.kind === 'bytes') await client.append(folder, raw.bytes, flags)
      else await appendFile(session, folder, raw, alive)
    } catch (error) {
      throw refusalOf(session, error) ?? error
    }
  }, folder)
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MB`

/** NO and BAD are the server's word on this mail; anything else is about the line. */
function refusalOf(session: Session, error: unknown): Fault | null {
  if (typeof error !== 'object' || error === null || !('responseStatus' in error) || !session.client.usable) return null
  const answer = 'responseText' in error && typeof error.responseText === 'string' ? error.responseText : session.refusal()
  return fault('MAIL_ACTION_REFUSED', { action: 'keep a copy of', answer: answer || 'it gave no reason' })
}

/**
 * What imapflow's own commands are made of; its append() takes whole buffers only. Its version is pinned, and the contract
 * of mailboxes holds this against the sandbox's server and Dovecot.
 */
interface Inside {
  exec(command: string, attributes: readonly unknown[], options: { readonly onPlusTag: () => Promise<void> }): Promise<{ next(): void }>
  readonly writeSocket: NodeJS.WritableStream & { readonly destroyed: boolean }
}

async function appendFile(session: Session, folder: string, raw: Extract<Raw, { kind: 'file' }>, alive: () => void): Promise<void> {
  const client = session.client as ImapFlow & Inside // as said at Inside
  const path = encodePath(client, folder)
  const send = async (): Promise<void> => {
    let sent = 0
    for await (const piece of createReadStream(raw.path, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) { // no encoding is set, so pieces are buffers
      sent += piece.length
      if (sent > raw.size) break
      if (!client.writeSocket.write(piece)) await drained(client.writeSocket)
      alive()
    }
    if (sent !== raw.size) throw new Error(`the stored mail has not ${raw.size} bytes`)
    client.writeSocket.write('\r\n')
  }
  // A literal that waits for the server's go-ahead (RFC 9051 section 4.3), so that a refusal comes before the bytes.
  const attributes = [{ type: 'ATOM', value: path }, flags.map((value) => ({ type: 'ATOM', value })), { type: 'TEXT', value: `{${raw.size}}` }]
  // Ends an IDLE, which such a command would wait behind.
  await client.noop()
  const answer = await client.exec('APPEND', attributes, {
    onPlusTag: () => send().catch((error: unknown) => { session.end(fault('INTERNAL', { reason: `a copy could not be read: ${String(error)}` })) }),
  })
  answer.next()
  // Not every server tells of the new mail before it is asked.
  await client.noop()
}

const drained = (socket: Inside['writeSocket']): Promise<void> => new Promise((resolve) => {
  const done = (): void => { socket.off('drain', done); socket.off('close', done); resolve() }
  socket.on('drain', done)
  socket.on('close', done)
  if (socket.destroyed) done()
})
