/**
 * Takes bytes as they stream by, attachments of a mail or a mail being composed: counted and hashed always, kept when
 * asked for. Few bytes stay in memory, more go to scratch files, so that 100 MB cost no heap.
 */
import { createHash, randomUUID } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Raw } from '../raw.ts'

export interface TakenBytes {
  readonly size: number
  readonly sha256: string
  /** null when bytes are not kept. */
  readonly raw: Raw | null
}
export interface ByteTaker {
  write(chunk: Buffer): void
  end(): TakenBytes
}
export interface ByteSink {
  /** One piece after the other: the next begins after `end`. */
  begin(): ByteTaker
  /** Removes the scratch files, closed or not. */
  discard(): void
}

/**
 * @param folder of scratch files; null: bytes are not kept
 * @param memoryLimit bytes of all pieces together that stay in memory
 */
export function makeByteSink(folder: string | null, memoryLimit: number): ByteSink {
  const paths: string[] = []
  /** Of the piece being taken. */
  let openHandle: number | null = null
  let inMemory = 0
  const begin = () => {
    const hash = createHash('sha256')
    let chunks: Buffer[] = []
    let held = 0
    let size = 0
    let file: { readonly path: string; readonly handle: number } | null = null
    const spill = (scratch: string): { readonly path: string; readonly handle: number } => {
      const path = join(scratch, `worker-${randomUUID()}`)
      paths.push(path)
      const handle = openSync(path, 'wx', 0o600)
      openHandle = handle
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
        openHandle = null
        return { size, sha256, raw: { kind: 'file', path: file.path, size, sha256 } }
      },
    }
  }
  return {
    begin,
    discard: () => {
      if (openHandle !== null) closeSync(openHandle)
      openHandle = null
      for (const path of paths) rmSync(path, { force: true })
    },
  }
}
