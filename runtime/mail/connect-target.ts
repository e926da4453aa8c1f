/** Where a connection goes and whom it trusts: looked up once, checked against the host policy, and that address is connected to. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { fault } from '#shared/errors.ts'
import { isLoopbackAddress, type HostPolicy } from './host-policy.ts'
import type { Account } from './mailbox.ts'
import { networkFault } from './network-faults.ts'
import { plainHost, trustOf } from './trust.ts'

export interface ConnectTarget {
  /** The address that was checked; connect to it and never look the name up again. */
  readonly address: string
  /** For SNI; '' when the host is an address (RFC 6066 allows names only). */
  readonly servername: string
  /**
   * For tls.connect: trust, names, versions, ciphers, servername; the certificate is checked against the account's host.
   * Lines are opened by `openTls` (open-line.ts), which also takes a pinned certificate that OpenSSL would refuse.
   */
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

/**
 * A password leaves in clear where the person chose "none"; with "if offered" only to a server on this machine, since
 * whoever sits on the way could have struck the offer out. A token opens more than one mailbox, so it never leaves this
 * machine in clear (RFC 6750 section 5.3).
 */
export const mayLogInClear = ({ security, login }: Account, { address }: ConnectTarget): boolean =>
  login === 'oauth2' ? security !== 'starttls' && isLoopbackAddress(address) : security === 'none' || (security === 'starttls-if-offered' && isLoopbackAddress(address))

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
