/** Health, sign-in, the live stream, metrics and the API's own description. */
import { z } from 'zod'
import type { Me } from '#shared/api.ts'
import { api } from '#runtime/limits.ts'
import type { ApiDeps } from '../deps.ts'
import type { Audit } from '../audit.ts'
import { nothing } from '../inputs.ts'
import type { Live } from '../live.ts'
import type { Metrics } from '../metrics.ts'
import { json, type Reply, type RouteTable } from '../route.ts'
import type { Identity, Sessions } from '../session.ts'

export interface GeneralParts { readonly deps: ApiDeps; readonly sessions: Sessions; readonly live: Live; readonly metrics: Metrics; readonly audit: Audit }

export function addGeneralRoutes({ route, facts }: RouteTable, { deps, sessions, live, metrics, audit }: GeneralParts): void {
  const { version } = deps.config
  const me = (identity: Identity): Me => ({ name: identity.who, rights: identity.rights, version, sandbox: deps.sandbox !== null })

  route('GET /api/health', { say: 'Tells that the process answers.', answer: 'Health', handle: () => json({ ok: true, version }) })
  route('GET /api/ready', {
    say: 'Answers 200 once mail is being looked after, else 503.', answer: 'Ready',
    handle: () => (deps.ready() ? json({ ready: true }) : json({ ready: false }, { status: 503 })),
  })
  route('GET /api/openapi.json', {
    say: 'Describes this API in OpenAPI 3.1.', answer: 'OpenAPI',
    handle: async (): Promise<Reply> => {
      // Loaded when asked for: most processes never describe themselves.
      const { describeApi } = await import('../openapi.ts')
      return json(describeApi(facts(), version))
    },
  })
  route('POST /api/session', {
    say: 'Signs a browser in: takes the token, gives a session cookie for 30 days.', answer: 'Me',
    // Whoever asks here is not known yet.
    body: z.strictObject({ token: z.string().max(1000) }), bodyBytes: api.signInBytes,
    handle: async ({ body, request }) => {
      const { cookie, identity } = await sessions.open(body.token, request)
      await audit(identity, 'session.opened', '')
      return json<Me>(me(identity), { headers: { 'Set-Cookie': cookie } })
    },
  })
  route('DELETE /api/session', {
    say: 'Signs the browser out.', answer: '', body: nothing,
    handle: async ({ identity, request }) => {
      const cookie = await sessions.close(identity, request)
      live.endSession(identity.session)
      return json(null, { status: 204, headers: { 'Set-Cookie': cookie } })
    },
  })
  route('GET /api/me', { say: 'Says what this sign-in may do.', answer: 'Me', handle: ({ identity }) => json<Me>(me(identity)) })
  route('GET /api/events', {
    say: 'Streams what happens as server-sent events; Last-Event-ID catches up.', answer: 'text/event-stream',
    handle: async ({ request, identity }): Promise<Reply> => ({ kind: 'stream', start: await live.listen(request, identity) }),
  })
  route('GET /metrics', {
    say: 'Gives figures in Prometheus\' text format.', answer: 'text/plain',
    handle: async () => ({ kind: 'text', type: 'text/plain; version=0.0.4; charset=utf-8', text: await metrics.text() }),
  })
}
