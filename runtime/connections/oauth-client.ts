/** What is said to a sign-in server (RFC 6749, 7636, 8628), through oauth4webapi; its refusals become faults here and nowhere else. */
import type { AuthorizationServer, ClientAuth, TokenEndpointResponse } from 'oauth4webapi'
import type { ConnectionInput } from '#shared/connection.ts'
import { type Fault, Fault as FaultError, fault } from '#shared/errors.ts'
import { endpointsOf, scopesOf, type OAuth } from '#shared/oauth.ts'
import type { Clock } from '../clock.ts'
import { cleanAnswer } from '../mail/clean-answer.ts'
import type { PolicyFetch } from './policy-fetch.ts'

/** Whom a token is for. */
export interface OAuthApp {
  readonly oauth: OAuth
  readonly scope: string
  readonly clientSecret: string
  /** The address people sign in with, filled in for them. */
  readonly user: string
}
export interface Tokens {
  readonly accessToken: string
  /** '' when none was given (anew). */
  readonly refreshToken: string
  /** '' when the provider does not say. */
  readonly expiresAt: string
}
export interface BrowserStart { readonly url: string; readonly state: string; readonly verifier: string; readonly redirectUri: string }
export interface DeviceStart { readonly deviceCode: string; readonly userCode: string; readonly url: string; readonly everyMs: number; readonly forMs: number }

/** Each may reject with SIGN_IN_REFUSED, SIGN_IN_UNAVAILABLE or a network fault; `refresh` with SIGN_IN_AGAIN too. */
export interface OAuthClient {
  readonly begin: (app: OAuthApp, redirectUri: string) => Promise<BrowserStart>
  readonly redeem: (app: OAuthApp, start: BrowserStart, answer: URLSearchParams) => Promise<Tokens>
  readonly startDevice: (app: OAuthApp) => Promise<DeviceStart>
  readonly pollDevice: (app: OAuthApp, deviceCode: string) => Promise<Tokens | 'pending' | 'slow-down'>
  readonly refresh: (app: OAuthApp, refreshToken: string) => Promise<Tokens>
  readonly ownToken: (app: OAuthApp) => Promise<Tokens>
}

export function appOf({ oauth, kind, user }: Pick<ConnectionInput, 'oauth' | 'kind' | 'user'>, clientSecret: string): OAuthApp {
  if (oauth === null) throw fault('CONNECTION_KIND', { reason: 'it does not sign in with OAuth2' })
  return { oauth, scope: scopesOf(oauth, kind), clientSecret, user }
}

export function makeOAuthClient({ fetch, clock }: { readonly fetch: PolicyFetch; readonly clock: Clock }): OAuthClient {
  // Loaded at the first sign-in: most processes log in by password alone.
  const library = () => import('oauth4webapi')
  type Library = Awaited<ReturnType<typeof library>>

  const ask = async <T>(app: OAuthApp, talk: (parts: Parts) => Promise<T>): Promise<T> => {
    const lib = await library()
    try {
      return await talk({
        lib, server: serverOf(app), client: { client_id: app.oauth.clientId }, auth: authOf(lib, app),
        // https or loopback: the schema demands it, and the fetch judges the address once more.
        options: { [lib.customFetch]: (url, init) => fetch(url, { method: init.method, headers: init.headers, ...(init.body instanceof URLSearchParams ? { body: init.body } : {}) }), [lib.allowInsecureRequests]: true },
      })
    } catch (error) {
      throw signInFault(error, app, lib)
    }
  }
  interface Parts {
    readonly lib: Library
    readonly server: AuthorizationServer
    readonly client: { readonly client_id: string }
    readonly auth: ClientAuth
    readonly options: NonNullable<Parameters<Library['refreshTokenGrantRequest']>[4]>
  }
  const tokensOf = (answer: TokenEndpointResponse): Tokens => ({
    accessToken: answer.access_token, refreshToken: answer.refresh_token ?? '',
    expiresAt: answer.expires_in === undefined ? '' : new Date(Date.parse(clock.now()) + answer.expires_in * 1000).toISOString(),
  })

  return {
    begin: (app, redirectUri) => ask(app, async ({ lib }) => {
      const verifier = lib.generateRandomCodeVerifier()
      const state = lib.generateRandomState()
      const url = new URL(endpointsOf(app.oauth).authorization)
      const asked = {
        response_type: 'code', client_id: app.oauth.clientId, redirect_uri: redirectUri, state, scope: app.scope,
        code_challenge: await lib.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', login_hint: app.user,
        // Google gives a refresh token only when asked so, and only on a fresh consent.
        ...(app.oauth.provider === 'google' ? { access_type: 'offline', prompt: 'consent' } : {}),
        // OpenID Connect Core section 11: offline access is given on a fresh consent.
        ...(app.oauth.provider === 'custom' && app.scope.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
      }
      for (const [name, value] of Object.entries(asked)) if (value !== '') url.searchParams.set(name, value)
      return { url: url.href, state, verifier, redirectUri }
    }),
    redeem: (app, start, answer) => ask(app, async ({ lib, server, client, auth, options }) => {
      const checked = lib.validateAuthResponse(namedBy(answer, server), client, answer, start.state)
      const response = await lib.authorizationCodeGrantRequest(server, client, auth, checked, start.redirectUri, start.verifier, options)
      return tokensOf(await lib.processAuthorizationCodeResponse(server, client, await withoutIdToken(response)))
    }),
    startDevice: (app) => ask(app, async ({ lib, server, client, auth, options }) => {
      const response = await lib.deviceAuthorizationRequest(server, client, auth, { scope: app.scope }, options)
      const answer = await lib.processDeviceAuthorizationResponse(server, client, response)
      // It becomes a link on a page of ours.
      if (!/^https?:$/.test(URL.parse(answer.verification_uri)?.protocol ?? '')) throw fault('SIGN_IN_UNAVAILABLE', { host: new URL(server.token_endpoint ?? '').host, reason: 'the page it names is none' })
      return { deviceCode: answer.device_code, userCode: cleanAnswer(answer.user_code), url: answer.verification_uri, everyMs: (answer.interval ?? 5) * 1000, forMs: answer.expires_in * 1000 }
    }),
    pollDevice: (app, deviceCode) => ask(app, async ({ lib, server, client, auth, options }) => {
      try {
        const response = await lib.deviceCodeGrantRequest(server, client, auth, deviceCode, options)
        return tokensOf(await lib.processDeviceCodeResponse(server, client, await withoutIdToken(response)))
      } catch (error) {
        const said = error instanceof lib.ResponseBodyError ? error.error : ''
        if (said === 'authorization_pending') return 'pending'
        if (said === 'slow_down') return 'slow-down'
        throw error
      }
    }),
    refresh: (app, refreshToken) => ask(app, async ({ lib, server, client, auth, options }) => {
      try {
        const response = await lib.refreshTokenGrantRequest(server, client, auth, refreshToken, options)
        return tokensOf(await lib.processRefreshTokenResponse(server, client, await withoutIdToken(response)))
      } catch (error) {
        if (error instanceof lib.ResponseBodyError && signInAnew.has(error.error)) throw fault('SIGN_IN_AGAIN', { user: app.user }, '', error)
        throw error
      }
    }),
    ownToken: (app) => ask(app, async ({ lib, server, client, auth, options }) => {
      const response = await lib.clientCredentialsGrantRequest(server, client, auth, { scope: app.scope }, options)
      return tokensOf(await lib.processClientCredentialsResponse(server, client, response))
    }),
  }

  function authOf(lib: Library, { oauth, clientSecret }: OAuthApp): ClientAuth {
    if (clientSecret === '') return lib.None()
    // Basic is what every server must know (RFC 6749 section 2.3.1); the two big ones document the other.
    return oauth.provider === 'custom' ? lib.ClientSecretBasic(clientSecret) : lib.ClientSecretPost(clientSecret)
  }
}

/** RFC 6749 section 5.2, and what OpenID providers say when only a person can go on. */
const signInAnew = new Set(['invalid_grant', 'interaction_required', 'login_required', 'consent_required'])

function serverOf({ oauth }: OAuthApp): AuthorizationServer {
  const { authorization, token, device } = endpointsOf(oauth)
  return { issuer: new URL(authorization || token).origin, authorization_endpoint: authorization, token_endpoint: token, device_authorization_endpoint: device }
}

/** RFC 9207: a server that names itself in its answer must be at home where the person was sent. */
function namedBy(answer: URLSearchParams, server: AuthorizationServer): AuthorizationServer {
  const issuer = answer.get('iss') ?? ''
  return URL.parse(issuer)?.origin === server.issuer ? { ...server, issuer } : server
}

/** Who signed in is for the mail server to say, by the token: an id_token is not asked for, and unverified it must count for nothing. */
async function withoutIdToken(response: Response): Promise<Response> {
  if (!response.ok || !(response.headers.get('content-type') ?? '').includes('json')) return response
  const { id_token: _, ...rest } = await response.json() as Record<string, unknown>
  return new Response(JSON.stringify(rest), { status: response.status, headers: { 'content-type': 'application/json' } })
}

function signInFault(error: unknown, app: OAuthApp, lib: typeof import('oauth4webapi')): Fault {
  if (error instanceof FaultError) return error
  const host = new URL(endpointsOf(app.oauth).token).host
  if (error instanceof lib.ResponseBodyError || error instanceof lib.AuthorizationResponseError) {
    const said = `${error.error}${error.error_description === undefined ? '' : `: ${error.error_description}`}`
    const answer = cleanAnswer(app.clientSecret === '' ? said : said.replaceAll(app.clientSecret, '(client secret)'))
    const passing = error.error === 'temporarily_unavailable' || (error instanceof lib.ResponseBodyError && error.status >= 500)
    return passing ? fault('SIGN_IN_UNAVAILABLE', { host, reason: answer }, '', error) : fault('SIGN_IN_REFUSED', { host, answer }, '', error)
  }
  return fault('SIGN_IN_UNAVAILABLE', { host, reason: 'what it answered is not OAuth2' }, '', error)
}
