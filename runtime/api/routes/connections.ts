/** Connections: make, change, check, and look into the mailboxes behind them. */
import { z } from 'zod'
import type { ConnectionsView, ConnectionView, FoldersView, MessagesView } from '#shared/api.ts'
import { connectionInputSchema, type ConnectionCheck } from '#shared/connection.ts'
import type { Detected } from '#shared/detected.ts'
import { fault } from '#shared/errors.ts'
import { mailSearchSchema, queryOf } from '#shared/mail-search.ts'
import { isSharedWith } from '#shared/people.ts'
import { api } from '#runtime/limits.ts'
import type { Audit } from '../audit.ts'
import { makeBuckets } from '../bucket.ts'
import type { ApiDeps } from '../deps.ts'
import { connectionParams, nothing } from '../inputs.ts'
import { json, type AddRoute } from '../route.ts'
import type { Identity } from '../session.ts'
import type { Sights } from '../sight.ts'

/** The id stands in the path; in the body it may be left out or must be the same. */
const form = connectionInputSchema.partial({ id: true })
type Form = z.infer<typeof form>
/** An empty body stands for the saved connection. */
const formOrNothing = z.preprocess((body) => (isEmpty(body) ? undefined : body), form.optional())
const isEmpty = (body: unknown): boolean => typeof body === 'object' && body !== null && Object.keys(body).length === 0

export function addConnectionRoutes(route: AddRoute, deps: ApiDeps, sights: Sights, audit: Audit): void {
  const { registry, clock } = deps
  const checks = makeBuckets(api.checks, clock)
  const searches = makeBuckets(api.searches, clock)

  route('GET /api/connections', {
    say: 'Lists the connections, without passwords.', answer: 'ConnectionsView',
    handle: async ({ identity }) => {
      const sight = await sights.of(identity)
      const all = await registry.list()
      return json<ConnectionsView>({ connections: all.filter(({ id }) => sight.shows(id)), hidden: all.filter(({ id }) => !sight.shows(id)).map(({ id }) => id) })
    },
  })
  route('GET /api/connections/:id', {
    say: 'Shows one connection, without its password.', answer: 'ConnectionView', params: connectionParams,
    handle: async ({ params, identity }) => {
      await demandShared(params.id, identity)
      return json<ConnectionView>(await registry.get(params.id))
    },
  })
  route('PUT /api/connections/:id', {
    say: 'Makes or changes a connection; a password left out stays as it is.', answer: 'ConnectionView', params: connectionParams, body: form,
    handle: async ({ params, body, identity }) => {
      await demandShared(params.id, identity)
      demandOwn(body, identity)
      const saved = await registry.put(withId(body, params.id))
      await audit(identity, 'connection.saved', params.id)
      return json<ConnectionView>(saved)
    },
  })
  route('DELETE /api/connections/:id', {
    say: 'Removes a connection that no flow uses.', answer: '', params: connectionParams, body: nothing,
    handle: async ({ params, identity }) => {
      await demandShared(params.id, identity)
      await registry.remove(params.id)
      await audit(identity, 'connection.deleted', params.id)
      return json(null, { status: 204 })
    },
  })
  route('POST /api/connections/:id/test', {
    say: 'Checks the saved connection, or the one in the body before it is saved.', answer: 'ConnectionCheck', params: connectionParams, body: formOrNothing,
    handle: async ({ params, body, identity }) => {
      checks.demand(identity.who)
      checks.take(identity.who)
      await demandShared(params.id, identity)
      const account = body === undefined ? await registry.account(params.id) : await registry.accountOf(withId(body, params.id))
      return json<ConnectionCheck>(await deps.checkConnection(account))
    },
  })
  route('POST /api/connections/detect', {
    say: 'Looks up the mail servers behind an address.', answer: 'Detected', body: z.strictObject({ address: z.string().max(320) }),
    handle: async ({ body, identity }) => {
      checks.demand(identity.who)
      checks.take(identity.who)
      return json<Detected>(await deps.detectSettings(body.address))
    },
  })
  route('GET /api/connections/:id/folders', {
    say: 'Lists the folders of the mailbox.', answer: 'FoldersView', params: connectionParams,
    handle: async ({ params, identity }) => {
      await demandMailbox(params.id, identity)
      return json<FoldersView>({ folders: await deps.folders(params.id) })
    },
  })
  route('GET /api/connections/:id/messages', {
    say: 'Shows the newest mails of a folder, headers only.', answer: 'MessagesView', params: connectionParams,
    query: z.strictObject({ folder: z.string().min(1).max(250).default('INBOX'), limit: z.coerce.number().int().min(1).max(api.peekMailsMost).default(api.peekMails) }),
    handle: async ({ params, query, identity }) => {
      await demandMailbox(params.id, identity)
      return json<MessagesView>(await deps.messages(params.id, query.folder, query.limit))
    },
  })

  route('POST /api/connections/:id/messages', {
    say: 'Counts the mails of a folder that match a search and shows the newest of them, headers only.', answer: 'MessagesView', params: connectionParams,
    body: z.strictObject({ folder: z.string().min(1).max(250).default('INBOX'), search: mailSearchSchema, limit: z.number().int().min(1).max(api.peekMailsMost).default(api.peekMails) }),
    handle: async ({ params, body, identity, request }) => {
      searches.demand(identity.who)
      searches.take(identity.who)
      await demandMailbox(params.id, identity)
      const gone = new AbortController()
      const leave = (): void => { gone.abort() }
      request.socket.once('close', leave)
      try {
        return json<MessagesView>(await deps.messages(params.id, body.folder, body.limit, { query: queryOf(body.search, clock.now()), signal: gone.signal }))
      } finally {
        request.socket.off('close', leave)
      }
    },
  })

  async function demandShared(id: string, identity: Identity): Promise<void> {
    await (await sights.of(identity)).demand(id)
  }
  async function demandMailbox(id: string, identity: Identity): Promise<void> {
    await demandShared(id, identity)
    const { kind } = await registry.get(id)
    if (kind === 'smtp') throw fault('CONNECTION_KIND', { id, reason: 'it sends mail and has no folders' })
  }
}

/** Nobody locks themselves out by a slip; the administrator can't. */
function demandOwn({ sharing }: Form, { who, rights }: Identity): void {
  if (sharing === undefined || rights.includes('admin') || isSharedWith(sharing, who)) return
  throw fault('API_FORBIDDEN', { reason: 'you would shut yourself out; name yourself too, or ask the administrator' }, 'sharing')
}

function withId(body: Form, id: z.infer<typeof connectionParams>['id']): Form & { id: typeof id } {
  if (body.id !== undefined && body.id !== id) throw fault('API_BAD_REQUEST', { reason: `The path says ${id} and the body ${body.id}.` }, 'id')
  return { ...body, id }
}
