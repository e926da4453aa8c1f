/** The domain's own records: SRV for its mail services (RFC 6186, RFC 8314 section 5.1) and MX for whoever takes its mail in. */
import type { ConnectionKind } from '#shared/connection.ts'
import type { FoundServer } from '#shared/detected.ts'
import { providerOfServer } from '#shared/providers.ts'
import { autodetect } from '../limits.ts'
import { isHostName, isPort } from './autodetect-reach.ts'
import type { Resolver, ServiceRecord } from './dns.ts'

/** TLS from the start first (RFC 8314 section 3); the others must turn to TLS before anybody logs in. */
const services: readonly { readonly name: string; readonly kind: ConnectionKind; readonly security: 'tls' | 'starttls' }[] = [
  { name: '_imaps', kind: 'imap', security: 'tls' }, { name: '_imap', kind: 'imap', security: 'starttls' },
  { name: '_pop3s', kind: 'pop3', security: 'tls' }, { name: '_pop3', kind: 'pop3', security: 'starttls' },
  { name: '_submissions', kind: 'smtp', security: 'tls' }, { name: '_submission', kind: 'smtp', security: 'starttls' },
]

export async function fromRecords(address: string, domain: string, resolver: Pick<Resolver, 'srv'>): Promise<{ readonly servers: readonly FoundServer[]; readonly notOffered: readonly ConnectionKind[]; readonly say: string }> {
  let say = `${domain} has no records of its mail servers (SRV).`
  const asked = await Promise.all(services.map(async (service) => {
    try {
      return { ...service, records: await resolver.srv(`${service.name}._tcp.${domain}`) }
    } catch {
      say = `The records of ${domain} could not be asked for: the name server (DNS) gives no answer.`
      return { ...service, records: [] }
    }
  }))
  // A single record with the root as its target: decidedly not offered (RFC 2782).
  const isRefusal = (records: readonly ServiceRecord[]): boolean => records.length > 0 && records.every(({ name }) => name === '' || name === '.')
  const servers = asked.flatMap(({ kind, security, records }) => best(records).map(({ name, port }): FoundServer => ({
    kind, host: name, port, security, user: address, logins: [], by: 'dns',
    // DNS is rarely signed: a server under another name may have been slipped in (RFC 6186 section 6), so a person looks.
    ...(isWithin(name, domain) || providerOfServer(name) !== null ? { sure: 'likely', say: `by the records of ${domain}` } : { sure: 'guess', say: `by the records of ${domain}, at a server of another domain` }),
  })))
  const notOffered = (['imap', 'pop3', 'smtp'] as const).filter((kind) => {
    const own = asked.filter((service) => service.kind === kind)
    return own.some(({ records }) => isRefusal(records)) && own.every(({ records }) => records.length === 0 || isRefusal(records))
  })
  return { servers, notOffered, say }
}

/** Priority first, then the heavier; whatever is no name and port of a mail server is left out. */
const best = (records: readonly ServiceRecord[]): readonly ServiceRecord[] =>
  records.map((record) => ({ ...record, name: record.name.toLowerCase().replace(/\.$/, '') })).filter(({ name, port }) => isHostName(name) && isPort(port))
    .sort((a, b) => a.priority - b.priority || b.weight - a.weight).slice(0, autodetect.records)

const isWithin = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`)

export async function exchangersOf(domain: string, resolver: Pick<Resolver, 'mx'>): Promise<{ readonly exchangers: readonly string[]; readonly say: string }> {
  try {
    const records = await resolver.mx(domain)
    const exchangers = [...records].sort((a, b) => a.priority - b.priority).slice(0, autodetect.records).map(({ exchange }) => exchange)
    return { exchangers, say: exchangers.length === 0 ? `${domain} has no record of who takes in its mail (MX).` : `Whoever takes in the mail of ${domain} is none of the known providers.` }
  } catch {
    return { exchangers: [], say: `Who takes in the mail of ${domain} could not be asked: the name server (DNS) gives no answer.` }
  }
}
