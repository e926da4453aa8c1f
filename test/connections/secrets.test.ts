/** Passwords at rest: sealed, bound to their connection, and out of reach of whoever holds the database alone. */
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSecrets } from '#runtime/connections/secrets.ts'

const owner = { id: 'support-inbox', kind: 'imap', host: 'imap.example.org' }
const folder = async (): Promise<string> => {
  const made = await mkdtemp(path.join(tmpdir(), 'mailweave-keys-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

test('[SE10] a password comes back as it was, also after a restart, and two boxes of one password differ', async () => {
  const data = await folder()
  const secrets = await openSecrets(data, undefined)
  for (const text of ['s3cret', '', 'пароль 密码 🔑', 'x'.repeat(4096)]) {
    const sealed = secrets.seal(text, owner)
    expect((await openSecrets(data, undefined)).open(sealed, owner)).toBe(text)
    expect(secrets.seal(text, owner)).not.toBe(sealed)
  }
  expect(secrets.seal('s3cret', owner)).not.toContain('s3cret')
})

test('[SE10] a box opens for its own connection, kind and host only', async () => {
  const secrets = await openSecrets(await folder(), undefined)
  const sealed = secrets.seal('s3cret', owner)
  for (const other of [{ ...owner, id: 'other' }, { ...owner, kind: 'smtp' }, { ...owner, host: 'evil.example' }]) {
    expect(() => secrets.open(sealed, other)).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE' }))
  }
})

test('[SE10] a box changed in any place does not open, and the fault does not tell what was in it', async () => {
  const secrets = await openSecrets(await folder(), undefined)
  const sealed = secrets.seal('s3cret', owner)
  const box = JSON.parse(sealed) as Record<string, string>
  for (const part of ['nonce', 'tag', 'data']) {
    const bytes = Buffer.from(box[part] ?? '', 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => secrets.open(JSON.stringify({ ...box, [part]: changed.toString('base64url') }), owner), `${part} ${at}`).toThrow(/can't be read/)
    }
  }
  const short = Buffer.from(box['tag'] ?? '', 'base64url').subarray(0, 4).toString('base64url')
  for (const broken of ['', '{}', 'null', JSON.stringify({ ...box, kid: 'unknown' }), JSON.stringify({ ...box, tag: short }), sealed.slice(0, -3)]) {
    expect(() => secrets.open(broken, owner), broken).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE', message: expect.not.stringContaining('s3cret') }))
  }
})

test('[SE11] the key file is its owner\'s alone, is made once, and a broken one is never replaced', async () => {
  const data = await folder()
  await openSecrets(data, undefined)
  const file = path.join(data, 'keys.json')
  const before = await readFile(file, 'utf8')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await chmod(file, 0o644)
  await openSecrets(data, undefined)
  expect([(await stat(file)).mode & 0o777, await readFile(file, 'utf8')]).toEqual([0o600, before])
  await writeFile(file, before.slice(0, 20))
  await expect(openSecrets(data, undefined)).rejects.toMatchObject({ code: 'KEYS_UNREADABLE' })
  expect(await readFile(file, 'utf8')).toBe(before.slice(0, 20))
  expect(await readdir(data)).toEqual(['keys.json'])
})

test('[SE12] after a rotation new boxes use the new key, old ones still open until the old key is forgotten', async () => {
  const data = await folder()
  const secrets = await openSecrets(data, undefined)
  const first = secrets.current()
  const old = secrets.seal('s3cret', owner)
  const next = await secrets.rotate()
  expect([secrets.current(), next === first]).toEqual([next, false])
  const fresh = secrets.seal('s3cret', owner)
  const reopened = await openSecrets(data, undefined)
  expect([reopened.open(old, owner), reopened.open(fresh, owner)]).toEqual(['s3cret', 's3cret'])
  await secrets.forgetOld()
  expect(() => secrets.open(old, owner)).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE' }))
  expect((await openSecrets(data, undefined)).open(fresh, owner)).toBe('s3cret')
})

test('[SE13] keys from the environment write no file; the first seals, all open', async () => {
  const data = await folder()
  const [one, two] = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('hex')]
  const sealed = (await openSecrets(data, one)).seal('s3cret', owner)
  const both = await openSecrets(data, `${two},${one}`)
  expect(both.open(sealed, owner)).toBe('s3cret')
  expect((await openSecrets(data, two)).open(both.seal('again', owner), owner)).toBe('again')
  await expect((await openSecrets(data, one)).rotate()).rejects.toMatchObject({ code: 'API_FORBIDDEN' })
  expect(await readdir(data)).toEqual([])
  await expect(openSecrets(data, 'too short')).rejects.toMatchObject({ code: 'KEYS_UNREADABLE', message: expect.not.stringContaining('too short') })
})
