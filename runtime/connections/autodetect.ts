/**
 * Finds the mail servers behind an address: the known providers, the domain's own records (RFC 6186, RFC 8314), its settings
 * file (Mozilla autoconfig), whoever takes its mail in (MX), and last the usual names. Only the domain itself is asked, no
 * third party; no password is known here and nobody is logged in; every host is held to the host policy.
 */
import type { ConnectionKind } from '#shared/connection.ts'
import type { Detected, FoundBy, FoundServer } from '#shared/detected.ts'
import { fault } from '#shared/errors.ts'
import type { Provider } from '#shared/provider-table.ts'
import { mailDomain, providerOf, providerOfExchanger, providerOfServer, serverOf, userOf } from '#shared/providers.ts'
import { autodetect } from '../limits.ts'
import type { Log } from '../log.ts'
import { within } from '../mail/within.ts'
import { exchangersOf, fromRecords } from './autodetect-dns.ts'
import { probeUsualNames } from './autodetect-probe.ts'
import { permitted, type Reach } from './autodetect-reach.ts'
import { fromSettingsFile } from './autodetect-web.ts'
import { systemResolver, type Resolver } from './dns.ts'

export interface AutodetectDeps extends Reach {
  readonly log: Log
  readonly resolver?: Pick<Resolver, 'srv' | 'mx'>
}

/** API_BAD_REQUEST when it is no address; everything else that goes wrong is told in `missed`. Ends within `autodetect.ms`. */
export async function detectSettings(text: string, deps: AutodetectDeps): Promise<Detected> {
  const address = text.trim()
  const domain = mailDomain(address)
  if (domain === '') throw fault('API_BAD_REQUEST', { reason: 'Type a whole mail address, such as support@example.org.' }, 'address')
  const startedMs = deps.clock.steadyMs()
  const finding = makeFinding(address)
  const known = providerOf(address)
  if (known) finding.takeProvider(known, 'provider', 'sure', 'in the list of known providers')
  else {
    const late = fault('MAIL_TIMEOUT', { host: domain, seconds: Math.round(autodetect.ms / 1000) })
    await within(deps, autodetect.ms, late, (signal) => search(address, domain, { ...deps, signal }, finding)).catch((error: unknown) => {
      if (error !== late) throw error
      finding.miss('usual-names', late.message)
    })
  }
  const detected = finding.tell()
  // The domain alone: who is being connected is nobody's business in a log.
  deps.log.info('connection.detected', { domain, found: detected.servers.map((server) => `${server.kind} by ${server.by}`).join(', '), ms: Math.round(deps.clock.steadyMs() - startedMs) })
  return detected
}

async function search(address: string, domain: string, deps: AutodetectDeps & { readonly signal: AbortSignal }, finding: Finding): Promise<void> {
  const resolver = deps.resolver ?? systemResolver(deps.signal)
  const records = await fromRecords(address, domain, resolver)
  finding.refuse(records.notOffered)
  await finding.take('dns', records.servers, records.say, deps)
  if (finding.enough()) return
  const file = await fromSettingsFile(address, domain, deps)
  await finding.take('autoconfig', file.servers, file.say, deps)
  if (finding.enough()) return
  const { exchangers, say } = await exchangersOf(domain, resolver)
  const provider = exchangers.map(providerOfExchanger).find((one) => one !== null)
  if (provider) {
    finding.takeProvider(provider, 'exchanger', 'likely', `because ${provider.name} takes in the mail of ${domain}`)
    return
  }
  finding.miss('exchanger', say)
  const probed = await probeUsualNames(address, domain, finding.open(), deps)
  await finding.take('usual-names', probed.servers, probed.say, deps)
}

interface Finding {
  /** Keeps, of each kind still open, the first whose host exists and may be reached; says what was wrong with the others. */
  take(by: FoundBy, servers: readonly FoundServer[], say: string, deps: Reach): Promise<void>
  takeProvider(provider: Provider, by: FoundBy, sure: FoundServer['sure'], say: string): void
  /** The domain says that it does not offer these: nobody looks further for them. */
  refuse(kinds: readonly ConnectionKind[]): void
  miss(by: FoundBy, say: string): void
  /** Kinds neither found nor refused. */
  open(): readonly ConnectionKind[]
  /** Mail can be received and sent, as far as the domain offers it. */
  enough(): boolean
  tell(): Detected
}

const kinds: readonly ConnectionKind[] = ['imap', 'pop3', 'smtp']

function makeFinding(address: string): Finding {
  const servers: FoundServer[] = []
  const notOffered = new Set<ConnectionKind>()
  const missed: { readonly by: FoundBy; readonly say: string }[] = []
  let provider: Provider | null = null
  const has = (kind: ConnectionKind): boolean => servers.some((server) => server.kind === kind)
  const settled = (kind: ConnectionKind): boolean => has(kind) || notOffered.has(kind)
  const add = (server: FoundServer): void => {
    const owner = providerOfServer(server.host)
    provider ??= owner
    servers.push(owner && server.logins.length === 0 ? { ...server, logins: owner.logins } : server)
  }
  return {
    take: async (by, found, say, deps) => {
      if (found.length === 0) missed.push({ by, say })
      for (const server of found) {
        if (settled(server.kind)) continue
        const problem = await permitted(server, deps)
        if (problem === '') add(server)
        else missed.push({ by, say: problem })
      }
    },
    takeProvider: (chosen, by, sure, say) => {
      provider = chosen
      for (const kind of kinds) {
        const server = serverOf(chosen, kind)
        if (server && !settled(kind)) servers.push({ ...server, kind, user: userOf(chosen, address), logins: chosen.logins, by, sure, say })
      }
    },
    refuse: (refused) => { for (const kind of refused) notOffered.add(kind) },
    miss: (by, say) => { missed.push({ by, say }) },
    open: () => kinds.filter((kind) => !settled(kind)),
    enough: () => settled('smtp') && (has('imap') || has('pop3') || (settled('imap') && settled('pop3'))),
    tell: () => ({
      address, notOffered: kinds.filter((kind) => notOffered.has(kind)), missed: [...missed],
      servers: kinds.flatMap((kind) => servers.find((server) => server.kind === kind) ?? []),
      provider: provider && { id: provider.id, name: provider.name, hint: provider.hint, logins: provider.logins },
    }),
  }
}
