/** Signing a connection in with OAuth2: begin, how it goes, and the address the provider's page leads back to. */
import type { Request } from 'express'
import { z } from 'zod'
import type { SignInStarted, SignInState } from '#shared/api.ts'
import { problemOf } from '#shared/errors.ts'
import { api } from '#runtime/limits.ts'
import type { Audit } from '../audit.ts'
import { makeBuckets } from '../bucket.ts'
import type { ApiDeps } from '../deps.ts'
import { connectionParams, nothing } from '../inputs.ts'
import { backPath } from '../origin.ts'
import { json, type AddRoute, type Reply } from '../route.ts'
import { nobody } from '../rights.ts'
import type { Sessions } from '../session.ts'
import type { Sights } from '../sight.ts'
import { signInPage } from '../sign-in-page.ts'

export function addSignInRoutes(route: AddRoute, { signIns, registry, clock }: ApiDeps, sessions: Sessions, sights: Sights, audit: Audit): void {
  const tries = makeBuckets(api.checks, clock)

  route('POST /api/connections/:id/sign-in', {
    say: 'Begins to sign the saved connection in: answers the page to open, or the code to type there, or that it is done.', answer: 'SignInStarted', params: connectionParams, body: nothing,
    handle: async ({ params, identity, request }) => {
      tries.demand(identity.who)
      tries.take(identity.who)
      await (await sights.of(identity)).demand(params.id)
      const isHere = async (): Promise<boolean> => {
        const now = await sessions.recall(identity)
        return now !== null && now.rights.includes('secrets') && (await sights.of(now)).shows(params.id)
      }
      const started = await signIns.start(params.id, backAddress(request), { who: identity.who, isHere })
      await audit(identity, started.kind === 'done' ? 'connection.signed-in' : 'connection.sign-in', params.id)
      return json<SignInStarted>(started)
    },
  })
  route('GET /api/connections/:id/sign-in', {
    say: 'Tells how the last sign-in of the connection goes.', answer: 'SignInState', params: connectionParams,
    handle: async ({ params, identity }) => {
      await (await sights.of(identity)).demand(params.id)
      await registry.get(params.id)
      return json<SignInState>(signIns.state(params.id))
    },
  })
  route('GET /api/oauth/callback', {
    say: 'Where the provider\'s sign-in page leads the browser back to; the state in its address is the proof.', answer: 'text/html',
    query: z.looseObject({ state: z.string().optional(), code: z.string().optional(), error: z.string().optional() }),
    handle: async ({ request }): Promise<Reply> => {
      // A look ahead by whoever checks links uses nothing up.
      if (request.method === 'HEAD') return { kind: 'text', type: 'html', text: '' }
      try {
        const { connection, name, who } = await signIns.finish(new URL(request.originalUrl, 'http://localhost').searchParams)
        await audit({ ...nobody, who }, 'connection.signed-in', connection)
        return { kind: 'text', type: 'html', text: signInPage({ ok: true, say: `${name} is signed in.` }) }
      } catch (error) {
        return { kind: 'text', type: 'html', status: 400, text: signInPage({ ok: false, say: problemOf(error).say }) }
      }
    },
  })
}

/**
 * The page's own origin, whose host was checked before; programs name none. Providers know a program on a person's machine
 * by "localhost" (Microsoft takes no number there).
 */
function backAddress(request: Request): string {
  const origin = new URL(request.headers.origin ?? `http://${request.headers.host ?? ''}`)
  if (origin.hostname === '127.0.0.1') origin.hostname = 'localhost'
  return `${origin.origin}${backPath}`
}
