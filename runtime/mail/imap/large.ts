/** A mail too large for memory: piece by piece into a scratch file, hashed on the way, kept when its end was seen. */
import { createHash, type Hash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { fetchPieceBytes, imapRowBytes } from '#runtime/limits.ts'
import type { Spool } from '#runtime/raw.ts'
import type { Fetched, NotFetched } from '../mailbox.ts'
import type { Session } from './session.ts'

/** What a server told of one mail; servers may tell it in several rows (RFC 9051 section 7.5.2). */
export interface Seen {
  flags: readonly string[]
  receivedAt: string | null
  /** RFC822.SIZE; null when the server kept it to itself. */
  size: number | null
  /** The first bytes. */
  head: Buffer | null
}

export async function streamLarge(session: Session, uid: number, seen: Seen, spool: Spool, maxMailBytes: number): Promise<Fetched | NotFetched> {
  const path = spool.scratch()
  const hash = createHash('sha256')
  let kept = false
  try {
    const length = await writePieces(session, uid, seen, { path, hash, maxMailBytes })
    if (typeof length !== 'number') return length
    const sha256 = hash.digest('hex')
    const raw = await spool.keep(path, sha256, length)
    kept = true
    return { uid: String(uid), flags: seen.flags, receivedAt: seen.receivedAt, raw, sha256 }
  } finally {
    if (!kept) await rm(path, { force: true })
  }
}

async function writePieces(session: Session, uid: number, seen: Seen, to: { readonly path: string; readonly hash: Hash; readonly maxMailBytes: number }): Promise<number | NotFetched> {
  const file = await open(to.path, 'wx', 0o600)
  try {
    let piece = seen.head
    let last = false
    for (let length = 0; ;) {
      if (piece === null) return { uid: String(uid), size: seen.size ?? length, code: 'MAIL_GONE', reason: 'it was taken away while it was being fetched' }
      if (piece.length === 0) return length
      await file.writeFile(piece)
      to.hash.update(piece)
      length += piece.length
      if (length > to.maxMailBytes) return { uid: String(uid), size: length, code: 'MAIL_TOO_LARGE', reason: `it is larger than ${to.maxMailBytes} bytes` }
      // A short piece that ends where the announced size does spares the question for the bytes behind it; either
      // sign alone does not (servers estimate sizes, and may cut pieces shorter than asked).
      if (last && length === seen.size) return length
      piece = await fetchPiece(session, uid, length, fetchPieceBytes)
      last = piece !== null && piece.length < fetchPieceBytes
    }
  } finally {
    await file.close()
  }
}

/** Bytes from `start` on, at most `length`; empty at the mail's end, null when the mail is gone. */
export async function fetchPiece(session: Session, uid: number, start: number, length: number): Promise<Buffer | null> {
  return session.ask(async (alive) => {
    let piece: Buffer | null = null
    for await (const row of session.client.fetch(`${uid}`, { uid: true, source: { start, maxLength: length } }, { uid: true })) {
      // NIL is what some servers send for the empty string behind the end.
      if (row.uid === uid && piece === null && 'source' in row) piece = Buffer.isBuffer(row.source) ? row.source : Buffer.alloc(0)
    }
    alive()
    return piece
  }, '', { bytes: length + imapRowBytes })
}
