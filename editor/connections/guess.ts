/** Sensible first values of a new connection from the address alone, and the words for its choices. Pure; the person corrects the rest. */
import { usualPorts, type ConnectionKind, type Security } from '#shared/connection.ts'
import { mailDomain, providerOf, serverOf, userOf } from '#shared/providers.ts'

export const kindWords: Record<ConnectionKind, { readonly title: string; readonly say: string }> = {
  imap: { title: 'Receiving (IMAP)', say: 'to watch a mailbox' },
  pop3: { title: 'Receiving (POP3)', say: 'to collect a mailbox' },
  smtp: { title: 'Sending (SMTP)', say: 'to send mail' },
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
  readonly id: string
  readonly name: string
  readonly host: string
  readonly port: number
  readonly security: Security
  readonly user: string
  /** What a person should know before the first try; '' when there is nothing. */
  readonly note: string
}

export function guessConnection(address: string, kind: ConnectionKind): Guess | null {
  const domain = mailDomain(address)
  if (domain === '') return null
  const whole = address.trim()
  const provider = providerOf(whole)
  const server = provider === null ? { host: `${usualNames[kind]}.${domain}`, security: 'tls', port: usualPorts[kind].tls } as const : serverOf(provider, kind)
  return {
    id: makeId(whole, kind), name: whole, user: provider === null ? whole : userOf(provider, whole), note: provider?.hint ?? '',
    // What a provider does not offer is left empty: a made-up server would be asked in vain.
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
