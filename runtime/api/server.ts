/** The HTTP server: guards first, then the routes of shared/api.ts, then the editor's files; every failure in the catalogue's words. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { fault } from '#shared/errors.ts'
import { api } from '../limits.ts'
import { makeAudit } from './audit.ts'
import type { ApiDeps } from './deps.ts'
import { refusalOf } from './errors.ts'
import { neverStore, securityHeaders } from './headers.ts'
import { makeLive } from './live.ts'
import { makeMetrics } from './metrics.ts'
import { checkHost, checkOrigin, ownHosts } from './origin.ts'
import { makeRouteTable } from './route.ts'
import { addConnectionRoutes } from './routes/connections.ts'
import { addFlowRoutes } from './routes/flows.ts'
import { addGeneralRoutes } from './routes/general.ts'
import { addKeyRoutes } from './routes/keys.ts'
import { addMailboxRoutes } from './routes/mailboxes.ts'
import { addSenderRoutes } from './routes/senders.ts'
import { addPeopleRoutes } from './routes/people.ts'
import { addOutboxRoutes } from './routes/outbox.ts'
import { addRunRoutes } from './routes/runs.ts'
import { addShieldRoutes } from './routes/shield.ts'
import { addSandboxRoutes } from './routes/sandbox.ts'
import { addSignInRoutes } from './routes/sign-in.ts'
import { makeSessions } from './session.ts'
import { makeSights, type Sights } from './sight.ts'
import { serveEditor } from './static.ts'

export interface Api {
  /** As a browser on this machine reaches it, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Ends the live streams and every open connection. */
  readonly stop: () => Promise<void>
}

/** Resolves when the port is open; PORT_IN_USE. */
export async function startApi(deps: ApiDeps): Promise<Api> {
  const { config, log } = deps
  const sights = makeSights(deps.store)
  const live = makeLive(deps, sights)
  const metrics = makeMetrics(deps)
  // Known only once the port is open; until then nobody can ask.
  let hosts: ReadonlySet<string> = new Set()
  const app = makeApp(deps, { live, metrics, sights, hosts: () => hosts })
  const server = createServer(app)
  server.maxConnections = api.sockets
  try {
    const port = await listen(server, config.host, config.port)
    hosts = ownHosts(config.host, port, config.names ?? [])
    const url = `http://${nameFor(config.host)}:${port}`
    log.info('api.listening', { url })
    return { url, port, stop: () => stopAll() }
  } catch (error) {
    await stopAll()
    throw error
  }

  async function stopAll(): Promise<void> {
    live.stop()
    metrics.stop()
    if (!server.listening) return
    await new Promise<void>((resolve) => {
      server.close(() => { resolve() })
      server.closeAllConnections()
    })
  }
}

interface AppParts { readonly live: ReturnType<typeof makeLive>; readonly metrics: ReturnType<typeof makeMetrics>; readonly sights: Sights; readonly hosts: () => ReadonlySet<string> }

function makeApp(deps: ApiDeps, { live, metrics, sights, hosts }: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  // Flat: a query never becomes an object that a schema did not ask for.
  app.set('query parser', 'simple')
  app.use(checkHost(hosts), securityHeaders)
  app.use(['/api', '/metrics'], checkOrigin, neverStore)

  const sessions = makeSessions(deps)
  const audit = makeAudit(deps)
  const table = makeRouteTable(app, sessions)
  addGeneralRoutes(table, { deps, sessions, live, metrics, audit })
  addConnectionRoutes(table.route, deps, sights, audit)
  addSignInRoutes(table.route, deps, sessions, sights, audit)
  addFlowRoutes(table.route, deps, sights, audit)
  addMailboxRoutes(table.route, deps, sights, audit)
  addSenderRoutes(table.route, deps, sights, audit)
  addRunRoutes(table.route, deps, sights, audit)
  addShieldRoutes(table.route, deps, sights, audit)
  addOutboxRoutes(table.route, deps, sights, audit)
  addSandboxRoutes(table.route, deps)
  addKeyRoutes(table.route, deps, audit)
  addPeopleRoutes(table.route, deps, live, audit)
  table.assertComplete()

  app.use('/api', nothingThere)
  app.use(serveEditor(deps.config.editorFolder))
  app.use(nothingThere)
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, _: Request, response: Response, __: NextFunction) => {
    const { status, headers, body } = refusalOf(error, deps.log)
    if (response.headersSent) response.destroy()
    else response.status(status).set(headers).json(body)
  })
  return app
}

function nothingThere(request: Request): never {
  throw fault('API_NOT_FOUND', { path: request.originalUrl.split('?')[0] ?? '' })
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => { reject(error.code === 'EADDRINUSE' ? fault('PORT_IN_USE', { port }, '', error) : error) })
    server.listen(port, host, resolve)
  })
  // A TCP server that listens has an address of this kind.
  return (server.address() as AddressInfo).port
}

/** A server bound to all addresses is reached on this machine by loopback. */
function nameFor(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
