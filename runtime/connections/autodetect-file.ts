/**
 * Reads a settings file in Mozilla's autoconfig format (config-v1.1.xml). The file is a stranger's: no DTD, no entities of its
 * own, bounded in size, depth and elements; what is not understood is passed over, and unencrypted servers are not offered.
 */
import { SaxesParser } from 'saxes'
import type { ConnectionKind } from '#shared/connection.ts'
import type { ProviderLogin, MailServer } from '#shared/provider-table.ts'
import { autodetect } from '../limits.ts'
import { isHostName, isPort } from './autodetect-reach.ts'

export interface FileServer extends MailServer {
  readonly kind: ConnectionKind
  readonly user: string
  readonly logins: readonly ProviderLogin[]
}

/** Throws an Error that says what is wrong with the file. The servers come in the file's order, which is its preference. */
export function readSettingsFile(text: string, address: string): readonly FileServer[] {
  if (text.length > autodetect.fileBytes) throw new Error('it is too large')
  const path: string[] = []
  const drafts: Draft[] = []
  let current: Draft | null = null
  let elements = 0
  let value = ''
  const parser = new SaxesParser({ position: false, xmlns: false })
  parser.on('doctype', () => { throw new Error('it has a document type, which no settings file needs') })
  parser.on('error', () => { throw new Error('it is no valid XML') })
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1
    path.push(name)
    if (path.length > autodetect.depth || elements > autodetect.elements) throw new Error('it is nested too deeply or has too many parts')
    value = ''
    const kind = kindOf(name, attributes['type'] ?? '')
    if (kind && path.join('/') === `clientConfig/emailProvider/${name}`) {
      current = { kind, fields: new Map(), authentications: [] }
      drafts.push(current)
    }
  })
  parser.on('text', (piece) => { value += piece })
  parser.on('closetag', ({ name }) => {
    if (current && path.length === 4) {
      if (name === 'authentication') current.authentications.push(value.trim())
      else if (!current.fields.has(name)) current.fields.set(name, value.trim())
    }
    if (path.length === 3) current = null
    path.pop()
  })
  parser.write(text).close()
  return drafts.flatMap((draft) => serverIn(draft, address) ?? [])
}

interface Draft {
  readonly kind: ConnectionKind
  readonly fields: Map<string, string>
  readonly authentications: string[]
}

const kindOf = (element: string, type: string): ConnectionKind | null =>
  element === 'incomingServer' && (type === 'imap' || type === 'pop3') ? type : element === 'outgoingServer' && type === 'smtp' ? 'smtp' : null

function serverIn({ kind, fields, authentications }: Draft, address: string): FileServer | null {
  const fill = (field: string): string => fillIn(fields.get(field) ?? '', address)
  const host = fill('hostname').toLowerCase()
  const port = Number(fields.get('port'))
  const security = { SSL: 'tls', STARTTLS: 'starttls' } as const
  const chosen = Object.entries(security).find(([name]) => name === fields.get('socketType'))?.[1]
  if (!isHostName(host) || !isPort(port) || chosen === undefined) return null
  const user = fill('username')
  return { kind, host, port, security: chosen, user: isUser(user) ? user : address, logins: loginsOf(authentications) }
}

/** Kerberos, client certificates and NTLM alone: nothing is known of how to log in. */
function loginsOf(authentications: readonly string[]): readonly ProviderLogin[] {
  const password = authentications.some((one) => ['password-cleartext', 'plain', 'password-encrypted', 'secure'].includes(one))
  return [...(authentications.includes('OAuth2') ? ['oauth2' as const] : []), ...(password ? ['password' as const] : [])]
}

const fillIn = (text: string, address: string): string => {
  const at = address.lastIndexOf('@')
  const parts: Readonly<Record<string, string>> = { EMAILADDRESS: address, EMAILLOCALPART: address.slice(0, at), EMAILDOMAIN: address.slice(at + 1) }
  return text.replace(/%(EMAILADDRESS|EMAILLOCALPART|EMAILDOMAIN)%/g, (_, name: string) => parts[name] ?? '')
}

/** One line without controls, and no placeholder that was not understood. */
const isUser = (user: string): boolean => user !== '' && user.length <= 320 && !/[\p{Cc}%]/u.test(user)
