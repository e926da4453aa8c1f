/** Sensible first values of a new connection from the address alone, and the words for its choices. Pure; the person corrects the rest. */
import { usualPorts, type ConnectionKind, type Security } from '#shared/connection.ts'
import type { Detected } from '#shared/detected.ts'
import type { Provider } from '#shared/provider-table.ts'
import { mailDomain, providerById, providerOf, serverOf, userOf } from '#shared/providers.ts'

export const kindWords: Record<ConnectionKind, { readonly title: string; readonly say: string }> = {
  imap: { title: 'Receiving (IMAP)', say: 'Watches a mailbox and its folders. The usual choice.' },
  pop3: { title: 'Receiving (POP3)', say: 'Collects the inbox of a server that offers no IMAP; it knows no folders.' },
  smtp: { title: 'Sending (SMTP)', say: 'Sends mail.' },
}
export const kindShort: Record<ConnectionKind, string> = { imap: 'IMAP', pop3: 'POP3', smtp: 'SMTP' }

export const securityWords: Record<Security, { readonly title: string; readonly short: string; readonly say: string }> = {
  tls: { title: 'TLS', short: 'TLS', say: 'Encrypted from the first byte. Right for nearly every server.' },
  starttls: { title: 'STARTTLS, always', short: 'STARTTLS', say: 'Starts in the clear and must turn to encryption before the password is sent; refused otherwise.' },
  'starttls-if-offered': { title: 'STARTTLS, if the server offers it', short: 'STARTTLS if offered', say: 'Somebody on the way could hide the offer and read the mails; the password goes out in the clear to this machine only.' },
  none: { title: 'No encryption', short: 'not encrypted', say: 'User name, password and mails can be read on the way. Only for a server on this machine.' },
}
export const isEncrypted = (security: Security): boolean => security === 'tls' || security === 'starttls' || security === 'starttls-if-offered'

export interface Guess {
  /** Empty without an address. */
  readonly id: string
  readonly name: string
  readonly user: string
  readonly host: string
  readonly port: number
  readonly security: Security
}
/** What is known beside the address: a provider the person chose, and what looking up the address gave. */
export interface Known { readonly provider: string; readonly detected: Detected | null }

/** Whose account it is: as chosen, else by the address, else by what was found. */
export const providerIn = (address: string, { provider, detected }: Known): Pick<Provider, 'id' | 'name' | 'hint' | 'logins'> | null =>
  providerById(provider) ?? providerOf(address) ?? (detected?.address === address.trim() ? detected.provider : null)

export function guessConnection(address: string, kind: ConnectionKind, known: Known = { provider: '', detected: null }): Guess | null {
  const domain = mailDomain(address)
  const provider = providerById(known.provider) ?? providerOf(address)
  if (domain === '' && provider === null) return null
  const whole = domain === '' ? '' : address.trim()
  const detected = known.detected?.address === whole ? known.detected : null
  const found = detected?.servers.find((server) => server.kind === kind)
  // What is not offered is left empty: a made-up server would be asked in vain.
  const missing = detected !== null && (detected.notOffered.includes(kind) || detected.provider !== null)
  const server = provider ? serverOf(provider, kind) : found ?? (missing ? null : { host: `${usualNames[kind]}.${domain}`, security: 'tls' as const, port: usualPorts[kind].tls })
  return {
    id: whole === '' ? '' : makeId(whole, kind), name: whole, user: provider && whole !== '' ? userOf(provider, whole) : found?.user ?? whole,
    host: server?.host ?? '', port: server?.port ?? usualPorts[kind].tls, security: server?.security ?? 'tls',
  }
}

const usualNames: Record<ConnectionKind, string> = { imap: 'imap', pop3: 'pop', smtp: 'smtp' }

/** A good id from whatever names the account: `support@acme.example` → `support-acme-inbox`. */
export function makeId(address: string, kind: ConnectionKind): string {
  const [local = '', domain = ''] = address.toLowerCase().split('@')
  return slug(`${local} ${domain.split('.')[0] ?? ''} ${kind === 'smtp' ? 'outbox' : 'inbox'}`)
}

export const slug = (text: string): string =>
  text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60).replace(/-+$/, '')

/** The same id with a number behind it while another connection has it. */
export function freeId(id: string, taken: readonly string[]): string {
  if (!taken.includes(id)) return id
  for (let count = 2; ; count += 1) if (!taken.includes(`${id}-${count}`)) return `${id}-${count}`
}

/** The port to show after kind or security changed: the usual one, unless the person chose an unusual one. */
export function nextPort(port: number, before: { readonly kind: ConnectionKind; readonly security: Security }, after: { readonly kind: ConnectionKind; readonly security: Security }): number {
  return port === usualPorts[before.kind][before.security] ? usualPorts[after.kind][after.security] : port
}
