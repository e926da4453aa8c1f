/** The editor's door to the server: addresses, bodies, and failures in words. */
import { afterEach, expect, test, vi } from 'vitest'
import { api, ApiFailure, needsSignIn, sayFailure } from '#editor/api/client.ts'

interface Asked { readonly url: string; readonly init: RequestInit }

function answerWith(status: number, body: unknown, type = 'application/json'): Asked[] {
  const asked: Asked[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push({ url, init })
    return new Response(body === null ? null : typeof body === 'string' ? body : JSON.stringify(body), { status, headers: { 'content-type': type } })
  })
  return asked
}
afterEach(() => { vi.unstubAllGlobals() })

const failure = async (asked: Promise<unknown>): Promise<ApiFailure> => {
  const error = await asked.catch((thrown: unknown) => thrown)
  if (error instanceof ApiFailure) return error
  throw new Error('no ApiFailure was thrown')
}

test('[ED40] names and searches reach the server as they were typed, whatever letters they hold', async () => {
  const asked = answerWith(200, { messages: [], total: 0, waiting: 0 })
  await api('GET /api/connections/:id/messages', { params: { id: 'a/../b' }, query: { folder: 'Entwürfe & mehr' } })
  expect(asked[0]?.url).toBe('/api/connections/a%2F..%2Fb/messages?folder=Entw%C3%BCrfe+%26+mehr')
})

test('[ED40] an empty filter is no filter, and a save names the version it was made from', async () => {
  const asked = answerWith(200, { runs: [], next: null })
  await api('GET /api/runs', { query: { subject: '', flow: 'tickets' } })
  await api('POST /api/flows/:id/deploy', { params: { id: 'tickets' }, ifMatch: '"v3"' })
  expect(asked[0]?.url).toBe('/api/runs?flow=tickets')
  expect(asked[1]?.init).toMatchObject({ method: 'POST', body: '{}', headers: { 'if-match': '"v3"', 'content-type': 'application/json' } })
})

test('[ED41] a refusal is shown in the server\'s own words', async () => {
  answerWith(409, { error: { code: 'CONNECTION_IN_USE', say: 'The connection is used by Tickets.', where: '' } })
  const error = await failure(api('DELETE /api/connections/:id', { params: { id: 'a' } }))
  expect([sayFailure(error), error.code, error.status]).toEqual(['The connection is used by Tickets.', 'CONNECTION_IN_USE', 409])
})

test('[ED41] an answer that is no catalogue error, or none at all, is still said in plain words', async () => {
  answerWith(502, '<html>Bad gateway</html>', 'text/html')
  expect((await failure(api('GET /api/flows'))).say).toBe('The server answered 502 without saying why.')
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')))
  expect((await failure(api('GET /api/flows'))).say).toBe('Mailweave does not answer. Check that it is still running.')
})

test('[ED42] only a missing sign-in leads to the sign-in page', async () => {
  answerWith(401, { error: { code: 'API_SIGN_IN', say: 'Sign in first.', where: '' } })
  expect(needsSignIn(await failure(api('GET /api/me')))).toBe(true)
  answerWith(403, { error: { code: 'API_FORBIDDEN', say: 'Not allowed.', where: '' } })
  expect(needsSignIn(await failure(api('GET /api/me')))).toBe(false)
})

test('[ED40] an answer without content is none, and text comes as text', async () => {
  answerWith(204, null)
  expect(await api('POST /api/flows/:id/stop', { params: { id: 'a' } })).toBeUndefined()
  answerWith(200, 'mailweave_runs 3', 'text/plain')
  expect(await api('GET /metrics')).toBe('mailweave_runs 3')
})
