/** Finds the provider behind a mail address, or behind the mail servers a domain names; pure look-ups in one table. */
import { parseAddress } from './address.ts'
import type { ConnectionKind } from './connection.ts'
import { providers, type MailServer, type Provider } from './provider-table.ts'

const byDomain = new Map(providers.flatMap((provider) => provider.domains.map((domain) => [domain, provider] as const)))
const byId = new Map(providers.map((provider) => [provider.id, provider] as const))

/** The domain of an address as DNS has it (lower case, punycode); '' while it is not one whole address of a public name. */
export function mailDomain(address: string): string {
  const domain = parseAddress(address.trim())?.domain ?? ''
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+$/.test(domain) ? domain : ''
}

export const providerById = (id: string): Provider | null => byId.get(id) ?? null

export function providerOf(address: string): Provider | null {
  const domain = mailDomain(address)
  // Every company at Microsoft 365 also has a name under onmicrosoft.com.
  return byDomain.get(domain) ?? (domain.endsWith('.onmicrosoft.com') ? providerById('microsoft-365') : null)
}

/** The provider that takes a domain's mail in; `exchanger` is a host of its MX records. The longest name that fits wins. */
export function providerOfExchanger(exchanger: string): Provider | null {
  const host = exchanger.toLowerCase().replace(/\.$/, '')
  const fitting = providers.flatMap((provider) => provider.mx.filter((name) => host === name || host.endsWith(`.${name}`)).map((name) => ({ provider, name })))
  return fitting.sort((a, b) => b.name.length - a.name.length)[0]?.provider ?? null
}

export const serverOf = (provider: Provider, kind: ConnectionKind): MailServer | null => provider[kind]

/** What to log in with: at most providers the whole address. */
export const userOf = (provider: Pick<Provider, 'user'>, address: string): string => (provider.user === 'address' ? address : address.slice(0, address.lastIndexOf('@')))

/** Whose server this is; null for a stranger's. */
export function providerOfServer(host: string): Provider | null {
  const name = host.toLowerCase()
  return providers.find((provider) => [provider.imap, provider.pop3, provider.smtp].some((server) => server?.host === name)) ?? null
}
