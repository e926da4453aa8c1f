/** The certificate a server showed, in the words people compare by; all of it is the server's own claim and is cut and cleaned. */
import type { PeerCertificate } from 'node:tls'
import type { SeenCertificate } from '#shared/connection.ts'
import { namesOf } from '../network-faults.ts'

/** null when none was shown. `mayPin`: it was refused for its signature, name or dates, so a person may still vouch for it. */
export function seenCertificate(shown: PeerCertificate | null, mayPin: boolean): SeenCertificate | null {
  if (shown === null || typeof shown.fingerprint256 !== 'string') return null
  return {
    subject: holder(shown.subject), issuer: holder(shown.issuer), names: namesOf(shown, 20), fingerprint: shown.fingerprint256, mayPin,
    validFrom: isoOf(shown.valid_from), validUntil: isoOf(shown.valid_to),
  }
}

function holder(parts: Readonly<Partial<Record<'CN' | 'O' | 'OU', string | string[]>>> | undefined): string {
  const { CN, O, OU } = parts ?? {}
  const words = [CN, O, OU].flat().filter((word) => typeof word === 'string')
  return [...new Set(words)].join(', ').replace(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 200)
}

function isoOf(written: string): string {
  const time = Date.parse(written)
  return Number.isNaN(time) ? '' : new Date(time).toISOString()
}
