/** Bearer tokens. The administrator's is MAILWEAVE_TOKEN, else made at the first start and kept in <data>/token for its owner alone. */
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** 192 bits, as text for a link. */
const tokenBytes = 24

export async function openToken(dataFolder: string, given: string | undefined): Promise<string> {
  if (given !== undefined) return given
  const file = path.join(dataFolder, 'token')
  try {
    const token = (await readFile(file, 'utf8')).trim()
    if (token !== '') {
      // A backup tool may have restored it with wider rights.
      await chmod(file, 0o600).catch(() => {})
      return token
    }
  } catch {
    // The first start: there is none yet.
  }
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const token = newToken()
  await writeFile(file, `${token}\n`, { mode: 0o600 })
  await chmod(file, 0o600)
  return token
}

export const newToken = (): string => randomBytes(tokenBytes).toString('base64url')
