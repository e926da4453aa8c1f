/**
 * Passwords at rest: AES-256-GCM under a key of a ring, bound to the connection they belong to. A box moved to another
 * connection, kind or host does not open, so a changed row in the database cannot send a password elsewhere.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { fault } from '#shared/errors.ts'
import { makeKeyFile, readKeyFile, saveKeyFile, type Key } from './key-file.ts'

/** What a box is bound to: additional authenticated data, not stored in it. */
export interface Owner { readonly id: string; readonly kind: string; readonly host: string }

export interface Secrets {
  /** The sealed box as JSON text. Each call uses a fresh nonce, so equal passwords give different boxes. */
  seal(text: string, owner: Owner): string
  /** Throws SECRET_UNREADABLE when the box was changed, belongs to another owner or its key is not in the ring. */
  open(sealed: string, owner: Owner): string
  /**
   * Adds a fresh key and seals with it from now on; boxes of the older keys still open. Returns the new key's id.
   * With MAILWEAVE_KEY the new key is the first one listed there.
   */
  rotate(): Promise<string>
  /** Forgets all keys but the newest; only after every box was sealed anew. */
  forgetOld(): Promise<void>
  /** Id of the key that seals now. */
  current(): string
}

const boxSchema = z.object({ kid: z.string(), nonce: z.base64url(), tag: z.base64url(), data: z.base64url() }).strict()
/** NIST SP 800-38D section 8.2: 96-bit nonces; random ones are safe for 2^32 boxes a key, far above what people type. */
const nonceBytes = 12
const tagBytes = 16
const keyBytes = 32

/**
 * The key ring: `<folder>/keys.json` (mode 0600, made at the first start), or `MAILWEAVE_KEY` when that is given: one or
 * more 32-byte keys in base64 or hex, separated by commas, the sealing one first.
 */
export async function openSecrets(folder: string, fromEnvironment: string | undefined): Promise<Secrets> {
  if (fromEnvironment !== undefined && fromEnvironment !== '') return secretsOf(environmentKeys(fromEnvironment), null)
  return secretsOf((await readKeyFile(folder)) ?? (await makeKeyFile(folder, makeKey())), folder)
}

function secretsOf(ring: readonly Key[], folder: string | null): Secrets {
  let keys = ring
  const newest = (): Key => {
    const key = keys[0]
    if (!key) throw fault('KEYS_UNREADABLE', { reason: 'it holds no key' })
    return key
  }
  newest()
  return {
    current: () => newest().kid,
    seal: (text, owner) => {
      const key = newest()
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagBytes })
      cipher.setAAD(boundTo(owner, key.kid))
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      const box: z.infer<typeof boxSchema> = { kid: key.kid, nonce: nonce.toString('base64url'), tag: cipher.getAuthTag().toString('base64url'), data: data.toString('base64url') }
      return JSON.stringify(box)
    },
    open: (sealed, owner) => {
      try {
        const box = boxSchema.parse(JSON.parse(sealed))
        const key = keys.find((candidate) => candidate.kid === box.kid)
        if (!key) throw new Error(`no key ${box.kid}`)
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(box.nonce, 'base64url'), { authTagLength: tagBytes })
        decipher.setAAD(boundTo(owner, box.kid))
        decipher.setAuthTag(Buffer.from(box.tag, 'base64url'))
        return Buffer.concat([decipher.update(Buffer.from(box.data, 'base64url')), decipher.final()]).toString('utf8')
      } catch (error) {
        throw fault('SECRET_UNREADABLE', { id: owner.id }, '', error)
      }
    },
    rotate: async () => {
      if (folder === null) {
        if (keys.length > 1) return newest().kid
        throw fault('API_FORBIDDEN', { reason: 'the key comes from MAILWEAVE_KEY; put a new one and a comma in front of it there, start again, and rotate then' })
      }
      const next = [makeKey(), ...keys]
      await saveKeyFile(folder, next)
      keys = next
      return newest().kid
    },
    forgetOld: async () => {
      if (folder === null || keys.length === 1) return
      const next = [newest()]
      await saveKeyFile(folder, next)
      keys = next
    },
  }
}

/** JSON keeps the parts apart: no two owners give the same bytes. */
const boundTo = (owner: Owner, kid: string): Buffer => Buffer.from(JSON.stringify(['mailweave/1', kid, owner.id, owner.kind, owner.host]))

const makeKey = (): Key => keyOf(randomBytes(keyBytes))
const keyOf = (bytes: Buffer): Key => ({ kid: createHash('sha256').update('mailweave key id').update(bytes).digest('hex').slice(0, 12), bytes })

function environmentKeys(text: string): readonly Key[] {
  return text.split(',').map((part) => {
    const word = part.trim()
    const bytes = /^[0-9a-f]{64}$/i.test(word) ? Buffer.from(word, 'hex') : Buffer.from(word, 'base64')
    if (bytes.byteLength !== keyBytes) throw fault('KEYS_UNREADABLE', { reason: 'MAILWEAVE_KEY must be 32 bytes in base64 or hex; "openssl rand -base64 32" makes one' })
    return keyOf(bytes)
  })
}
