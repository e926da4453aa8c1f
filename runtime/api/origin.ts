/**
 * Keeps other web pages out: only known Host names are answered (DNS rebinding), and a request that a page of another
 * origin made is refused (CSRF), whatever cookie it carries.
 */
import type { NextFunction, Request, Response } from 'express'
import { fault } from '#shared/errors.ts'

/** Anything that is not ours by name is refused, static files too. */
export function checkHost(hosts: () => ReadonlySet<string>) {
  return (request: Request, _: Response, next: NextFunction): void => {
    const host = request.headers.host?.toLowerCase() ?? ''
    if (!hosts().has(host) && host !== arrivedAt(request)) throw fault('API_FORBIDDEN', { reason: 'the server is not known by this host name' })
    next()
  }
}

/** The very address the connection came in on: rebinding needs a name, so an address typed as such is always meant. */
function arrivedAt({ socket }: Request): string {
  const address = (socket.localAddress ?? '').replace(/^::ffff:/, '')
  return `${address.includes(':') ? `[${address}]` : address}:${socket.localPort ?? 0}`
}

/** Where a provider's sign-in page leads the browser back to. */
export const backPath = '/api/oauth/callback'

/**
 * Browsers name the asking page in Origin on every request that changes something, and say its relation in
 * Sec-Fetch-Site on all; programs send neither. The Host was checked before, so being of the same origin is enough.
 */
export function checkOrigin(request: Request, _: Response, next: NextFunction): void {
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  const foreign = origin === undefined ? site !== undefined && site !== 'same-origin' && site !== 'none' : hostOf(origin) !== host?.toLowerCase()
  if (foreign && !isWayBack(request)) throw fault('API_FORBIDDEN', { reason: 'the request comes from another web page' })
  next()
}

/** Coming back from a sign-in is going from one site's page to another's: a navigation, which says so and names no origin. */
const isWayBack = ({ method, originalUrl, headers }: Request): boolean =>
  method === 'GET' && originalUrl.split('?')[0] === backPath && headers.origin === undefined && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'

function hostOf(origin: string): string | null {
  const url = URL.parse(origin)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null
  return url.host
}

/** The names this server goes by, with and without the port where that is the scheme's own. */
export function ownHosts(bound: string, port: number, names: readonly string[]): ReadonlySet<string> {
  const bracketed = bound.includes(':') ? `[${bound}]` : bound
  // "All addresses" is no name of ours; browsers that open 0.0.0.0 have let pages reach loopback.
  const own = bound === '0.0.0.0' || bound === '::' ? [] : [bracketed]
  const local = ['127.0.0.1', 'localhost', '[::1]', ...own].flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))
  return new Set([...local, ...names].map((name) => name.toLowerCase()))
}
