/** HTTP to sign-in servers, as guarded as mail connections: the address is looked up once and judged, TLS is checked, answers are bounded in bytes and time, redirects are not followed. */
import type { IncomingMessage } from 'node:http'
import { fault } from '#shared/errors.ts'
import { oauth as limits } from '../limits.ts'
import { connectTarget, type LookUp } from '../mail/connect-target.ts'
import { isLoopbackAddress, type HostPolicy } from '../mail/host-policy.ts'
import { networkFault } from '../mail/network-faults.ts'
import { placeOf, readBounded, requestAt } from './policy-request.ts'

export interface FetchParts { readonly policy: HostPolicy; readonly lookUp?: LookUp; readonly requestMs?: number }
export interface FetchOptions { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body?: URLSearchParams }
/** Rejects with a Fault that names the host. */
export type PolicyFetch = (url: string, options: FetchOptions) => Promise<Response>

export function makePolicyFetch({ policy, lookUp, requestMs = limits.requestMs }: FetchParts): PolicyFetch {
  return async (address, { method, headers, body }) => {
    const url = new URL(address)
    const secure = url.protocol === 'https:'
    const place = placeOf(url)
    const target = await connectTarget(place, policy, lookUp)
    // A client secret in clear never leaves this machine, wherever "localhost" leads.
    if (!secure && !isLoopbackAddress(target.address)) throw fault('MAIL_HOST_FORBIDDEN', { host: place.host })
    const bytes = Buffer.from(body?.toString() ?? '')
    const signal = AbortSignal.timeout(requestMs)
    try {
      const answer = await requestAt(url, place, target, { method, headers: { ...headers, 'content-length': String(bytes.byteLength) }, body: bytes, signal })
      return await bounded(answer, place.host)
    } catch (error) {
      if (signal.aborted) throw fault('MAIL_TIMEOUT', { host: place.host, seconds: Math.round(requestMs / 1000) }, '', error)
      throw networkFault(error, place)
    }
  }
}

async function bounded(answer: IncomingMessage, host: string): Promise<Response> {
  const bytes = await readBounded(answer, limits.answerBytes, fault('SIGN_IN_UNAVAILABLE', { host, reason: 'its answer is too long' }))
  const status = answer.statusCode ?? 0
  // What Response takes: an answer has one of these, and none of the few without a body is of use here.
  if (status < 200 || status > 599 || status === 204 || status === 205 || status === 304) throw fault('SIGN_IN_UNAVAILABLE', { host, reason: `it answered ${status}` })
  // No other header counts; with a challenge of its (RFC 6749 section 5.2) the library would not read the body that says why.
  return new Response(new Uint8Array(bytes), { status, headers: { 'content-type': answer.headers['content-type'] ?? '' } })
}
