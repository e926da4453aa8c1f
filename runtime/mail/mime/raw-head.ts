/** The first bytes of a mail, wherever it lies. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { Raw } from '#runtime/raw.ts'

export function readHead(raw: Raw, limit: number): Buffer {
  if (raw.kind === 'bytes') return Buffer.from(raw.bytes.buffer, raw.bytes.byteOffset, Math.min(raw.bytes.byteLength, limit))
  const head = Buffer.alloc(Math.min(raw.size, limit))
  const file = openSync(raw.path, 'r')
  try {
    return head.subarray(0, readSync(file, head, 0, head.length, 0))
  } finally {
    closeSync(file)
  }
}
