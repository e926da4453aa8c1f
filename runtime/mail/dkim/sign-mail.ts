/**
 * Signs a mail on its way out (RFC 6376, RFC 8463): relaxed/relaxed, SHA-256. The same bytes and key give the same
 * signature, for its time is the mail's own Date; nothing of the mail is changed, and a large one is read piece by piece.
 */
import { createReadStream } from 'node:fs'
import { createHash, sign, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { mime } from '#runtime/limits.ts'
import { sizeOfRaw, type Raw } from '#runtime/raw.ts'
import { readHead } from '../mime/raw-head.ts'
import { canonicalField, makeBodyHash, wireLines } from './canonical.ts'
import type { DkimSigner } from './key.ts'

/** Signed once more than they occur, so that one that somebody adds breaks the signature (RFC 6376 section 8.15). */
const sealed = ['From', 'Reply-To', 'To', 'Cc', 'Subject', 'In-Reply-To', 'References']
/** Likewise, where they stand: a relay that adds one that is missing does its duty (RFC 6409 section 8). */
const sealedIfThere = ['Date', 'Message-ID', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding']
/** Signed where they stand; lists may add their own. RFC 8058 section 4 wants those of unsubscribing covered. */
const covered = ['Sender', 'List-Unsubscribe', 'List-Unsubscribe-Post', 'List-Id', 'Auto-Submitted', 'Importance', 'X-Priority']

/** The signature's header field with its line end, to stand before the mail. Rejects when the mail can't be read. */
export async function signMail(raw: Raw, { domain, selector, key }: DkimSigner): Promise<Buffer> {
  const { fields, bodyAt } = readFields(raw)
  const bodyHash = await hashBody(raw, bodyAt)
  const each = (name: string): readonly string[] => fieldsNamed(fields, name).map(() => name)
  const names = [...sealed.flatMap((name) => [...each(name), name]), ...sealedIfThere.flatMap((name) => (each(name).length > 0 ? [...each(name), name] : [])), ...covered.flatMap(each)]
  const algorithm = key.asymmetricKeyType === 'ed25519' ? 'ed25519-sha256' : 'rsa-sha256'
  const at = timeOf(fields)
  const tags = [`v=1; a=${algorithm}; c=relaxed/relaxed;`, ` d=${domain};`, ` s=${selector};${at === null ? '' : ` t=${at};`}`, ...foldNames(names), ` bh=${bodyHash};`, ' b=']
  const unsigned = `DKIM-Signature: ${tags.join('\r\n')}`
  const signed = [...pickFields(fields, names).map((field) => `${canonicalField(field)}\r\n`), canonicalField(unsigned)].join('')
  const signature = await makeSignature(Buffer.from(signed, 'latin1'), key)
  return Buffer.from(`${unsigned}${(signature.toString('base64').match(/.{1,72}/g) ?? []).join('\r\n ')}\r\n`, 'latin1')
}

interface Head { readonly fields: readonly string[]; readonly bodyAt: number }

/** Each field with its folds, without its last line end; bytes as latin1, so that every octet stays itself. */
function readFields(raw: Raw): Head {
  const head = readHead(raw, mime.headerBytes).toString('latin1')
  const end = /\r\n\r\n|\n\n|\r\r/.exec(head)
  if (!end && sizeOfRaw(raw) > mime.headerBytes) throw new Error('its headers are too long to sign')
  // A mail without a body is all head.
  const [lines, bodyAt] = end ? [head.slice(0, end.index), end.index + end[0].length] : [head.replace(/[\r\n]+$/, ''), head.length]
  return { fields: wireLines(lines).split(/\r\n(?![ \t])/).filter((field) => field.includes(':')), bodyAt }
}

const nameOf = (field: string): string => field.slice(0, field.indexOf(':')).trim().toLowerCase()
const fieldsNamed = (fields: readonly string[], name: string): readonly string[] => fields.filter((field) => nameOf(field) === name.toLowerCase())

/** Section 5.4.2: of several fields of one name the last comes first; a name without a field left stands for nothing. */
function pickFields(fields: readonly string[], names: readonly string[]): readonly string[] {
  const left = [...fields]
  return names.flatMap((name) => {
    const at = left.findLastIndex((field) => nameOf(field) === name.toLowerCase())
    return at < 0 ? [] : left.splice(at, 1)
  })
}

/** Seconds since 1970 by the mail's Date, which is its run's clock; null where it can't be read. */
function timeOf(fields: readonly string[]): number | null {
  const [date = ''] = fieldsNamed(fields, 'Date')
  const ms = Date.parse(date.slice(date.indexOf(':') + 1).trim())
  return Number.isNaN(ms) || ms < 0 ? null : Math.floor(ms / 1000)
}

function foldNames(names: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (const name of names) {
    const last = lines.at(-1)
    if (last === undefined) lines.push(` h=${name}`)
    else if (last.length + name.length > 70) {
      lines[lines.length - 1] = `${last}:`
      lines.push(`  ${name}`)
    } else lines[lines.length - 1] = `${last}:${name}`
  }
  lines[lines.length - 1] = `${lines.at(-1) ?? ''};`
  return lines
}

async function hashBody(raw: Raw, bodyAt: number): Promise<string> {
  const body = makeBodyHash()
  if (raw.kind === 'bytes') body.update(raw.bytes.subarray(bodyAt))
  else for await (const piece of createReadStream(raw.path, { start: bodyAt, highWaterMark: pieceBytes })) body.update(piece as Buffer) // a stream without an encoding gives buffers
  return body.digest()
}
const pieceBytes = 256 * 1024

/** In libuv's pool: an RSA signature takes a millisecond or more, which the main loop has better use for. */
const makeSignature = (data: Buffer, key: KeyObject): Promise<Buffer> =>
  // RFC 8463 section 3: Ed25519 signs the digest.
  (key.asymmetricKeyType === 'ed25519' ? signAsync(null, createHash('sha256').update(data).digest(), key) : signAsync('sha256', data, key))
const signAsync = promisify(sign) as (algorithm: string | null, data: Buffer, key: KeyObject) => Promise<Buffer> // the overload with a callback, which promisify loses
