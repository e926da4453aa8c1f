/** One mail off the line: counted, hashed and put where it is to lie, a large one into a scratch file without ever being whole in memory. */
import { createHash } from 'node:crypto'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { fault } from '#shared/errors.ts'
import { aliveBytes, fetchPieceBytes } from '#runtime/limits.ts'
import type { Raw, Spool } from '#runtime/raw.ts'
import type { Session } from './session.ts'

/** Takes a mail's bytes in order. */
export interface MailSink<T> {
  write(piece: Buffer): Promise<void> | void
  end(sha256: string, size: number): Promise<T> | T
  /** The mail did not come whole. */
  drop(): Promise<void> | void
}
export interface Taken<T> { readonly sha256: string; readonly size: number; readonly kept: T }
export interface Retrieval<T> {
  /** Size as LIST told it; -1 when unknown. */
  readonly announced: number
  /** More bytes end the line: a server that sends them would go on. */
  readonly most: number
  readonly sink: MailSink<T>
}

/** RETR, for use inside a turn. null: the server refuses this mail. */
export async function retrieve<T>(session: Session, number: number, how: Retrieval<T>): Promise<Taken<T> | null> {
  const answer = await session.command(`RETR ${number}`)
  return answer.ok ? takeMail(session, how) : null
}

/** The bytes behind a RETR's first line. */
export async function takeMail<T>(session: Session, { announced, most, sink }: Retrieval<T>): Promise<Taken<T>> {
  const hash = createHash('sha256')
  // The last two bytes wait: an answer's lines all end in CRLF, so a mail without one was given it (RFC 1939 section
  // 11), and only its size tells.
  let tail: Buffer = Buffer.alloc(0)
  let size = 0
  let since = 0
  const write = (piece: Buffer): Promise<void> | void => {
    if (piece.length === 0) return undefined
    hash.update(piece)
    return sink.write(piece)
  }
  try {
    await session.wire().bytes(async (piece) => {
      size += piece.length
      since += piece.length
      if (size > most + 2) throw new TooLarge(size)
      if (since >= aliveBytes) { since = 0; session.progress() }
      if (piece.length >= 2) {
        await write(tail)
        await write(piece.subarray(0, -2))
        tail = Buffer.from(piece.subarray(-2))
        return
      }
      const both = Buffer.concat([tail, piece])
      await write(both.subarray(0, -2))
      tail = Buffer.from(both.subarray(-2))
    })
    const added = size === announced + 2 && tail.equals(lineEnd)
    if (added) size -= 2
    else await write(tail)
    const sha256 = hash.digest('hex')
    session.progress()
    return { sha256, size, kept: await sink.end(sha256, size) }
  } catch (error) {
    await sink.drop()
    if (error instanceof TooLarge) throw fault('MAIL_TOO_LARGE', { size: `${error.size} bytes`, limit: `${most} bytes` }, '', error)
    throw error
  }
}

const lineEnd = Buffer.from('\r\n')
class TooLarge extends Error {
  readonly size: number
  constructor(size: number) {
    super('larger than announced')
    this.size = size
  }
}

/** For the digest alone. */
export const discard: MailSink<null> = { write: () => {}, end: () => null, drop: () => {} }

/** In memory up to the spool's limit, beyond it in a scratch file, to which it goes in large pieces. */
export function intoSpool(spool: Spool): MailSink<Raw> {
  let pieces: Buffer[] = []
  let held = 0
  let file: { readonly path: string; readonly handle: FileHandle } | null = null
  const flush = async (): Promise<void> => {
    if (file === null) {
      const path = spool.scratch()
      file = { path, handle: await open(path, 'wx', 0o600) }
    }
    if (held > 0) await file.handle.writeFile(Buffer.concat(pieces, held))
    pieces = []
    held = 0
  }
  return {
    write: (piece) => {
      pieces.push(piece)
      held += piece.length
      return held > (file === null ? spool.inlineLimit : fetchPieceBytes) ? flush() : undefined
    },
    end: async (sha256, size) => {
      if (file === null) return { kind: 'bytes', bytes: Buffer.concat(pieces, held) }
      await flush()
      await file.handle.close()
      return spool.keep(file.path, sha256, size)
    },
    drop: async () => {
      pieces = []
      await file?.handle.close().catch(() => {})
      if (file !== null) await rm(file.path, { force: true })
    },
  }
}
