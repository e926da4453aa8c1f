/** Where a connection goes and whom it trusts: looked up once, checked against the host policy, and that address is connected to. */
import { X509Certificate } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { checkServerIdentity, getCACertificates, setDefaultCACertificates, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import { fault } from '#shared/errors.ts'
import { isLoopbackAddress, type HostPolicy } from './host-policy.ts'
import type { Account } from './mailbox.ts'
import { networkFault } from './network-faults.ts'

export interface ConnectTarget {
  /** The address that was checked; connect to it and never look the name up again. */
  readonly address: string
  /** For SNI; '' when the host is an address (RFC 6066 allows names only). */
  readonly servername: string
  /** For tls.connect: trust, names, versions, servername; the certificate is checked against the account's host. */
  readonly tls: ConnectionOptions
}

/** Addresses of a name, best first. */
export type LookUp = (host: string) => Promise<readonly string[]>

/** IPv4 first: a server on loopback often listens on 127.0.0.1 alone while "localhost" also is ::1. */
const lookUpHost: LookUp = async (host) => (await lookup(host, { all: true, order: 'ipv4first' })).map((found) => found.address)

export async function connectTarget(account: Account, policy: HostPolicy, lookUp: LookUp = lookUpHost): Promise<ConnectTarget> {
  const host = plainHost(account.host)
  const address = await permittedAddress(host, account, policy, lookUp)
  const servername = isIP(host) === 0 ? host : ''
  return { address, servername, tls: { ...trustOf(account, host), servername } }
}

/** The host without URL brackets and the root's dot, which no certificate carries. */
export const plainHost = (host: string): string => host.trim().replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

/**
 * A password leaves in clear where the person chose "none"; with "if offered" only to a server on this machine, since
 * whoever sits on the way could have struck the offer out.
 */
export const mayLogInClear = ({ security }: Account, { address }: ConnectTarget): boolean =>
  security === 'none' || (security === 'starttls-if-offered' && isLoopbackAddress(address))

async function permittedAddress(host: string, account: Account, policy: HostPolicy, lookUp: LookUp): Promise<string> {
  let addresses: readonly string[]
  try {
    addresses = isIP(host) === 0 ? await lookUp(host) : [host]
  } catch (error) {
    throw networkFault(error, account)
  }
  if (addresses.length === 0) throw fault('MAIL_HOST_UNKNOWN', { host: account.host })
  const address = addresses.find((candidate) => policy.permits(host, candidate, account.port))
  if (address === undefined) throw fault('MAIL_HOST_FORBIDDEN', { host: account.host })
  return address
}

function trustOf(account: Account, host: string): ConnectionOptions {
  const pasted = pastedCertificates(account)
  if (pasted.length === 0 && account.security !== 'none') trustThisMachine()
  return {
    // RFC 8996 retired TLS 1.0 and 1.1.
    minVersion: 'TLSv1.2',
    // A pasted certificate replaces the machine's authorities: who pins their own server wants nobody else's word for
    // it. A pasted leaf or intermediate counts as trusted by itself, so its authority need not be at hand.
    ...(pasted.length > 0 ? { ca: pasted.map((one) => one.toString()), allowPartialTrustChain: true } : {}),
    checkServerIdentity: (_, shown) => identityProblem(host, account.trustedServers, pasted, shown),
  }
}

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
function identityProblem(host: string, trusted: readonly string[], pasted: readonly X509Certificate[], shown: PeerCertificate): Error | undefined {
  if (pasted.some((one) => one.raw.equals(shown.raw))) return undefined
  const problem = checkServerIdentity(host, shown)
  if (problem === undefined) return undefined
  return trusted.some((name) => checkServerIdentity(plainHost(name), shown) === undefined) ? undefined : problem
}

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
