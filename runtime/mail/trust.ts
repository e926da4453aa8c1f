/** Which server certificate a connection accepts, and what TLS it speaks: the one place that says so, for every protocol. */
import { X509Certificate } from 'node:crypto'
import { checkServerIdentity, createSecureContext, getCACertificates, setDefaultCACertificates, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls'
import { plainFingerprint } from '#shared/connection.ts'
import { Fault, fault } from '#shared/errors.ts'
import type { Account } from './mailbox.ts'

/** For tls.connect. Throws MAIL_TLS_SETTING where the account asks for what cannot be done. `host`: as certificates name it. */
export function trustOf(account: Account, host: string): ConnectionOptions {
  const pasted = pastedCertificates(account)
  if (pasted.length === 0 && account.pinned === '' && account.security !== 'none') trustThisMachine()
  const ciphers = usableCiphers(account)
  return {
    minVersion: account.minTls,
    ...(ciphers === '' ? {} : { ciphers }),
    // A pasted certificate replaces the machine's authorities: who pins their own server wants nobody else's word for
    // it. A pasted leaf or intermediate counts as trusted by itself, so its authority need not be at hand.
    ...(pasted.length > 0 ? { ca: pasted.map((one) => one.toString()), allowPartialTrustChain: true } : {}),
    checkServerIdentity: (_, shown) => (account.pinned === '' ? identityProblem(account, host, pasted, shown) : strangerFault(account, shown)),
  }
}

/** What is wrong with whoever is at the other end of a TLS line of a pinned connection; undefined where all is well or nothing is pinned. */
export function strangerAt(account: Account, socket: TLSSocket): Fault | undefined {
  return account.pinned === '' ? undefined : strangerFault(account, socket.getPeerCertificate())
}

function strangerFault(account: Account, shown: Partial<PeerCertificate>): Fault | undefined {
  const seen = shown.fingerprint256 ?? ''
  if (plainFingerprint(seen) === plainFingerprint(account.pinned)) return undefined
  return fault('MAIL_CERTIFICATE_CHANGED', { host: account.host, fingerprint: seen === '' ? 'none' : seen })
}

/** Refused for its signature, its name or its dates: what a person may vouch for by pinning it. */
export const mayBePinned = (error: unknown): boolean =>
  error instanceof Fault && ['MAIL_CERTIFICATE_UNTRUSTED', 'MAIL_CERTIFICATE_NAME', 'MAIL_CERTIFICATE_EXPIRED', 'MAIL_CERTIFICATE_EARLY', 'MAIL_CERTIFICATE_CHANGED'].includes(error.code)

let machineTrusted = false
/**
 * Node trusts Mozilla's authorities alone; what this machine's administrator added (a company's own authority) counts too.
 * Once, and only when TLS is first needed: reading them costs some 90 ms and 8 MB.
 */
function trustThisMachine(): void {
  if (machineTrusted) return
  machineTrusted = true
  const known = new Set(getCACertificates('default'))
  const all = new Set([...known, ...getCACertificates('system')])
  if (all.size > known.size) setDefaultCACertificates([...all])
}

/** undefined when the shown certificate is for the host, for a trusted name, or is itself the pasted one. */
function identityProblem(account: Account, host: string, pasted: readonly X509Certificate[], shown: PeerCertificate): Error | undefined {
  if (!account.checkHostName || pasted.some((one) => one.raw.equals(shown.raw))) return undefined
  const problem = checkServerIdentity(host, shown)
  if (problem === undefined) return undefined
  return account.trustedServers.some((name) => checkServerIdentity(plainHost(name), shown) === undefined) ? undefined : problem
}

/** The host without URL brackets and the root's dot, which no certificate carries. */
export const plainHost = (host: string): string => host.trim().replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

function pastedCertificates(account: Account): readonly X509Certificate[] {
  if (account.certificate.trim() === '') return []
  const blocks = account.certificate.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? []
  try {
    if (blocks.length === 0) throw new Error('no PEM block')
    return blocks.map((block) => new X509Certificate(block))
  } catch (error) {
    const reason = 'the certificate pasted into the connection cannot be read; paste the whole text from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----"'
    throw fault('MAIL_TLS_FAILED', { host: account.host, port: account.port, reason }, 'certificate', error)
  }
}

/**
 * The account's ciphers as OpenSSL takes them; '' for the usual ones. OpenSSL itself passes over a name it does not
 * know, so each is asked for alone. None without encryption or without a certificate is ever agreed on.
 */
export function usableCiphers({ ciphers, minTls }: Pick<Account, 'ciphers' | 'minTls'>): string {
  if (ciphers === '') return ''
  const refuse = (reason: string): never => { throw fault('MAIL_TLS_SETTING', { reason }, 'ciphers') }
  const words = ciphers.split(':').filter((word) => word !== '')
  for (const word of words) {
    if (/@SECLEVEL=0/i.test(word)) refuse('@SECLEVEL=0 takes every lower bound on keys away')
    const name = word.replace(/^[!+-]/, '')
    if (name !== '' && !name.startsWith('@') && !isKnown(name)) refuse(`OpenSSL knows no cipher named ${name}`)
  }
  const [modern, older] = [words.some((word) => word.startsWith('TLS_')), words.some((word) => !word.startsWith('TLS_'))]
  if (minTls === 'TLSv1.3' && !modern) refuse('none of these ciphers belongs to TLS 1.3; name one, such as TLS_AES_128_GCM_SHA256')
  const list = older ? `${words.join(':')}:!aNULL:!eNULL` : words.join(':')
  if (!isKnown(list)) refuse('they leave no cipher that encrypts')
  return list
}

function isKnown(ciphers: string): boolean {
  try {
    createSecureContext({ ciphers })
    return true
  } catch {
    return false
  }
}
