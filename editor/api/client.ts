/** The one door to the server: a route of shared/api.ts in, its typed answer out, and every failure in plain words. */
import type { ApiError, Route } from '#shared/api.ts'
import type { Problem } from '#shared/errors.ts'
import type { Answer, ApiArguments } from './routes-types.ts'

/** What the server (or the way to it) refused. `say` is made for people and shown as it is. */
export class ApiFailure extends Error {
  readonly code: string
  readonly say: string
  readonly where: string
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number
  constructor(status: number, problem: Omit<Problem, 'code'> & { readonly code: string }) {
    super(problem.say)
    this.name = 'ApiFailure'
    this.status = status
    this.code = problem.code
    this.say = problem.say
    this.where = problem.where
  }
}

export const sayFailure = (error: unknown): string => (error instanceof Error ? error.message : String(error))
export const needsSignIn = (error: unknown): boolean => error instanceof ApiFailure && error.status === 401

export async function api<R extends Route>(route: R, ...[options]: ApiArguments<R>): Promise<Answer<R>> {
  const [method = 'GET', template = ''] = route.split(' ')
  const { params, query, body, ifMatch, signal } = (options ?? {}) as LooseOptions
  const headers: Record<string, string> = { accept: 'application/json' }
  const withBody = method === 'POST' || method === 'PUT'
  if (withBody) headers['content-type'] = 'application/json'
  if (ifMatch !== undefined) headers['if-match'] = ifMatch
  const response = await reach(fillPath(template, params ?? {}) + askFor(query ?? {}), {
    method, headers, credentials: 'same-origin', ...(withBody ? { body: JSON.stringify(body ?? {}) } : {}), ...(signal ? { signal } : {}),
  })
  if (!response.ok) throw await failureOf(response)
  if (response.status === 204) return undefined // the route's answer is void
  // The server's answers are held to shared/api.ts by its own tests.
  return isJson(response) ? await response.json() : await response.text()
}

/** The options with the route's own types taken off; api()'s signature has checked them. */
interface LooseOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  readonly ifMatch?: string
  readonly signal?: AbortSignal
}

const fillPath = (template: string, params: Readonly<Record<string, string>>): string =>
  template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))

function askFor(query: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(name, String(value))
  return search.size === 0 ? '' : `?${search}`
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiFailure(0, { code: 'NOT_REACHABLE_HERE', say: 'Mailweave does not answer. Check that it is still running.', where: '' })
  }
}

const isJson = (response: Response): boolean => (response.headers.get('content-type') ?? '').includes('json')

async function failureOf(response: Response): Promise<ApiFailure> {
  const answer: unknown = isJson(response) ? await response.json().catch(() => null) : null
  const problem = (answer as Partial<ApiError> | null)?.error // read defensively: a proxy's error page is no ApiError
  if (problem && typeof problem.say === 'string') return new ApiFailure(response.status, { ...problem, where: problem.where ?? '' })
  return new ApiFailure(response.status, { code: 'INTERNAL', say: `The server answered ${response.status} without saying why.`, where: '' })
}
