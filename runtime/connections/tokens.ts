/** The tokens of signed-in connections: renewed ahead of their end, one renewal at a time for each connection, saved before anybody uses them. */
import type { ConnectionInput } from '#shared/connection.ts'
import { Fault, fault } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import { oauth as limits } from '../limits.ts'
import type { TokenSource } from '../mail/mailbox.ts'
import type { OAuthSecrets } from './oauth-box.ts'
import { appOf, type OAuthClient, type Tokens } from './oauth-client.ts'
import type { OAuthHeld, Registry } from './registry.ts'

export interface TokenParts {
  readonly client: OAuthClient
  readonly clock: Clock
  readonly held: (id: string) => Promise<OAuthHeld>
  readonly save: Registry['putTokens']
}

export interface TokenKeeper {
  readonly sourceOf: (id: string) => TokenSource
  /** For a form that is not saved: a token of the app's own, kept nowhere. */
  readonly trial: (input: ConnectionInput, clientSecret: string) => TokenSource
}

export function makeTokens({ client, clock, held, save }: TokenParts): TokenKeeper {
  const underway = new Map<string, Promise<string>>()

  /** Everybody who asks while a renewal is under way gets its token: a provider that rotates takes a second use of the old one for theft. */
  const renewed = (id: string): Promise<string> => {
    const known = underway.get(id)
    if (known) return known
    const mine = renew(id).finally(() => { underway.delete(id) })
    underway.set(id, mine)
    return mine
  }
  const renew = async (id: string): Promise<string> => {
    const { connection, secrets } = await held(id)
    const app = appOf(connection, secrets.clientSecret)
    const own = app.oauth.grant === 'client-credentials'
    if (!own && secrets.refreshToken === '') throw fault('SIGN_IN_AGAIN', { user: connection.user })
    try {
      const fresh = own ? await client.ownToken(app) : await client.refresh(app, secrets.refreshToken)
      // In the ledger before it is used: the provider may have made the old refresh token worthless with this answer.
      await save(connection, secretsFrom(fresh), own && connection.signedInAt === null ? 'signed-in' : 'renewed')
      return fresh.accessToken
    } catch (error) {
      if (error instanceof Fault && error.code === 'SIGN_IN_AGAIN') await save(connection, { refreshToken: '', accessToken: '', expiresAt: '' }, 'lost')
      throw error
    }
  }

  return {
    sourceOf: (id) => ({
      current: async () => {
        const { secrets } = await held(id)
        if (secrets.accessToken === '') return renewed(id)
        const leftMs = secrets.expiresAt === '' ? Infinity : Date.parse(secrets.expiresAt) - Date.parse(clock.now())
        if (leftMs > limits.aheadMs) return secrets.accessToken
        try {
          return await renewed(id)
        } catch (error) {
          // Ahead of its end a token is still good when its provider cannot be asked.
          if (leftMs > 0 && error instanceof Fault && error.code !== 'SIGN_IN_AGAIN') return secrets.accessToken
          throw error
        }
      },
      renew: async (refused) => {
        const { secrets } = await held(id)
        // Somebody else renewed it meanwhile.
        return secrets.accessToken !== '' && secrets.accessToken !== refused ? secrets.accessToken : renewed(id)
      },
    }),
    trial: (input, clientSecret) => {
      const ask = async (): Promise<string> => (await client.ownToken(appOf(input, clientSecret))).accessToken
      return { current: ask, renew: ask }
    },
  }
}

/** A refresh token that was not given anew stays (RFC 6749 section 6). */
export const secretsFrom = ({ accessToken, refreshToken, expiresAt }: Tokens): Partial<OAuthSecrets> =>
  ({ accessToken, expiresAt, ...(refreshToken === '' ? {} : { refreshToken }) })
