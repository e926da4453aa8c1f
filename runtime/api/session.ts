/**
 * Who is asking: a bearer token, or the session cookie a browser got for one. Only hashes of sessions are stored, and a
 * session ends with the token it was opened with.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'
import type { Right } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { api } from '../limits.ts'
import { makeBuckets } from './bucket.ts'
import type { AccessToken, ApiDeps } from './deps.ts'

export interface Identity {
  readonly who: string
  readonly rights: readonly Right[]
  /** Hash of the session; '' with a bearer token. */
  readonly session: string
}

export interface Sessions {
  /** null when nobody is signed in. API_TOO_MANY after too many wrong tokens. */
  identify(request: Request): Promise<Identity | null>
  /** The Set-Cookie value and who that is. API_SIGN_IN when the token is wrong. */
  open(token: string, request: Request): Promise<{ readonly cookie: string; readonly identity: Identity }>
  /** The Set-Cookie value that takes the cookie away. */
  close(identity: Identity, request: Request): Promise<string>
}

export function makeSessions({ tokens, store, clock }: Pick<ApiDeps, 'tokens' | 'store' | 'clock'>): Sessions {
  const wrong = makeBuckets(api.signIn, clock)
  const known = tokens.map((access) => ({ access, hash: sha256(access.token), mark: markOf(access.token) }))
  const match = (token: string, request: Request): AccessToken | null => {
    const guest = request.socket.remoteAddress ?? ''
    const hash = sha256(token)
    const found = known.find((candidate) => timingSafeEqual(candidate.hash, hash))
    if (found) return found.access
    wrong.demand(guest)
    wrong.take(guest)
    return null
  }

  return {
    identify: async (request) => {
      const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
      if (bearer !== undefined) {
        const access = match(bearer, request)
        return access && { who: access.who, rights: access.rights, session: '' }
      }
      const value = cookieOf(request)
      if (value === null) return null
      const owner = known.find(({ mark }) => value.startsWith(`${mark}.`))
      const session = hashOfSession(value)
      if (!owner || !(await store.hasSession(session, clock.now()))) return null
      return { who: owner.access.who, rights: owner.access.rights, session }
    },
    open: async (token, request) => {
      // Even the right token waits here after too many wrong ones: else the wait would tell which one is right.
      wrong.demand(request.socket.remoteAddress ?? '')
      const access = match(token, request)
      if (!access) throw fault('API_SIGN_IN')
      const value = `${markOf(access.token)}.${randomBytes(32).toString('base64url')}`
      const session = hashOfSession(value)
      await store.putSession(session, new Date(Date.parse(clock.now()) + api.sessionMs).toISOString())
      return { cookie: setCookie(request, value, api.sessionMs / 1000), identity: { who: access.who, rights: access.rights, session } }
    },
    close: async (identity, request) => {
      if (identity.session !== '') await store.deleteSession(identity.session)
      return setCookie(request, '', 0)
    },
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
const hashOfSession = (value: string): string => sha256(value).toString('hex')
/** Names the token within the cookie without giving it away. */
const markOf = (token: string): string => sha256(`mailweave session ${token}`).toString('hex').slice(0, 16)

/** Browsers send one host's cookies to all its ports, so two Mailweaves on a machine need two names. */
const cookieName = (request: Request): string => `mailweave_${request.socket.localPort ?? 0}`
const setCookie = (request: Request, value: string, seconds: number): string =>
  `${cookieName(request)}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${seconds}${isByTls(request) ? '; Secure' : ''}`

/** Behind a proxy that adds TLS the page's own origin says so; there the cookie must never travel in clear. */
const isByTls = (request: Request): boolean => request.headers.origin?.startsWith('https://') ?? false

function cookieOf(request: Request): string | null {
  const start = `${cookieName(request)}=`
  const found = (request.headers.cookie ?? '').split(';').map((part) => part.trim()).find((part) => part.startsWith(start))
  return found === undefined ? null : found.slice(start.length)
}
