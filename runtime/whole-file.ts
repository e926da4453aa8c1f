/** Small files that are never half written: beside, fsync, rename over, fsync the folder. A crash leaves the old one or the new one. */
import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/** Durable when it resolves; when it rejects, the old file is as it was. */
export async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const folder = path.dirname(file)
  const scratch = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  const handle = await open(scratch, 'wx', mode)
  try {
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(scratch, file)
  } catch (error) {
    await rm(scratch, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Makes a rename or a removal in it durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/** Clears away what a crash in the middle of replaceFile left; other people's files are not touched. */
export async function dropScratch(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (/^\..+\.[0-9a-f]{12}\.tmp$/.test(name)) await rm(path.join(folder, name), { force: true })
}
