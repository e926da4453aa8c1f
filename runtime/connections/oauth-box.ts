/** What a connection keeps for OAuth2, sealed as one box: client secret and tokens, bound to the mail server, token address and client they are for. */
import type { ConnectionInput } from '#shared/connection.ts'
import { endpointsOf, type OAuth } from '#shared/oauth.ts'
import type { StoredConnection } from '../store/store.ts'
import type { Owner, Secrets } from './secrets.ts'

export interface OAuthSecrets {
  /** '' for an app without one (public client). */
  readonly clientSecret: string
  /** '' where the provider gives none. */
  readonly refreshToken: string
  /** '' before the first sign-in, and once the provider took it back. */
  readonly accessToken: string
  /** '' when the provider did not say. */
  readonly expiresAt: string
}
export const noSecrets: OAuthSecrets = { clientSecret: '', refreshToken: '', accessToken: '', expiresAt: '' }

export type OAuthBearing = Pick<ConnectionInput, 'id' | 'kind' | 'host' | 'oauth'>

/** A box in a row whose token address or client was changed by hand does not open: its secrets can be sent nowhere else. */
const ownerOf = ({ id, kind, host, oauth }: OAuthBearing): Owner => ({
  id, kind: `${kind} oauth2`, host: JSON.stringify([host, oauth === null ? '' : endpointsOf(oauth).token, oauth?.clientId ?? '']),
})

export const sealOAuth = (secrets: Secrets, held: OAuthSecrets, owner: OAuthBearing): string =>
  Object.values(held).every((text) => text === '') ? '' : secrets.seal(JSON.stringify(held), ownerOf(owner))

/** Throws SECRET_UNREADABLE. */
export const openOAuth = (secrets: Secrets, sealed: string, owner: OAuthBearing): OAuthSecrets =>
  // Written by sealOAuth alone; AES-GCM vouches for it.
  sealed === '' ? noSecrets : JSON.parse(secrets.open(sealed, ownerOf(owner))) as OAuthSecrets

const appFields = ['provider', 'grant', 'tenant', 'clientId', 'authorizationUrl', 'tokenUrl', 'deviceUrl'] as const satisfies readonly (keyof OAuth)[]

/** The client secret may stay: same mail server, same app at the same place. */
export const sameApp = (known: StoredConnection, input: ConnectionInput): boolean =>
  (['kind', 'host', 'port', 'security'] as const).every((key) => known[key] === input[key])
  && appFields.every((key) => known.oauth?.[key] === input.oauth?.[key])

/** The tokens may stay: they were given for this user and for what is asked now. */
export const sameSignIn = (known: StoredConnection, input: ConnectionInput): boolean =>
  sameApp(known, input) && known.user === input.user && known.oauth?.scopes === input.oauth?.scopes
