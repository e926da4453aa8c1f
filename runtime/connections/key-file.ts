/** The key ring on disk: `<data>/keys.json`, readable by its owner alone, replaced as a whole and never half written. */
import { chmod, mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { fault } from '#shared/errors.ts'
import { replaceFile } from '../whole-file.ts'

export interface Key { readonly kid: string; readonly bytes: Buffer }

/** The newest key first. */
const keyFileSchema = z.object({
  format: z.literal(1),
  keys: z.array(z.object({ kid: z.string().min(1), key: z.base64() }).strict()).min(1),
}).strict()

const fileIn = (folder: string): string => path.join(folder, 'keys.json')

/** null when there is none yet; KEYS_UNREADABLE when it is there and broken, so that no new ring ever hides an old one. */
export async function readKeyFile(folder: string): Promise<readonly Key[] | null> {
  const text = await readFile(fileIn(folder), 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null
    throw fault('KEYS_UNREADABLE', { reason: codeOf(error) }, '', error)
  })
  if (text === null) return null
  const parsed = keyFileSchema.safeParse(parseJson(text))
  if (!parsed.success) throw fault('KEYS_UNREADABLE', { reason: `${fileIn(folder)} is not a key file` })
  // A backup tool may have restored it with wider rights.
  await chmod(fileIn(folder), 0o600).catch(() => {})
  return parsed.data.keys.map(({ kid, key }) => ({ kid, bytes: Buffer.from(key, 'base64') }))
}

export async function makeKeyFile(folder: string, key: Key): Promise<readonly Key[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await saveKeyFile(folder, [key])
  return [key]
}

/** Durable before it returns: a password sealed under a key that a power cut took away would be lost. */
export async function saveKeyFile(folder: string, keys: readonly Key[]): Promise<void> {
  const text = `${JSON.stringify({ format: 1, keys: keys.map(({ kid, bytes }) => ({ kid, key: bytes.toString('base64') })) }, null, 2)}\n`
  await replaceFile(fileIn(folder), text, 0o600)
}

const isCode = (error: unknown, code: string): boolean => codeOf(error) === code
const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error))
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
