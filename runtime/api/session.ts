/**
 * Who is asking: a bearer token, or the session cookie a browser got for one. Only hashes of sessions and of people's
 * tokens are stored; what somebody may do is looked up at each request, and a session ends with the token it was opened with.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'
import type { Right } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { api } from '../limits.ts'
import { makeBuckets } from './bucket.ts'
import type { ApiDeps } from './deps.ts'

export interface Identity {
  readonly who: string
  readonly rights: readonly Right[]
  /** Hash of the session; '' with a bearer token. */
  readonly session: string
  /** Names the token without giving it away. */
  readonly mark: string
}

export interface Sessions {
  /** null when nobody is signed in. API_TOO_MANY after too many wrong tokens. */
  identify(request: Request): Promise<Identity | null>
  /** The same sign-in as it is now; null when it has ended. */
  recall(identity: Identity): Promise<Identity | null>
  /** The Set-Cookie value and who that is. API_SIGN_IN when the token is wrong. */
  open(token: string, request: Request): Promise<{ readonly cookie: string; readonly identity: Identity }>
  /** The Set-Cookie value that takes the cookie away. */
  close(identity: Identity, request: Request): Promise<string>
}

interface Holder { readonly who: string; readonly rights: readonly Right[]; readonly hash: Buffer; readonly mark: string }

export function makeSessions({ tokens, store, clock }: Pick<ApiDeps, 'tokens' | 'store' | 'clock'>): Sessions {
  const wrong = makeBuckets(api.signIn, clock)
  const fixed = tokens.map(({ who, rights, token }) => holderOf(who, rights, hashOfToken(token)))
  const holders = async (): Promise<readonly Holder[]> => [...fixed, ...(await store.people()).map(({ name, rights, hash }) => holderOf(name, rights, hash))]
  const match = async (token: string, request: Request): Promise<Holder | null> => {
    const guest = request.socket.remoteAddress ?? ''
    const hash = Buffer.from(hashOfToken(token), 'hex')
    const found = (await holders()).find((candidate) => timingSafeEqual(candidate.hash, hash))
    if (found) return found
    wrong.demand(guest)
    wrong.take(guest)
    return null
  }
  const recall = async (mark: string, session: string): Promise<Identity | null> => {
    const holder = (await holders()).find((candidate) => candidate.mark === mark)
    if (!holder || (session !== '' && !(await store.hasSession(session, clock.now())))) return null
    return identityOf(holder, session)
  }

  return {
    identify: async (request) => {
      const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
      if (bearer !== undefined) {
        const holder = await match(bearer, request)
        return holder && identityOf(holder, '')
      }
      const value = cookieOf(request)
      return value === null ? null : recall(value.split('.')[0] ?? '', hashOfSession(value))
    },
    recall: ({ mark, session }) => recall(mark, session),
    open: async (token, request) => {
      // Even the right token waits here after too many wrong ones: else the wait would tell which one is right.
      wrong.demand(request.socket.remoteAddress ?? '')
      const holder = await match(token, request)
      if (!holder) throw fault('API_SIGN_IN')
      const value = `${holder.mark}.${randomBytes(32).toString('base64url')}`
      const session = hashOfSession(value)
      await store.putSession(session, new Date(Date.parse(clock.now()) + api.sessionMs).toISOString())
      return { cookie: setCookie(request, value, api.sessionMs / 1000), identity: identityOf(holder, session) }
    },
    close: async (identity, request) => {
      if (identity.session !== '') await store.deleteSession(identity.session)
      return setCookie(request, '', 0)
    },
  }
}

const sha256 = (text: string): string => hash('sha256', text)
/** Tokens are 192 random bits (token.ts), so nothing slower or salted would keep them safer. */
export const hashOfToken = sha256
const hashOfSession = sha256

/** The mark parts a cookie's owner from the others; what proves it is the session behind it. */
const markChars = 16
const holderOf = (who: string, rights: readonly Right[], hash: string): Holder =>
  ({ who, rights, hash: Buffer.from(hash, 'hex'), mark: sha256(`mailweave session ${hash}`).slice(0, markChars) })
const identityOf = ({ who, rights, mark }: Holder, session: string): Identity => ({ who, rights, session, mark })

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
