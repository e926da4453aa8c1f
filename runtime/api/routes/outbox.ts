/** The outbox over HTTP: found, read, decided about one by one or many at once, and edited. */
import { z } from 'zod'
import type { Decided, OutboxCount, OutboxPage, ReadMail, SendEdit, SendView } from '#shared/api.ts'
import { fault, problemOf } from '#shared/errors.ts'
import { connectionIdSchema, flowIdSchema, type SendId, sendIdSchema } from '#shared/ids.ts'
import { decisions, type DecisionKind } from '#shared/outbox.ts'
import { recipientStates } from '#shared/run.ts'
import { bulk } from '#runtime/limits.ts'
import type { Raw } from '#runtime/raw.ts'
import type { OutboxFilter } from '#runtime/store/outbox-pages.ts'
import type { Audit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import { given, isoTime, paging, sendParams, sendPartParams } from '../inputs.ts'
import { countOutbox, viewOutbox } from '../outbox-views.ts'
import { noFacts, partReply, rawReply, readForPeople } from '../read-mail.ts'
import { json, type AddRoute } from '../route.ts'
import type { Identity } from '../session.ts'
import type { Sight, Sights } from '../sight.ts'

const filterFields = { flow: flowIdSchema.optional(), connection: connectionIdSchema.optional(), state: z.enum(recipientStates).optional(), text: z.string().max(500).optional(), since: isoTime.optional() }
const filterQuery = z.strictObject(filterFields)
const outboxQuery = z.strictObject({ ...filterFields, ...paging })
const asQuery = z.strictObject({ as: z.enum(['text', 'mail']).default('mail') })
const partQuery = z.strictObject({ as: z.enum(['file', 'picture']).default('file') })
const doing = z.enum(decisions)
const place = z.string().regex(/^\d{1,15}$/)
const manyBody = z.union([
  z.strictObject({ do: doing, ids: z.array(sendIdSchema).min(1).max(bulk.most) }),
  z.strictObject({ do: doing, filter: filterQuery, upTo: place, cursor: place.optional() }),
])
const address = z.string().max(320)
const editBody = z.strictObject({
  recipients: z.record(address, address.nullable()).optional(), connection: connectionIdSchema.optional(),
  subject: z.string().max(2000).optional(), text: z.string().max(200_000).optional(), html: z.string().max(500_000).optional(),
})

export function addOutboxRoutes(route: AddRoute, deps: ApiDeps, sights: Sights, audit: Audit): void {
  const { store, engine } = deps

  route('GET /api/outbox', {
    say: 'Lists mails to be sent and sent, newest first, found by flow, connection, state, time and part of subject or recipient; with counts by state.', answer: 'OutboxPage', query: outboxQuery,
    handle: async ({ query, identity }) => json<OutboxPage>(await viewOutbox(store, await sights.of(identity), asked(query))),
  })
  route('GET /api/outbox/count', {
    say: 'Counts the mails that match, and says up to which one: what comes later is not meant by a decision about them.', answer: 'OutboxCount', query: filterQuery,
    handle: async ({ query, identity }) => json<OutboxCount>(await countOutbox(store, await sights.of(identity), asked(query))),
  })
  route('GET /api/outbox/:id/raw', {
    say: 'Downloads the mail as it goes out; `as=text` as a text file.', answer: 'message/rfc822', params: sendParams, query: asQuery,
    handle: async ({ params, query, identity }) => rawReply(store.blobs, await rawOfSend(params.id, identity), params.id, query.as),
  })
  route('GET /api/outbox/:id/mail', {
    say: 'Shows an outgoing mail taken apart for reading.', answer: 'ReadMail', params: sendParams,
    handle: async ({ params, identity }) => json<ReadMail>(await readForPeople(deps, await rawOfSend(params.id, identity), noFacts)),
  })
  route('GET /api/outbox/:id/attachments/:n', {
    say: 'Downloads an attachment of an outgoing mail, counted from 0; `as=picture` shows a PNG, JPEG, GIF or WebP.', answer: 'application/octet-stream', params: sendPartParams, query: partQuery,
    handle: async ({ params, query, identity }) => partReply(deps, await rawOfSend(params.id, identity), params.n, query.as),
  })
  route('POST /api/outbox/decide', {
    say: `Decides about many mails, by name or all that match; at most ${bulk.most} at a time, \`next\` goes on behind them.`, answer: 'Decided', body: manyBody,
    handle: async ({ body, identity }) => {
      const sight = await sights.of(identity)
      return json<Decided>('ids' in body ? { ...await decideMany([...new Set(body.ids)], body.do, identity, sight), next: null } : await decideMatching(body, identity, sight))
    },
  })
  route('POST /api/outbox/:id/decide', {
    say: 'Decides about one mail: try again, send again, take as sent, give up, call off; let a held one go or discard it.', answer: 'SendView', params: sendParams, body: z.strictObject({ do: doing }),
    handle: async ({ params, body, identity }) => {
      await decideOne(params.id, body.do, identity, await sights.of(identity))
      return json<SendView>(await findSend(params.id))
    },
  })
  route('POST /api/outbox/:id/edit', {
    say: 'Changes recipients that are still open, the connection or the words of a mail, and sends that copy.', answer: 'SendView', params: sendParams, body: editBody,
    handle: async ({ params, body, identity }) => {
      const sight = await sights.of(identity)
      await sight.demandSend(await findSend(params.id))
      if (body.connection !== undefined) {
        await sight.demand(body.connection)
        const { kind } = await deps.registry.get(body.connection)
        if (kind !== 'smtp') throw fault('CONNECTION_KIND', { id: body.connection, reason: 'it receives mail and sends none' }, 'connection')
      }
      const copy = await engine.edit(params.id, given(body) satisfies SendEdit, identity.who)
      await audit(identity, 'outbox.edit', `${params.id} as ${copy}`)
      return json<SendView>(await findSend(copy), { status: 201 })
    },
  })

  async function decideOne(id: SendId, decision: DecisionKind, identity: Identity, sight: Sight): Promise<void> {
    await sight.demandSend(await findSend(id))
    await engine.decide(id, decision, identity.who)
    await audit(identity, `outbox.${decision}`, id)
  }

  /** A few at a time share one commit; each stands for itself, and one that can't be is no reason to leave the others. */
  async function decideMany(ids: readonly SendId[], decision: DecisionKind, identity: Identity, sight: Sight): Promise<Pick<Decided, 'done' | 'left'>> {
    let done = 0
    const left = new Map<string, number>()
    for (let from = 0; from < ids.length; from += bulk.together) {
      const ends = await Promise.allSettled(ids.slice(from, from + bulk.together).map((id) => decideOne(id, decision, identity, sight)))
      for (const end of ends) {
        if (end.status === 'fulfilled') done += 1
        else {
          const { say } = problemOf(end.reason)
          left.set(say, (left.get(say) ?? 0) + 1)
        }
      }
    }
    return { done, left: [...left].map(([say, count]) => ({ say, count })) }
  }

  async function decideMatching({ do: decision, filter, upTo, cursor }: Extract<z.infer<typeof manyBody>, { filter: unknown }>, identity: Identity, sight: Sight): Promise<Decided> {
    const page = await store.outbox({ ...asked(filter), upTo, limit: bulk.page, ...(cursor === undefined ? {} : { cursor }) })
    const seen = await sight.sends(page.sends)
    return { ...await decideMany(seen.map(({ id }) => id), decision, identity, sight), next: page.next }
  }

  async function findSend(id: SendId): Promise<SendView> {
    const send = await store.send(id)
    if (!send) throw fault('API_NOT_FOUND', { path: `outbox ${id}` })
    return send
  }
  async function rawOfSend(id: SendId, identity: Identity): Promise<Raw> {
    await (await sights.of(identity)).demandSend(await findSend(id))
    const raw = await store.rawOfSend(id)
    if (!raw) throw fault('API_NOT_FOUND', { path: `outbox ${id}` })
    return raw
  }
}

/** An empty text asks for nothing. */
const asked = <Q extends { readonly text?: string | undefined }>(query: Q): { [K in keyof Q]: Exclude<Q[K], undefined> } & OutboxFilter =>
  given({ ...query, text: query.text?.trim() === '' ? undefined : query.text?.trim() })
