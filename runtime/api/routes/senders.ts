/** The outgoing connections: how each is, what waits for it, and another try now. */
import type { SendersView, SenderView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { type ConnectionId, connectionId } from '#shared/ids.ts'
import type { Audit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import { connectionParams, nothing } from '../inputs.ts'
import { json, type AddRoute } from '../route.ts'
import type { Sights } from '../sight.ts'

const hourMs = 3_600_000
/** What has not gone to all yet and is tried by itself. */
const waiting = ['ready', 'deferred'] as const
const fresh = { state: 'open', say: '', since: null, nextTryAt: null, lastAnswer: null } as const

export function addSenderRoutes(route: AddRoute, { registry, engine, store, clock }: Pick<ApiDeps, 'registry' | 'engine' | 'store' | 'clock'>, sights: Sights, audit: Audit): void {
  const view = async (connection: ConnectionId, lately: Awaited<ReturnType<typeof store.handedLately>>): Promise<SenderView> => {
    const counts = await Promise.all(waiting.map((state) => store.countSends({ connection, state })))
    return {
      connection, ...(engine.statusOf(connection) ?? fresh),
      waiting: counts.flatMap(({ groups }) => groups).reduce((sum, { rows }) => sum + rows, 0),
      sentLastHour: lately.filter((one) => one.connection === connection).reduce((sum, { sent }) => sum + sent, 0),
    }
  }
  const lastHour = () => store.handedLately(new Date(Date.parse(clock.now()) - hourMs).toISOString())

  route('GET /api/senders', {
    say: 'Lists the outgoing connections: how they are, what waits for them, how much they sent in the last hour.', answer: 'SendersView',
    handle: async ({ identity }) => {
      const sight = await sights.of(identity)
      const lately = await lastHour()
      const seen = (await registry.list()).filter(({ id, kind }) => kind === 'smtp' && sight.shows(id))
      return json<SendersView>({ senders: await Promise.all(seen.map(({ id }) => view(connectionId(id), lately))) })
    },
  })
  route('POST /api/senders/:id/try', {
    say: 'Has what waits for the connection tried at once, after a refused login too.', answer: 'SenderView', params: connectionParams, body: nothing,
    handle: async ({ params, identity }) => {
      await (await sights.of(identity)).demand(params.id)
      const connection = await registry.get(params.id)
      if (connection.kind !== 'smtp') throw fault('CONNECTION_KIND', { id: params.id, reason: 'nothing is sent over it' })
      engine.reopen(connectionId(params.id))
      await audit(identity, 'sender.tried', params.id)
      return json<SenderView>(await view(connectionId(params.id), await lastHour()))
    },
  })
}
