/**
 * Large bytes as files, named by their sha256. A file under its name is whole and on the disk: it is written in scratch,
 * fsynced, renamed into place, and the folder is fsynced, before any row may name it.
 */
import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fault } from '#shared/errors.ts'
import { type Blobs, type Raw, sizeOfRaw } from '../raw.ts'

/** What only the store may do. */
export interface KeptBlobs extends Blobs {
  pathOf(sha256: string): string
  /** A committed row names this blob now: the sweep asks the ledger about it again. */
  release(sha256: string): void
  /** Removes files that neither `isNamed` nor anyone on the way to a commit holds. */
  sweep(isNamed: (sha256: string) => boolean): number
}

export function makeBlobs(folder: string, inlineLimit: number): KeptBlobs {
  const scratchFolder = join(folder, 'scratch')
  rmSync(scratchFolder, { recursive: true, force: true })
  mkdirSync(scratchFolder, { recursive: true, mode: 0o700 })
  /** How often kept and not yet named by a committed row: a sweep between the two would lose the mail. */
  const pinned = new Map<string, number>()
  const pin = (sha256: string, by: 1 | -1): void => {
    const count = (pinned.get(sha256) ?? 0) + by
    if (count > 0) pinned.set(sha256, count)
    else pinned.delete(sha256)
  }
  const pathOf = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256)

  return {
    inlineLimit,
    scratchFolder,
    scratch: () => join(scratchFolder, randomUUID()),
    pathOf,

    async keep(path, sha256, size) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw fault('INTERNAL', { reason: 'a blob without its sha256' })
      pin(sha256, 1)
      const target = pathOf(sha256)
      const kept: Raw = { kind: 'file', path: target, size, sha256 }
      if (existsSync(target)) {
        await rm(path, { force: true })
        return kept
      }
      await chmod(path, 0o600)
      await syncFile(path)
      if ((await mkdir(dirname(target), { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(folder)
      await rename(path, target)
      await syncFolder(dirname(target))
      return kept
    },

    async *read(raw) {
      if (raw.kind === 'bytes') yield raw.bytes
      else yield* createReadStream(raw.path)
    },

    async bytes(raw, limit) {
      const size = sizeOfRaw(raw)
      if (size > limit) throw fault('MAIL_TOO_LARGE', { size: `${size} bytes`, limit: `${limit} bytes` })
      return raw.kind === 'bytes' ? raw.bytes : readFile(raw.path)
    },

    release: (sha256) => { pin(sha256, -1) },

    // Synchronous, so that nothing is kept between the question and the removal.
    sweep(isNamed) {
      let removed = 0
      for (const shelf of readdirSync(folder)) {
        if (!/^[0-9a-f]{2}$/.test(shelf)) continue
        for (const sha256 of readdirSync(join(folder, shelf))) {
          if (pinned.has(sha256) || isNamed(sha256)) continue
          unlinkSync(join(folder, shelf, sha256))
          removed += 1
        }
      }
      return removed
    },
  }
}

async function syncFile(path: string, mode: 'r' | 'r+' = 'r+'): Promise<void> {
  const handle = await open(path, mode)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a rename durable. Windows has no handles on folders; NTFS journals the rename by itself. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform !== 'win32') await syncFile(path, 'r')
}
