/**
 * Takes the bytes of one mail's attachments as they stream by: counted and hashed always, kept only when a flow may
 * send them on. Few bytes stay in memory, more go to scratch files, so that 100 MB cost no heap.
 */
import { createHash, randomUUID } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Raw } from '../../raw.ts'

export interface TakenBytes {
  readonly size: number
  readonly sha256: string
  /** null when bytes are not kept. */
  readonly raw: Raw | null
}
export interface AttachmentSink {
  /** One attachment after the other: the next begins after `end`. */
  begin(): { write(chunk: Buffer): void; end(): TakenBytes }
  /** Removes the scratch files. */
  discard(): void
}

/**
 * @param folder of scratch files; null: bytes are not kept
 * @param memoryLimit bytes of all attachments of the mail together that stay in memory
 */
export function makeAttachmentSink(folder: string | null, memoryLimit: number): AttachmentSink {
  const paths: string[] = []
  let inMemory = 0
  const begin = () => {
    const hash = createHash('sha256')
    let chunks: Buffer[] = []
    let held = 0
    let size = 0
    let file: { readonly path: string; readonly handle: number } | null = null
    const spill = (scratch: string): { readonly path: string; readonly handle: number } => {
      const path = join(scratch, `attachment-${randomUUID()}`)
      paths.push(path)
      const handle = openSync(path, 'wx', 0o600)
      for (const chunk of chunks) writeSync(handle, chunk)
      inMemory -= held
      chunks = []
      held = 0
      return { path, handle }
    }
    return {
      write: (chunk: Buffer) => {
        hash.update(chunk)
        size += chunk.length
        if (folder === null) return
        if (!file && inMemory + chunk.length > memoryLimit) file = spill(folder)
        if (file) writeSync(file.handle, chunk)
        else {
          chunks.push(chunk)
          held += chunk.length
          inMemory += chunk.length
        }
      },
      end: (): TakenBytes => {
        const sha256 = hash.digest('hex')
        if (folder === null) return { size, sha256, raw: null }
        if (!file) return { size, sha256, raw: { kind: 'bytes', bytes: Buffer.concat(chunks, held) } }
        closeSync(file.handle)
        return { size, sha256, raw: { kind: 'file', path: file.path, size, sha256 } }
      },
    }
  }
  return {
    begin,
    discard: () => {
      for (const path of paths) rmSync(path, { force: true })
    },
  }
}
