/**
 * A sign-in server of real make (oidc-provider) on loopback: authorization code with PKCE, device code, client
 * credentials, rotating refresh tokens, introspection. Its people sign in without a password, as the login hint names them.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import type { OAuth } from '#shared/oauth.ts'

export interface OAuthServer {
  readonly url: string
  /** Settings of a connection's app here; `clientSecret` belongs to it. */
  oauth(grant: OAuth['grant'], change?: Partial<OAuth>): OAuth
  readonly clientSecret: string
  /** Goes through the pages as a browser does, and answers the address it is led back to. */
  signIn(url: string): Promise<URL>
  /** Types a device code on its page; `user` signs in there. */
  typeCode(page: string, code: string, user: string): Promise<void>
  /** Grants asked at the token address, in order, with what was answered. */
  readonly asked: readonly { readonly grant: string; readonly status: number; readonly body: string }[]
  /** The next answers of the token address are these instead. */
  readonly instead: ((response: ServerResponse) => void)[]
  /** For Dovecot: a token is posted there. */
  readonly introspectionUrl: string
  stop(): Promise<void>
}

const clientSecret = 'the-secret-of-the-mail-app'
const scope = 'mail offline_access'
const signingKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })

/** `backTo`: redirect addresses of the app, as registered with the provider. */
export async function oauthServer({ backTo = ['http://localhost/api/oauth/callback'], tokenSeconds = 3600 }: { readonly backTo?: readonly string[]; readonly tokenSeconds?: number } = {}): Promise<OAuthServer> {
  const asked: { grant: string; status: number; body: string }[] = []
  const instead: ((response: ServerResponse) => void)[] = []
  let handle: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => { response.end() }
  const server = createServer((request, response) => { handle(request, response) })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  // A listening TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  const provider = new Provider(url, {
    clients: [
      { client_id: 'mail-app', client_secret: clientSecret, redirect_uris: backTo, response_types: ['code'], grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'], application_type: 'native', scope },
      { client_id: 'dovecot', client_secret: 'introspects', redirect_uris: [], response_types: [], grant_types: [] },
    ],
    scopes: ['mail', 'offline_access', 'openid'],
    features: {
      devInteractions: { enabled: false }, clientCredentials: { enabled: true }, introspection: { enabled: true, allowedPolicy: () => true },
      deviceFlow: { enabled: true, mask: '****-****' },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: { AccessToken: tokenSeconds, ClientCredentials: tokenSeconds, RefreshToken: 86_400, Grant: 86_400, Session: 86_400, Interaction: 600, DeviceCode: 600, AuthorizationCode: 60 },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // What Dovecot reads the user from; an app's own token stands for one mailbox here.
    extraTokenClaims: (_: unknown, token: { readonly accountId?: string }) => ({ username: token.accountId ?? 'u0' }),
    interactions: { url: (_: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    cookies: { keys: ['of the tests'] },
    jwks: { keys: [signingKey] },
  })

  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId: params['login_hint'] ?? deviceUser } })
    if (params['login_hint'] === 'says-no') return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'The person said no' })
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: params['client_id'] ?? '' })
    grant.addOIDCScope(params['scope'] ?? '')
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  }
  const serve = provider.callback()
  handle = (request, response) => {
    if (request.url?.startsWith('/interaction/')) {
      void interact(request, response).catch((error: unknown) => { response.statusCode = 500; response.end(String(error)) })
      return
    }
    if (request.url === '/token') {
      const note = noteAnswer(response)
      let sent = ''
      request.on('data', (chunk: Buffer) => { sent += chunk.toString() })
      response.on('finish', () => { asked.push({ grant: new URLSearchParams(sent).get('grant_type') ?? '', status: response.statusCode, body: note() }) })
      const other = instead.shift()
      if (other) { request.on('end', () => { other(response) }); return }
    }
    serve(request, response)
  }
  let deviceUser = ''

  return {
    url, clientSecret, asked, instead, introspectionUrl: `http://dovecot:introspects@127.0.0.1:${port}/token/introspection`,
    oauth: (grant, change = {}) => ({
      provider: 'custom', grant, tenant: '', clientId: 'mail-app', authorizationUrl: `${url}/auth`, tokenUrl: `${url}/token`, deviceUrl: `${url}/device/auth`,
      scopes: grant === 'client-credentials' ? 'mail' : scope, ...change,
    }),
    signIn: (start) => walk(new Map(), start, (next) => next.pathname.endsWith('/callback')),
    typeCode: async (page, code, user) => {
      deviceUser = user
      const cookies: Cookies = new Map()
      const form = await (await visit(cookies, new URL(page))).text()
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(form)?.[1] ?? ''
      const answer = await visit(cookies, new URL(page), new URLSearchParams({ xsrf, user_code: code, confirm: 'yes' }))
      const location = answer.headers.get('location')
      if (location !== null) await walk(cookies, new URL(location, page).href, () => false)
    },
    stop: async () => {
      const closed = new Promise((resolve) => { server.close(resolve) })
      server.closeAllConnections()
      await closed
    },
  }
}

type Cookies = Map<string, string>

/** One request of a browser that keeps cookies and follows nothing by itself. */
async function visit(cookies: Cookies, url: URL, form?: URLSearchParams): Promise<Response> {
  const answer = await fetch(url, { redirect: 'manual', headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }, ...(form ? { method: 'POST', body: form } : {}) })
  for (const line of answer.headers.getSetCookie()) {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return answer
}

/** Follows the server's redirects until `there`, or to a page that leads nowhere further. */
async function walk(cookies: Cookies, start: string, there: (next: URL) => boolean): Promise<URL> {
  let at = new URL(start)
  for (let steps = 0; steps < 20; steps += 1) {
    const answer = await visit(cookies, at)
    const location = answer.headers.get('location')
    if (location === null) {
      if (answer.status >= 400) throw new Error(`${at.pathname} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`)
      return at
    }
    at = new URL(location, at)
    if (there(at)) return at
  }
  throw new Error('redirected without end')
}

/** The body as it goes out. */
function noteAnswer(response: ServerResponse): () => string {
  let text = ''
  const end = response.end.bind(response)
  response.end = ((chunk?: unknown, ...rest: readonly unknown[]) => {
    if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) text += chunk.toString()
    // The overloads of end() take what they took before.
    return (end as (...words: readonly unknown[]) => ServerResponse)(chunk, ...rest)
  }) as typeof response.end
  return () => text
}
