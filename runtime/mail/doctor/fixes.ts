/** What to do about each fault of a connection: one sentence, and where it can be done by changing the form, the change. */
import { usualPorts, type CheckFix, type ConnectionKind, type Security } from '#shared/connection.ts'
import { Fault } from '#shared/errors.ts'
import type { Account } from '../mailbox.ts'
import { ServerBusy } from '../smtp/connect.ts'

export interface Cure {
  readonly fix: string
  readonly apply: CheckFix | null
}
/** What was found out about the server beside the fault. */
export interface Findings {
  /** Another usual port that answered. */
  readonly otherPort: Place | null
  /** It offers STARTTLS on this port. */
  readonly offersStarttls: boolean
}
export interface Place { readonly port: number; readonly security: Security }

const nothing: Cure = { fix: '', apply: null }
const only = (fix: string): Cure => ({ fix, apply: null })

export function cureOf(error: unknown, account: Account, { otherPort, offersStarttls }: Findings): Cure {
  if (error instanceof ServerBusy) return only('Try again later; if it stays so, ask the server\'s owner why it turns this machine away.')
  if (!(error instanceof Fault)) return nothing
  const elsewhere = otherPort === null ? null : { fix: `${sayPlace(otherPort)} answers on the same server: use it.`, apply: moveTo(otherPort) }
  const starttls = offersStarttls && account.security !== 'starttls' ? { fix: 'The server offers STARTTLS on this port: use it.', apply: change('Use STARTTLS', { port: account.port, security: 'starttls' }) } : null
  switch (error.code) {
    case 'MAIL_HOST_UNKNOWN': return only(`Look the server's name up in your provider's help; often it is ${account.kind}.${domainOf(account)}.`)
    case 'MAIL_HOST_LOOKUP': return only('See whether other programs on this machine reach the network, then check again.')
    case 'MAIL_HOST_FORBIDDEN': return only('Whoever runs Mailweave can list the host with --allow-hosts.')
    case 'MAIL_PORT_REFUSED': return elsewhere ?? only(`Ask the server's owner for the port; usual ones are ${sayUsual(account.kind)}.`)
    case 'MAIL_UNREACHABLE': return elsewhere ?? only(`Ask whoever runs the network whether a firewall keeps this machine from port ${account.port}.`)
    case 'MAIL_TLS_EXPECTED': return starttls ?? elsewhere ?? only(`Choose STARTTLS, or the port for TLS, usually ${usualPorts[account.kind].tls}.`)
    case 'MAIL_TLS_FROM_START': return { fix: 'This port wants TLS from the first byte.', apply: change('Use TLS', { port: account.port, security: 'tls' }) }
    case 'MAIL_STARTTLS_MISSING': return elsewhere ?? only('Ask the server\'s owner for an encrypted port. If STARTTLS worked here before, somebody on the way may be taking it out.')
    case 'MAIL_CERTIFICATE_NAME': return nameCure(error, account)
    case 'MAIL_CERTIFICATE_UNTRUSTED': return only('If it is your own server, compare the fingerprint below with its owner and trust exactly this certificate, or paste its authority.')
    case 'MAIL_CERTIFICATE_EXPIRED': return only('Ask the server\'s owner to renew it. Until then exactly this certificate can be trusted, once its fingerprint was compared.')
    case 'MAIL_CERTIFICATE_EARLY': return only('Set the clock of this machine or of the server right; or trust exactly this certificate, once its fingerprint was compared.')
    case 'MAIL_CERTIFICATE_CHANGED': return only('Ask the server\'s owner whether the certificate was renewed; if so, trust the new one below.')
    case 'MAIL_TLS_FAILED': return error.where === 'certificate' ? only('Paste the certificate again.') : only('See whether the lowest version and the ciphers under "TLS settings" suit this server.')
    case 'MAIL_TLS_SETTING': return only('Correct it under "TLS settings".')
    case 'MAIL_LOGIN_DISABLED': return starttls ?? elsewhere ?? only('Ask the server\'s owner which port people log in on.')
    case 'MAIL_LOGIN_REFUSED': return only('Type user and password again. Many providers want an app password instead of the usual one, and the whole address as the user.')
    case 'MAIL_LOGIN_WANTED': return only('Give this connection a user and a password.')
    case 'SEND_FROM_REFUSED': return only('Use a "From" address that belongs to this login, or ask the server\'s owner to allow this one.')
    case 'SEND_TO_REFUSED': return only('Ask the server\'s owner for whom it takes mail from this login and this machine.')
    case 'MAIL_FOLDER_MISSING': return only('Ask the server\'s owner: every mailbox has an INBOX.')
    case 'MAIL_PROTOCOL': return protocolCure(error, account, elsewhere)
    case 'MAIL_TIMEOUT': return only('Check again later; if the server is only slow, let it be waited for longer under "Limits".')
    case 'MAIL_CONNECTION_LOST': return elsewhere ?? only('Check again; if it stays so, see whether this port is the right one for this kind of connection.')
    case 'MAIL_BUSY': return only('Check again later.')
    default: return nothing
  }
}

function nameCure(error: Fault, account: Account): Cure {
  const names = String(error.facts['names'] ?? '').split(', ')
  const name = names.find((one) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(one) && !/^[\d.]+$/.test(one))
  if (name === undefined || name === account.host) return only('Use a name that stands in the certificate, or trust exactly this certificate.')
  return { fix: 'Use the name in the certificate, or trust exactly this certificate if you know the server.', apply: change(`Use ${name}`, { host: name }) }
}

function protocolCure(error: Fault, account: Account, elsewhere: Cure | null): Cure {
  const speaks = String(error.facts['speaks'] ?? '')
  if (speaks === '') return elsewhere ?? only('See whether host and port are those of a mail server.')
  const usual = { port: usualPorts[account.kind].tls, security: 'tls' } as const
  return elsewhere ?? { fix: `This is the port of ${speaks}; ${account.kind.toUpperCase()} usually has ${lower(sayPlace(usual))}.`, apply: moveTo(usual) }
}

const change = (label: string, fields: CheckFix['change']): CheckFix => ({ label, change: fields })
const moveTo = (place: Place): CheckFix => change(`Use ${lower(sayPlace(place))}`, { port: place.port, security: place.security })
const securityNames: Record<Security, string> = { tls: ' with TLS', starttls: ' with STARTTLS', 'starttls-if-offered': ' with STARTTLS', none: '' }
const sayPlace = ({ port, security }: Place): string => `Port ${port}${securityNames[security]}`
const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
const sayUsual = (kind: ConnectionKind): string => `${usualPorts[kind].tls} for TLS and ${usualPorts[kind].starttls} for STARTTLS`
const domainOf = ({ user, host }: Account): string => user.split('@')[1] ?? (host.split('.').slice(-2).join('.') || 'example.org')
