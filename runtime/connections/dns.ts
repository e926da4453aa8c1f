/** Questions to the name servers, each bounded in time. */
import { Resolver as NodeResolver } from 'node:dns/promises'
import { autodetect } from '../limits.ts'

export interface ServiceRecord { readonly name: string; readonly port: number; readonly priority: number; readonly weight: number }
/** Each gives an empty list when there is no such record, and rejects when the name server fails. */
export interface Resolver {
  readonly srv: (name: string) => Promise<readonly ServiceRecord[]>
  readonly mx: (domain: string) => Promise<readonly { readonly exchange: string; readonly priority: number }[]>
  /** The strings of a record as one (RFC 7208 section 3.3). */
  readonly txt: (name: string) => Promise<readonly string[]>
  /** Addresses, of either kind. */
  readonly hosts: (name: string) => Promise<readonly string[]>
}

/** Asks the name servers of this machine, or those given as `127.0.0.1:5353`. */
export function systemResolver(signal: AbortSignal, servers: readonly string[] = []): Resolver {
  const resolver = new NodeResolver({ timeout: autodetect.dnsMs, tries: autodetect.dnsTries })
  if (servers.length > 0) resolver.setServers(servers)
  signal.addEventListener('abort', () => { resolver.cancel() }, { once: true })
  const none = (error: unknown): [] => {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    throw error
  }
  return {
    srv: (name) => resolver.resolveSrv(name).catch(none),
    mx: (domain) => resolver.resolveMx(domain).catch(none),
    txt: async (name) => (await resolver.resolveTxt(name).catch(none)).map((parts: readonly string[]) => parts.join('')),
    hosts: async (name) => (await Promise.all([resolver.resolve4(name).catch(none), resolver.resolve6(name).catch(none)])).flat(),
  }
}
