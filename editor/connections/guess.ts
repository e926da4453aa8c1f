/** Sensible first values of a new connection from the address alone, and the words for its choices. Pure; the person corrects the rest. */
import { usualPorts, type ConnectionKind, type Security } from '#shared/connection.ts'

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

// Where a provider's servers are not named after the address. Each from the provider's own help pages.
const providers: Record<string, { readonly imap: string; readonly smtp: string; readonly smtpSecurity?: Security; readonly note?: string }> = {
  'gmail.com': { imap: 'imap.gmail.com', smtp: 'smtp.gmail.com', note: 'Gmail needs an app password; your usual password is refused.' },
  'googlemail.com': { imap: 'imap.gmail.com', smtp: 'smtp.gmail.com', note: 'Gmail needs an app password; your usual password is refused.' },
  'icloud.com': { imap: 'imap.mail.me.com', smtp: 'smtp.mail.me.com', smtpSecurity: 'starttls', note: 'iCloud needs an app-specific password.' },
  'me.com': { imap: 'imap.mail.me.com', smtp: 'smtp.mail.me.com', smtpSecurity: 'starttls', note: 'iCloud needs an app-specific password.' },
  'yahoo.com': { imap: 'imap.mail.yahoo.com', smtp: 'smtp.mail.yahoo.com', note: 'Yahoo needs an app password.' },
  'gmx.net': { imap: 'imap.gmx.net', smtp: 'mail.gmx.net', note: 'Allow IMAP in the settings of GMX first.' },
  'gmx.de': { imap: 'imap.gmx.net', smtp: 'mail.gmx.net', note: 'Allow IMAP in the settings of GMX first.' },
  'web.de': { imap: 'imap.web.de', smtp: 'smtp.web.de', note: 'Allow IMAP in the settings of WEB.DE first.' },
  't-online.de': { imap: 'secureimap.t-online.de', smtp: 'securesmtp.t-online.de' },
  'fastmail.com': { imap: 'imap.fastmail.com', smtp: 'smtp.fastmail.com', note: 'Fastmail needs an app password.' },
}

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
  const at = address.trim().lastIndexOf('@')
  if (at < 1) return null
  const user = address.trim()
  const domain = user.slice(at + 1).toLowerCase()
  if (!/^[a-z0-9.-]+\.[a-z0-9-]{2,}$/.test(domain)) return null
  const known = providers[domain]
  const receiving = kind === 'pop3' ? `pop.${domain}` : known?.imap ?? `imap.${domain}`
  const security = kind === 'smtp' ? known?.smtpSecurity ?? 'tls' : 'tls'
  return {
    id: makeId(user, kind), name: user, user, security,
    host: kind === 'smtp' ? known?.smtp ?? `smtp.${domain}` : receiving,
    port: usualPorts[kind][security], note: known?.note ?? '',
  }
}

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
