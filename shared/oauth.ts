/** How a connection signs in with OAuth2: providers, ways to get a token, and the addresses and scopes these stand for. Pure. */
import { z } from 'zod'

export const logins = ['password', 'oauth2', 'none'] as const
export const oauthProviders = ['microsoft', 'google', 'custom'] as const
export const oauthGrants = ['authorization-code', 'device-code', 'client-credentials'] as const
export type Login = (typeof logins)[number]
export type OAuthProvider = (typeof oauthProviders)[number]
export type OAuthGrant = (typeof oauthGrants)[number]

/** A client secret, a code or a token travels there: https, or http to this very machine (RFC 6749 section 3.1, RFC 8252 section 7.3). */
const safeAddress = /^(?:https:\/\/[a-z0-9.-]+|https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]))(?::\d{1,5})?(?:\/[^\s#\\]*)?$/i
const address = z.string().trim().max(2000).refine((text) => text === '' || safeAddress.test(text), 'An address that begins with https://').default('')

export const oauthSchema = z.object({
  provider: z.enum(oauthProviders),
  grant: z.enum(oauthGrants),
  /** Microsoft: the directory's id or name, or `common`, `organizations`, `consumers`. */
  tenant: z.string().trim().max(253).regex(/^[A-Za-z0-9.-]*$/, 'The tenant\'s id or domain').default(''),
  clientId: z.string().trim().min(1, 'The id of the app as registered with the provider').max(500),
  /** The three addresses count for `custom` alone; the other providers' are known. */
  authorizationUrl: address,
  tokenUrl: address,
  deviceUrl: address,
  /** Separated by spaces; '' asks for what reading or sending needs at a known provider. */
  scopes: z.string().trim().max(2000).default(''),
}).strict().superRefine((oauth, context) => {
  const wrong = (path: keyof OAuth, message: string): void => { context.addIssue({ code: 'custom', path: [path], message }) }
  if (!grantsOf(oauth.provider).includes(oauth.grant)) wrong('grant', 'This provider offers no such way for mail')
  if (oauth.provider === 'microsoft' && oauth.grant === 'client-credentials' && ['', 'common', 'organizations', 'consumers'].includes(oauth.tenant)) wrong('tenant', 'An app signs in to one directory: its id or domain')
  if (oauth.provider !== 'custom') return
  if (oauth.tokenUrl === '') wrong('tokenUrl', 'Where tokens are given out')
  if (oauth.grant === 'authorization-code' && oauth.authorizationUrl === '') wrong('authorizationUrl', 'The page people sign in on')
  if (oauth.grant === 'device-code' && oauth.deviceUrl === '') wrong('deviceUrl', 'Where device codes are given out')
})
export type OAuth = z.infer<typeof oauthSchema>

/** Google gives device codes no access to mail, and has no client credentials. */
export const grantsOf = (provider: OAuthProvider): readonly OAuthGrant[] => (provider === 'google' ? ['authorization-code'] : oauthGrants)

export interface Endpoints { readonly authorization: string; readonly token: string; readonly device: string }
export function endpointsOf(oauth: OAuth): Endpoints {
  switch (oauth.provider) {
    case 'microsoft': {
      const base = `https://login.microsoftonline.com/${oauth.tenant || 'common'}/oauth2/v2.0`
      return { authorization: `${base}/authorize`, token: `${base}/token`, device: `${base}/devicecode` }
    }
    case 'google': return { authorization: 'https://accounts.google.com/o/oauth2/v2/auth', token: 'https://oauth2.googleapis.com/token', device: '' }
    case 'custom': return { authorization: oauth.authorizationUrl, token: oauth.tokenUrl, device: oauth.deviceUrl }
  }
}

const microsoftScopes = { imap: 'IMAP.AccessAsUser.All', pop3: 'POP.AccessAsUser.All', smtp: 'SMTP.Send' } as const

/** What is asked for: as typed, else what reading or sending mail needs there (learn.microsoft.com, developers.google.com/gmail/imap). */
export function scopesOf(oauth: OAuth, kind: keyof typeof microsoftScopes): string {
  if (oauth.scopes !== '' || oauth.provider === 'custom') return oauth.scopes
  if (oauth.provider === 'google') return 'https://mail.google.com/'
  if (oauth.grant === 'client-credentials') return 'https://outlook.office365.com/.default'
  return `https://outlook.office.com/${microsoftScopes[kind]} offline_access`
}
