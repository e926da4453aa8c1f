/** A blob store's spool in a temporary folder, for adapters under test. */
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Raw, Spool } from '#runtime/raw.ts'

export interface TestSpool extends Spool { readonly folder: string; bytes(raw: Raw): Promise<Buffer>; remove(): Promise<void> }

export async function testSpool(inlineLimit = 256 * 1024): Promise<TestSpool> {
  const folder = await mkdtemp(join(tmpdir(), 'mailweave-spool-'))
  let count = 0
  return {
    inlineLimit, folder,
    scratch: () => join(folder, `scratch-${++count}`),
    keep: async (path, sha256, size) => {
      const kept = join(folder, sha256)
      await rename(path, kept)
      return { kind: 'file', path: kept, size, sha256 }
    },
    bytes: async (raw) => (raw.kind === 'bytes' ? Buffer.from(raw.bytes) : await readFile(raw.path)),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
