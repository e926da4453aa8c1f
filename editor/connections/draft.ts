/** The connection form's values: from a saved connection or empty, what of them is missing, and what is sent. Pure. */
import type { Connection } from '#shared/connection.ts'
import { connectionInputSchema, usualLine, usualPorts, usualSending, type ConnectionKind, type Security, type TlsVersion } from '#shared/connection.ts'
import type { Detected } from '#shared/detected.ts'
import type { Login, OAuth, OAuthProvider } from '#shared/oauth.ts'
import type { Sharing } from '#shared/people.ts'
import type { Limits } from '#shared/sending/pace.ts'
import type { ConnectionDraft } from '../api/routes-types.ts'
import { freeId, guessConnection, isEncrypted, makeId, nextPort, providerIn, slug } from './guess.ts'

export interface ConnectionForm {
  /** Typed once at the top; the rest follows it until it is touched. */
  readonly address: string
  /** Chosen by name; '' goes by the address. */
  readonly provider: string
  /** What looking up the address gave. */
  readonly detected: Detected | null
  readonly id: string
  readonly name: string
  readonly description: string
  readonly kind: ConnectionKind
  readonly host: string
  readonly port: number | ''
  readonly security: Security
  readonly user: string
  readonly login: Login
  /** '' keeps the saved one. */
  readonly password: string
  /** Counts with login `oauth2`. */
  readonly oauth: OAuth
  /** '' keeps the saved one. */
  readonly clientSecret: string
  readonly mailbox: string
  readonly certificate: string
  readonly trustedServers: string
  readonly pinned: string
  readonly checkHostName: boolean
  readonly minTls: TlsVersion
  readonly ciphers: string
  readonly timeoutSeconds: number | ''
  readonly maxConnections: number
  /** '' for a connection that signs nothing. */
  readonly dkimDomain: string
  readonly dkimSelector: string
  /** '' keeps the saved one. */
  readonly dkimKey: string
  readonly mailsPerConnection: number | ''
  readonly limits: Limits
  readonly sharing: Sharing
  /** A connection for sending is made along with this one. */
  readonly outgoing: boolean
  /** '' takes the one that is usual for the address. */
  readonly outgoingHost: string
  /** Fields the person typed in: guesses leave them alone. */
  readonly touched: readonly string[]
}

const usualOAuth: OAuth = { provider: 'microsoft', grant: 'authorization-code', tenant: '', clientId: '', authorizationUrl: '', tokenUrl: '', deviceUrl: '', scopes: '' }

export const emptyForm = (kind: ConnectionKind): ConnectionForm => ({
  address: '', provider: '', detected: null, id: '', name: '', description: '', kind, host: '', port: usualPorts[kind].tls, security: 'tls', user: '', login: 'password', password: '', oauth: usualOAuth, clientSecret: '', mailbox: '', certificate: '', trustedServers: '', ...usualLine, ...usualSending, maxConnections: 5, dkimDomain: '', dkimSelector: '', dkimKey: '', sharing: 'everyone', outgoing: false, outgoingHost: '', touched: [],
})

export const formOf = (saved: Connection): ConnectionForm => ({
  address: '', provider: '', detected: null, id: saved.id, name: saved.name, description: saved.description, kind: saved.kind, host: saved.host, port: saved.port, security: saved.security,
  user: saved.user, login: saved.login, password: '', oauth: saved.oauth ?? usualOAuth, clientSecret: '', mailbox: saved.mailbox, certificate: saved.certificate, trustedServers: saved.trustedServers.join(', '),
  pinned: saved.pinned, checkHostName: saved.checkHostName, minTls: saved.minTls, ciphers: saved.ciphers, timeoutSeconds: saved.timeoutSeconds, maxConnections: saved.maxConnections, mailsPerConnection: saved.mailsPerConnection, limits: saved.limits, dkimDomain: saved.dkim?.domain ?? '', dkimSelector: saved.dkim?.selector ?? '', dkimKey: '', sharing: saved.sharing, outgoing: false, outgoingHost: '', touched: ['id', 'host', 'port', 'security', 'user', 'name'],
})

/** The form after the person changed something; guesses fill what they have not touched. */
export function changeForm(form: ConnectionForm, change: Partial<ConnectionForm>, taken: readonly string[] = []): ConnectionForm {
  const fields = Object.keys(change).filter((field) => !leading.includes(field))
  // Who chooses a provider wants its servers, whatever stood there.
  const kept = change.provider === undefined || change.provider === '' ? form.touched : form.touched.filter((field) => field !== 'host' && field !== 'port' && field !== 'security')
  const touched = [...new Set([...kept, ...fields])]
  const next: ConnectionForm = { ...form, ...change, touched }
  if (leading.some((field) => field in change)) return applyGuess(form, next, taken)
  if (change.security !== undefined && change.port === undefined && next.port !== '' && form.port !== '') return { ...next, port: nextPort(form.port, form, next), touched: touched.filter((field) => field !== 'port' || form.touched.includes('port')) }
  // Without an address the id follows the name.
  if (change.name !== undefined && !touched.includes('id') && form.address === '') return { ...next, id: freeId(slug(next.name), taken) }
  return next
}

/** What others follow; never "typed by hand". */
const leading: readonly string[] = ['address', 'kind', 'provider', 'detected']

/** The presets of signing in, by provider. */
const signIns: Readonly<Record<string, OAuthProvider>> = { gmail: 'google', outlook: 'microsoft', 'microsoft-365': 'microsoft' }

function applyGuess(before: ConnectionForm, next: ConnectionForm, taken: readonly string[]): ConnectionForm {
  const free = (field: string): boolean => !next.touched.includes(field)
  const guess = guessConnection(next.address, next.kind, next)
  const provider = providerIn(next.address, next)
  const signIn = signIns[provider?.id ?? '']
  const port = before.port === '' ? '' : nextPort(before.port, before, next)
  if (!guess) return { ...next, port, id: free('id') && next.address !== '' ? freeId(makeId(next.address, next.kind), taken) : next.id }
  const security = free('security') ? guess.security : next.security
  return {
    ...next, security,
    port: free('port') ? (free('security') ? guess.port : usualPorts[next.kind][security]) : next.port,
    host: free('host') ? guess.host : next.host,
    user: free('user') && guess.user !== '' ? guess.user : next.user,
    name: free('name') && guess.name !== '' ? guess.name : next.name,
    id: free('id') && guess.id !== '' ? freeId(guess.id, taken) : next.id,
    // Only where there is no other way: an app at the provider is more work than an app password.
    login: free('login') && provider !== null ? (provider.logins.length > 0 && provider.logins.every((login) => login === 'oauth2') ? 'oauth2' : 'password') : next.login,
    oauth: free('oauth') && signIn ? { ...next.oauth, provider: signIn } : next.oauth,
  }
}

/** The connection for sending with the same login: server by the address, port and encryption as usual there. */
export function outgoingOf(form: ConnectionForm, taken: readonly string[]): ConnectionForm {
  const guess = guessConnection(form.address || form.user, 'smtp', form)
  const security = guess?.security ?? 'tls'
  const host = form.outgoingHost.trim() || (guess?.host ?? '')
  return {
    // One server shows one certificate as a rule; another server has its own.
    ...form, kind: 'smtp', outgoing: false, security, host, pinned: host === form.host ? form.pinned : '', port: guess?.port ?? usualPorts.smtp[security],
    id: freeId(guess?.id || slug(`${form.id} outbox`), [...taken, form.id]), name: `${form.name.trim() || form.id} (sending)`,
  }
}

/** What PUT and test take. What concerns TLS is only sent where it means something. */
export const draftOf = (form: ConnectionForm): ConnectionDraft => ({
  id: form.id, name: form.name.trim() || form.id, description: form.description, kind: form.kind, host: form.host.trim(), port: form.port === '' ? 0 : form.port, security: form.security, user: form.user.trim(),
  login: form.login, mailbox: form.login === 'none' ? '' : form.mailbox.trim(),
  ...(form.login !== 'password' || form.password === '' ? {} : { password: form.password }),
  oauth: form.login === 'oauth2' ? form.oauth : null,
  ...(form.login !== 'oauth2' || form.clientSecret === '' ? {} : { clientSecret: form.clientSecret }),
  certificate: isEncrypted(form.security) ? form.certificate : '',
  trustedServers: form.trustedServers.split(/[\s,;]+/).filter((name) => name !== ''),
  ...(isEncrypted(form.security) ? { pinned: form.pinned, checkHostName: form.checkHostName, minTls: form.minTls, ciphers: form.ciphers } : {}),
  timeoutSeconds: form.timeoutSeconds === '' ? 0 : form.timeoutSeconds, maxConnections: form.maxConnections, ...signingOf(form),
  mailsPerConnection: form.mailsPerConnection === '' ? 0 : form.mailsPerConnection, limits: form.limits,
  // Untouched it stays as it is, even when somebody else changed it while the form was open.
  ...(form.touched.includes('sharing') ? { sharing: form.sharing } : {}),
})

const signingOf = ({ kind, dkimDomain, dkimSelector, dkimKey }: ConnectionForm): Pick<ConnectionDraft, 'dkim' | 'dkimKey'> =>
  (kind !== 'smtp' || dkimDomain.trim() + dkimSelector.trim() + dkimKey.trim() === '' ? { dkim: null } : { dkim: { domain: dkimDomain, selector: dkimSelector }, ...(dkimKey.trim() === '' ? {} : { dkimKey }) })

/** Whether both are the same to the server, whatever else was found or touched meanwhile. */
export const asksTheSame = (one: ConnectionForm, other: ConnectionForm): boolean => one === other || JSON.stringify(draftOf(one)) === JSON.stringify(draftOf(other))

/** What is missing or wrong, by field, in plain words; the shared schema judges, as the server will. */
export function problemsOf(form: ConnectionForm): Readonly<Partial<Record<keyof ConnectionForm, string>>> {
  const result = connectionInputSchema.safeParse(draftOf(form))
  const problems: Partial<Record<keyof ConnectionForm, string>> = {}
  if (!result.success) {
    for (const issue of result.error.issues) {
      const [first = '', second = ''] = issue.path.map(String)
      const field = (first === 'dkim' ? (second === 'selector' ? 'dkimSelector' : 'dkimDomain') : first) as keyof ConnectionForm // the schema's fields are the form's
      problems[field] ??= field === 'port' ? 'A port is a number from 1 to 65535' : field === 'id' ? 'The short name holds lower-case letters, digits and hyphens' : issue.message
    }
  }
  if (form.outgoing && !connectionInputSchema.shape.host.safeParse(outgoingOf(form, []).host).success) problems.outgoingHost = 'Name the server for sending, without "https://"'
  if (form.login === 'oauth2' && form.user.trim() === '') problems.user ??= 'The mail address that is signed in'
  return problems
}
