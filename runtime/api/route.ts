/**
 * The one door for routes: each is named as in shared/api.ts, so it has a right; who asks, the body and every
 * parameter are checked here before the route's own code sees anything.
 */
import type { Readable } from 'node:stream'
import express, { type Express, type Request, type Response } from 'express'
import type { z } from 'zod'
import { routes, type Route } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { api } from '../limits.ts'
import { demandRight, nobody, rightOf } from './rights.ts'
import type { Identity, Sessions } from './session.ts'

export interface Call<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly identity: Identity
  readonly request: Request
}

export type Reply<T = unknown> =
  | { readonly kind: 'json'; readonly value: T; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'text'; readonly type: string; readonly text: string; readonly status?: number }
  | { readonly kind: 'download'; readonly type: string; readonly name: string; readonly bytes: Readable; /** A picture of a kind that can do nothing: the browser may show it. */ readonly inline?: true }
  /** The route keeps the response for itself (the live stream). */
  | { readonly kind: 'stream'; readonly start: (response: Response) => void }

export interface RouteSpec<P, Q, B> {
  /** One sentence for docs/api.md and OpenAPI. */
  readonly say: string
  /** Name of the answer's type in shared/api.ts, or of its media type. */
  readonly answer: string
  readonly params?: z.ZodType<P>
  readonly query?: z.ZodType<Q>
  readonly body?: z.ZodType<B>
  readonly bodyBytes?: number
  readonly handle: (call: Call<P, Q, B>) => Reply | Promise<Reply>
}
/** What is known of a route from outside. */
export type RouteFacts = Omit<RouteSpec<unknown, unknown, unknown>, 'handle'>

export type AddRoute = <P = null, Q = null, B = null>(key: Route, spec: RouteSpec<P, Q, B>) => void

export interface RouteTable {
  readonly route: AddRoute
  readonly facts: () => ReadonlyMap<Route, RouteFacts>
  /** Throws when a route of the table was left out. */
  assertComplete(): void
}

export const json = <T>(value: T, extra: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {}): Reply<T> => ({ kind: 'json', value, ...extra })

export function makeRouteTable(app: Express, sessions: Sessions): RouteTable {
  const known = new Map<Route, RouteFacts>()
  const route: AddRoute = (key, spec) => {
    if (known.has(key)) throw new Error(`route ${key} is there twice`)
    const { handle, ...facts } = spec
    known.set(key, facts)
    const [method, path] = splitRoute(key)
    const readBody = express.json({ limit: spec.bodyBytes ?? api.bodyBytes, strict: true, type: 'application/json' })
    app[method](path, async (request, response) => {
      const right = rightOf(key)
      const identity = right === 'open' ? nobody : demandRight(await sessions.identify(request), right)
      if (method !== 'get') await takeBody(request, response, readBody)
      // Schemas that a route leaves out stand for "nothing": the generic defaults make these null.
      const call = {
        params: check(spec.params, request.params),
        query: check(spec.query, request.query),
        body: check(spec.body, request.body),
        identity, request,
      }
      await answer(await handle(call), request, response)
    })
  }
  return {
    route,
    facts: () => known,
    assertComplete: () => {
      // Object.keys of the const table gives exactly its keys.
      const missing = (Object.keys(routes) as Route[]).filter((key) => !known.has(key))
      if (missing.length > 0) throw new Error(`routes without code: ${missing.join(', ')}`)
    },
  }
}

const methods = { GET: 'get', PUT: 'put', POST: 'post', DELETE: 'delete' } as const
export function splitRoute(key: Route): [(typeof methods)[keyof typeof methods], string] {
  const [method = '', path = ''] = key.split(' ')
  // Every key of the table begins with one of the four.
  return [methods[method as keyof typeof methods], path]
}

/** A body is JSON or there is none: a form of another page could send every other type without asking first. */
async function takeBody(request: Request, response: Response, readBody: ReturnType<typeof express.json>): Promise<void> {
  const has = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  if (!has) return
  if (!request.is('application/json')) throw Object.assign(new Error('not JSON'), { status: 415 })
  await new Promise<void>((resolve, reject) => {
    readBody(request, response, (error?: unknown) => {
      if (error === undefined) resolve()
      else reject(error instanceof Error ? error : new Error('body'))
    })
  })
  if (isDeeperThan(request.body, api.depth)) throw fault('API_BAD_REQUEST', { reason: 'This is nested too deeply.' })
}

/** Level by level and not by recursion: a body of brackets alone must not end the stack. */
function isDeeperThan(value: unknown, depth: number): boolean {
  let level: unknown[] = [value]
  for (let seen = 0; level.length > 0; seen += 1) {
    if (seen > depth) return true
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
  return false
}

function check<T>(schema: z.ZodType<T> | undefined, value: unknown): T {
  // Without a schema T is the default null (see AddRoute).
  if (!schema) return null as T
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path.map(String).join('.') ?? ''
  throw fault('API_BAD_REQUEST', { reason: path === '' ? (issue?.message ?? 'This is not valid.') : `${path}: ${issue?.message ?? 'not valid'}` }, path)
}

async function answer(reply: Reply, request: Request, response: Response): Promise<void> {
  switch (reply.kind) {
    case 'json':
      response.status(reply.status ?? 200).set(reply.headers ?? {}).json(reply.value)
      return
    case 'text':
      response.status(reply.status ?? 200).type(reply.type).send(reply.text)
      return
    case 'download':
      await sendDownload(reply, request, response)
      return
    case 'stream':
      reply.start(response)
  }
}

/** Plain letters for old readers of the header, and the name itself where that is more (RFC 6266 section 4.3, RFC 8187). */
function fileName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_')
  const whole = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
  return plain === name ? `filename="${plain}"` : `filename="${plain}"; filename*=UTF-8''${whole}`
}

/** Bytes of strangers: a download, or a picture that no page of ours runs in; never a page of their own (RFC 6266; nosniff is set for all answers). */
async function sendDownload(reply: Extract<Reply, { kind: 'download' }>, request: Request, response: Response): Promise<void> {
  response.status(200).set({
    'Content-Type': reply.type, 'Content-Security-Policy': "sandbox; default-src 'none'",
    'Content-Disposition': `${reply.inline === true ? 'inline' : 'attachment'}; ${fileName(reply.name)}`,
  })
  if (request.method === 'HEAD') {
    reply.bytes.destroy()
    response.end()
    return
  }
  const { pipeline } = await import('node:stream/promises')
  await pipeline(reply.bytes, response).catch(() => { response.destroy() })
}
