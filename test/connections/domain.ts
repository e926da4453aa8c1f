/** A mail domain on loopback for autodetection: its records are told, its web and mail servers are real sockets, all names lead where the test says. */
import { createServer as createPlain, type RequestListener } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { AutodetectDeps } from '#runtime/connections/autodetect.ts'
import { makeLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { authority } from '../servers/certificates.ts'
import { fakeClock, type FakeClock } from '../servers/fake-clock.ts'

const ca = authority()
const names = ['acme.example', 'autoconfig.acme.example', 'imap.acme.example', 'mail.acme.example', 'smtp.acme.example', 'files.hoster.example'].map((name) => `DNS:${name}`)
const own = ca.issue(names)

export interface Told {
  /** Target and port by service, as `_imaps`; '.' says that it is not offered. */
  readonly srv?: Readonly<Record<string, readonly (readonly [target: string, port: number, priority?: number, weight?: number])[]>>
  readonly mx?: readonly string[]
  /** Where names lead; a name that is not told does not exist. */
  readonly hosts?: Readonly<Record<string, string>>
  readonly https?: RequestListener
  readonly http?: RequestListener
  /** Usual ports on which something speaks TLS. */
  readonly tls?: readonly number[]
  readonly nameServer?: 'silent' | 'broken'
}

export interface Domain {
  readonly deps: AutodetectDeps
  readonly clock: FakeClock
  /** Requests as `https autoconfig.acme.example/path`. */
  readonly asked: readonly string[]
  /** Names that were looked up, of hosts and records. */
  readonly lookedUp: readonly string[]
  readonly logged: readonly string[]
  /** Lines that are open now, as the servers see them. */
  lines(): number
}

export async function domain(told: Told): Promise<Domain> {
  const clock = fakeClock()
  const asked: string[] = []
  const lookedUp: string[] = []
  const logged: string[] = []
  const lines = new Set<Socket>()
  const ports = new Map<number, number>()
  const noteTo = (scheme: string, answer: RequestListener): RequestListener => (request, response) => {
    asked.push(`${scheme} ${request.headers.host ?? ''}${request.url ?? ''}`)
    answer(request, response)
  }
  const open = async (usual: number, server: Server): Promise<void> => {
    server.on('connection', (socket: Socket) => {
      lines.add(socket)
      socket.on('close', () => { lines.delete(socket) }).on('error', () => {})
    }).on('tlsClientError', () => {})
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    ports.set(usual, (server.address() as AddressInfo).port) // it listens on TCP
    onTestFinished(async () => {
      for (const socket of lines) socket.destroy()
      await new Promise((resolve) => { server.close(resolve) })
    })
  }
  if (told.https) await open(443, createSecure(own, noteTo('https', told.https)))
  if (told.http) await open(80, createPlain(noteTo('http', told.http)))
  for (const port of told.tls ?? []) await open(port, createTls(own))
  const dns = <T>(what: string, answer: readonly T[]): Promise<readonly T[]> => {
    lookedUp.push(what)
    if (told.nameServer === 'silent') return new Promise(() => {})
    if (told.nameServer === 'broken') return Promise.reject(Object.assign(new Error('queryA ESERVFAIL'), { code: 'ESERVFAIL' }))
    return Promise.resolve(answer)
  }
  const deps: AutodetectDeps = {
    clock, log: makeLog('debug', (line) => logged.push(line)), policy: makeHostPolicy({ loopbackBound: true, allowed: [] }),
    resolver: {
      srv: (name) => dns(name, (told.srv?.[name.split('.')[0] ?? ''] ?? []).map(([target, port, priority = 0, weight = 0]) => ({ name: target, port, priority, weight }))),
      mx: (name) => dns(name, (told.mx ?? []).map((exchange, at) => ({ exchange, priority: at * 10 }))),
    },
    lookUp: async (host) => {
      lookedUp.push(host)
      const address = told.hosts?.[host]
      if (address === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' })
      return [address]
    },
    // A port on which nobody listens stays one: 1 is reserved.
    redirect: (place) => ({ ...place, port: ports.get(place.port) ?? 1, certificate: ca.cert }),
  }
  return { deps, clock, asked, lookedUp, logged, lines: () => lines.size }
}

export const here = '127.0.0.1'

/** A settings file with these servers. */
export const settingsFile = (inside: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n<clientConfig version="1.1"><emailProvider id="acme.example"><domain>acme.example</domain>${inside}</emailProvider></clientConfig>`
export const usualFile = settingsFile(`
  <incomingServer type="imap"><hostname>mail.%EMAILDOMAIN%</hostname><port>143</port><socketType>plain</socketType><username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
  <incomingServer type="imap"><hostname>mail.%EMAILDOMAIN%</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILLOCALPART%</username><authentication>OAuth2</authentication><authentication>password-cleartext</authentication></incomingServer>
  <incomingServer type="exchange"><hostname>owa.acme.example</hostname><port>443</port><socketType>SSL</socketType></incomingServer>
  <outgoingServer type="smtp"><hostname>smtp.acme.example</hostname><port>587</port><socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username><authentication>password-encrypted</authentication></outgoingServer>`)
