/** The private key a domain signs its mail with, and what must be published of it in DNS (RFC 6376 section 3.6.1, RFC 8463 section 4). */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { fault } from '#shared/errors.ts'
import { publishedKey, type Dkim, type DnsRecord } from '#shared/dkim.ts'

export interface DkimSigner extends Dkim {
  readonly key: KeyObject
}

/** RFC 8301 section 3.2: below, signatures are not trusted; above, receivers need not check them. */
const rsaBits = { least: 1024, most: 4096 } as const

/** From PEM (PKCS #1, PKCS #8). Throws DKIM_KEY_UNREADABLE, without a word of the key. */
export function readDkimKey(pem: string): KeyObject {
  const key = parseKey(pem)
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType === 'ed25519') return key
  if (key.asymmetricKeyType !== 'rsa') throw unreadable('it is neither an RSA nor an Ed25519 key')
  if (bits < rsaBits.least || bits > rsaBits.most) throw unreadable(`it has ${bits} bits; receivers trust keys of ${rsaBits.least} to ${rsaBits.most}`)
  return key
}

function parseKey(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw unreadable('it is locked with a password; take that off first')
  if (/PUBLIC KEY/.test(pem)) throw unreadable('this is the public half; the private one is needed')
  try {
    // Pasted from a mail or a page, lines may be indented.
    return createPrivateKey({ key: pem.trim().split(/\s*\n\s*/).join('\n'), format: 'pem' })
  } catch {
    // OpenSSL's words help nobody, and no cause goes along that might hold a piece of the key.
    throw unreadable('it should begin with "-----BEGIN PRIVATE KEY-----"')
  }
}

const unreadable = (reason: string) => fault('DKIM_KEY_UNREADABLE', { reason }, 'dkimKey')

/** The TXT record that receivers look for: the same for the same key, whatever form its PEM had. */
export function dkimRecordOf({ domain, selector, key }: DkimSigner): DnsRecord {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  // Of Ed25519 the record holds the bare 32 bytes, the last ones of its SPKI form (RFC 8410 section 4).
  const [kind, bytes] = key.asymmetricKeyType === 'ed25519' ? ['ed25519', spki.subarray(-32)] as const : ['rsa', spki] as const
  return { name: `${selector}._domainkey.${domain}`, value: publishedKey(kind, bytes.toString('base64')) }
}
