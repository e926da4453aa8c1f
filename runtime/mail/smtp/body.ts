/** A mail's bytes as SMTPConnection pulls them, telling when the body began and when nothing holds the final dot back any more. */
import { open, type FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Raw } from '#runtime/raw.ts'

export interface BodyWatch {
  /** The server said 354; no byte of the body is out. */
  began(): void
  /** Everything was handed over: from this moment the final dot may be on the wire, and before it certainly is not. */
  ended(): void
}

const pieceBytes = 64 * 1024

/**
 * Pulled only after the server's 354. The end is announced in its own pull, after the last piece went through: the dot is
 * written by the stream behind this one and only once it has seen the end. Large mails are read from disk piece by piece.
 */
/** `front` goes before the mail. */
export function bodyOf(raw: Raw, front: Buffer, watch: BodyWatch): Readable {
  if (raw.kind === 'file') return fileBody(raw.path, raw.size, front, watch)
  return bytesBody(front.length === 0 ? raw.bytes : Buffer.concat([front, raw.bytes]), watch)
}

function bytesBody(bytes: Uint8Array, watch: BodyWatch): Readable {
  let begun = false
  return new Readable({
    // 0: nothing is pulled ahead of what the socket takes, so the announced end is as late as it can be.
    highWaterMark: 0,
    read() {
      if (begun || bytes.byteLength === 0) {
        if (!begun) watch.began()
        watch.ended()
        this.push(null)
        return
      }
      begun = true
      watch.began()
      this.push(bytes)
    },
  })
}

function fileBody(path: string, size: number, front: Buffer, watch: BodyWatch): Readable {
  let file: FileHandle | null = null
  let position = 0
  const next = async (): Promise<Buffer | null> => {
    if (file === null) {
      watch.began()
      file = await open(path, 'r')
      if (front.length > 0) return front
    }
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, position)
    position += bytesRead
    if (bytesRead > 0) return buffer.subarray(0, bytesRead)
    // Half a mail must never be closed with a dot: without it the server throws the whole away.
    if (position !== size) throw new Error(`the stored mail has ${position} bytes instead of ${size}`)
    return null
  }
  return new Readable({
    highWaterMark: 0,
    read() {
      next().then((piece) => {
        if (piece === null) watch.ended()
        this.push(piece)
      }, (error: unknown) => { this.destroy(error instanceof Error ? error : new Error(String(error))) })
    },
    destroy(error, done) {
      if (file === null) { done(error); return }
      file.close().then(() => { done(error) }, () => { done(error) })
    },
  })
}
