/** One HTTP request within the host policy: the address was looked up once and judged, nothing is looked up again or followed by itself, and the body is read within a bound. */
import { request as requestPlain, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as requestTls } from 'node:https'
import { usualLine, usualSending, type ConnectionKind } from '#shared/connection.ts'
import type { MailServer } from '#shared/provider-table.ts'
import type { ConnectTarget } from '../mail/connect-target.ts'
import type { Account } from '../mail/mailbox.ts'

/** A server as the mail side judges it, with nobody to log in and the machine's own trust. */
export const placeAt = ({ host, port, security }: MailServer, kind: ConnectionKind = 'smtp'): Account => ({
  id: '', kind, host, port, security, login: 'none', user: '', mailbox: '', password: '', tokens: null, certificate: '', trustedServers: [], ...usualLine, ...usualSending, maxConnections: 1, dkim: null,
})

export const placeOf = (url: URL): Account => {
  const secure = url.protocol === 'https:'
  return placeAt({ host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? (secure ? 443 : 80) : Number(url.port), security: secure ? 'tls' : 'none' })
}

export interface PolicyRequest {
  readonly method: string
  readonly headers: OutgoingHttpHeaders
  readonly body?: Buffer
  readonly signal: AbortSignal
}

/** Resolves with the answer's head; `target` is what connectTarget made of `place`. */
export function requestAt(url: URL, place: Account, target: ConnectTarget, { method, headers, body, signal }: PolicyRequest): Promise<IncomingMessage> {
  const where = { host: target.address, port: place.port, method, path: `${url.pathname}${url.search}`, agent: false, signal, headers: { ...headers, host: url.host } } as const
  return new Promise((resolve, reject) => {
    const request = place.security === 'tls' ? requestTls({ ...where, ...target.tls }, resolve) : requestPlain(where, resolve)
    request.on('error', reject)
    request.end(body)
  })
}

/** Rejects with `tooLong`, and cuts the line, at the first byte too many. */
export async function readBounded(answer: IncomingMessage, most: number, tooLong: Error): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) { // no encoding is set, so chunks are Buffers
    size += chunk.byteLength
    if (size > most) {
      answer.destroy()
      throw tooLong
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
