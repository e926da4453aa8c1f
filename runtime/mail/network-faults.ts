/** Sockets' and TLS' errors become catalogue faults here, with the facts a person needs to put it right; nothing else leaves. */
import { usualPorts } from '#shared/connection.ts'
import { Fault, fault, type ErrorCode } from '#shared/errors.ts'
import type { Account } from './mailbox.ts'

const byCode: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'MAIL_HOST_UNKNOWN', ENODATA: 'MAIL_HOST_UNKNOWN', EAI_NONAME: 'MAIL_HOST_UNKNOWN', EAI_NODATA: 'MAIL_HOST_UNKNOWN',
  EAI_AGAIN: 'MAIL_HOST_LOOKUP', EAI_FAIL: 'MAIL_HOST_LOOKUP', ESERVFAIL: 'MAIL_HOST_LOOKUP', ETIMEOUT: 'MAIL_HOST_LOOKUP',
  ECONNREFUSED: 'MAIL_PORT_REFUSED',
  ETIMEDOUT: 'MAIL_UNREACHABLE', EHOSTUNREACH: 'MAIL_UNREACHABLE', ENETUNREACH: 'MAIL_UNREACHABLE', EHOSTDOWN: 'MAIL_UNREACHABLE',
  ENETDOWN: 'MAIL_UNREACHABLE', EADDRNOTAVAIL: 'MAIL_UNREACHABLE', EACCES: 'MAIL_UNREACHABLE', EPERM: 'MAIL_UNREACHABLE',
  ECONNRESET: 'MAIL_CONNECTION_LOST', EPIPE: 'MAIL_CONNECTION_LOST', ECONNABORTED: 'MAIL_CONNECTION_LOST', ERR_STREAM_PREMATURE_CLOSE: 'MAIL_CONNECTION_LOST',
  // A mail is written to a scratch file in the midst of the talk: that it found no room is not the server's doing.
  ENOSPC: 'DISK_FULL', EDQUOT: 'DISK_FULL', EFBIG: 'DISK_FULL',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'MAIL_CERTIFICATE_UNTRUSTED', SELF_SIGNED_CERT_IN_CHAIN: 'MAIL_CERTIFICATE_UNTRUSTED',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'MAIL_CERTIFICATE_UNTRUSTED', UNABLE_TO_GET_ISSUER_CERT: 'MAIL_CERTIFICATE_UNTRUSTED',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'MAIL_CERTIFICATE_UNTRUSTED', CERT_UNTRUSTED: 'MAIL_CERTIFICATE_UNTRUSTED', INVALID_CA: 'MAIL_CERTIFICATE_UNTRUSTED',
  ERR_TLS_CERT_ALTNAME_INVALID: 'MAIL_CERTIFICATE_NAME', HOSTNAME_MISMATCH: 'MAIL_CERTIFICATE_NAME',
  CERT_HAS_EXPIRED: 'MAIL_CERTIFICATE_EXPIRED', CERT_NOT_YET_VALID: 'MAIL_CERTIFICATE_EARLY',
}

/** What OpenSSL says when the other side answers a TLS hello in plain text. */
const plainAnswer = /wrong.version.number|packet.length.too.long|http.request|record.layer.failure|unexpected.message|bad.record.type/i
const tlsWords: readonly (readonly [RegExp, string])[] = [
  [/handshake.failure|no.shared.cipher|no.ciphers/i, 'no cipher that both sides know'],
  [/protocol.version|unsupported.protocol|no.protocols/i, 'it speaks no TLS version that this connection allows'],
  [/certificate.required|bad.certificate|certificate.unknown/i, 'the server asks for a client certificate'],
  [/unrecognized.name/i, 'the server does not know this host name'],
  [/dh.key.too.small|ee.key.too.small|md.too.weak|ca.md.too.weak/i, 'the server\'s key is too short to be safe'],
  [/before secure TLS connection/i, 'the server hung up during the handshake'],
  [/CERT_REVOKED/i, 'the certificate was revoked'],
]

/** Never throws; a Fault comes back as it is. */
export function networkFault(error: unknown, account: Account): Fault {
  if (error instanceof Fault) return error
  const { code, message, cert } = readError(error)
  const host = account.host
  const facts = { host, port: account.port, usualPort: usualPorts[account.kind].tls }
  const known = byCode[code]
  if (known === 'MAIL_CERTIFICATE_NAME') return fault(known, { host, names: namesOf(cert, 5).join(', ') || 'another name' }, '', error)
  if (known === 'MAIL_CERTIFICATE_EXPIRED') return fault(known, { host, date: dayOf(cert?.valid_to) ?? 'an earlier day' }, '', error)
  if (known === 'MAIL_CERTIFICATE_EARLY') return fault(known, { host, date: dayOf(cert?.valid_from) ?? 'a later day' }, '', error)
  if (known === 'MAIL_CONNECTION_LOST' && /before secure TLS/.test(message)) return tlsFault(facts, `${code} ${message}`, error)
  if (known !== undefined) return fault(known, facts, '', error)
  if (/timed? ?out/i.test(`${code} ${message}`)) return fault('MAIL_TIMEOUT', { host, seconds: account.timeoutSeconds }, '', error)
  if (/^ERR_SSL|^ERR_TLS|^CERT_|^EPROTO$/.test(code) || /ssl|tls/i.test(message)) {
    if (plainAnswer.test(`${code} ${message}`) && account.security === 'tls') return fault('MAIL_TLS_EXPECTED', facts, '', error)
    return tlsFault(facts, `${code} ${message}`, error)
  }
  return fault('MAIL_CONNECTION_LOST', facts, '', error)
}

function tlsFault(facts: { readonly host: string; readonly port: number }, said: string, error: unknown): Fault {
  const words = tlsWords.find(([pattern]) => pattern.test(said))
  const alert = /alert ([a-z ]+?)(?:$|[:.,])|alert number (\d+)/i.exec(said)
  const reason = words?.[1] ?? (alert === null ? 'the two sides could not agree' : `the server sent the alert ${alert[1] ?? alert[2] ?? ''}`.trim())
  return fault('MAIL_TLS_FAILED', { host: facts.host, port: facts.port, reason }, '', error)
}

export interface ShownCertificate { readonly subject?: { readonly CN?: string | string[] }; readonly subjectaltname?: string; readonly valid_from?: string; readonly valid_to?: string }

function readError(error: unknown): { readonly code: string; readonly message: string; readonly cert: ShownCertificate | undefined } {
  if (!(error instanceof Error)) return { code: '', message: String(error), cert: undefined }
  // A failed connect to several addresses is one AggregateError; its first cause tells the story.
  if (error instanceof AggregateError && error.errors.length > 0) return readError(error.errors[0])
  // Node's system and TLS errors carry `code` and, for a wrong name, `cert`; nodemailer moves the code to `originalCode`.
  const { code, originalCode, cert } = error as { code?: unknown; originalCode?: unknown; cert?: ShownCertificate }
  const known = originalCode ?? code
  return { code: typeof known === 'string' ? known : '', message: error.message, cert }
}

/** Names are the server's own words: cut short, and without what could break a line. */
export function namesOf(cert: ShownCertificate | undefined, most: number): readonly string[] {
  const listed = (cert?.subjectaltname ?? '').split(/, ?/).map((name) => name.replace(/^(DNS|IP Address):/, '')).filter((name) => name !== '')
  const names = listed.length > 0 ? listed : [cert?.subject?.CN ?? []].flat()
  return names.slice(0, most).map((name) => name.replace(/[^\x20-\x7e]/g, '').slice(0, 100)).filter((name) => name !== '')
}

function dayOf(written: string | undefined): string | undefined {
  const time = Date.parse(written ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10)
}
