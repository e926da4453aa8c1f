/** What a person says when the blast shield has spoken: a paused flow goes on, and all of a flow's held mails go out or don't. */
import { z } from 'zod'
import type { HeldDecided } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { readFlow } from '#shared/flow-check.ts'
import type { FlowId, SendId } from '#shared/ids.ts'
import type { FlowVersion } from '#runtime/store/store.ts'
import type { Audit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import { flowParams } from '../inputs.ts'
import { json, type AddRoute } from '../route.ts'
import type { Identity } from '../session.ts'
import type { Sights } from '../sight.ts'

const decision = z.enum(['approve', 'discard'])

export function addShieldRoutes(route: AddRoute, { store, engine }: Pick<ApiDeps, 'store' | 'engine'>, sights: Sights, audit: Audit): void {
  route('POST /api/flows/:id/held', {
    say: 'Lets all held mails of the flow go, or discards them; `stopAsking` ends the first look at mails of its newest version.', answer: 'HeldDecided', params: flowParams,
    body: z.strictObject({ do: decision, stopAsking: z.boolean().optional() }),
    handle: async ({ params: { id }, body, identity }) => {
      const { newest, held } = await heldOf(id, identity)
      if (body.stopAsking) await engine.trust(id, newest.version)
      const mails = await decideAll(held, body.do, identity.who)
      await audit(identity, `flow.held-${body.do}`, id)
      return json<HeldDecided>({ mails })
    },
  })
  route('POST /api/flows/:id/resume', {
    say: 'A flow that stopped itself runs again; `held` says what becomes of the mails it held back, which else go on waiting.', answer: 'HeldDecided', params: flowParams,
    body: z.strictObject({ held: decision.optional() }),
    handle: async ({ params: { id }, body, identity }) => {
      const { held } = await heldOf(id, identity)
      await engine.resume(id)
      const mails = body.held ? await decideAll(held, body.held, identity.who) : 0
      await audit(identity, 'flow.resumed', id)
      return json<HeldDecided>({ mails })
    },
  })

  /** Whoever may not see one of the mails, or use the flow's connections, decides about none. */
  async function heldOf(id: FlowId, identity: Identity): Promise<{ readonly newest: FlowVersion; readonly held: readonly SendId[] }> {
    const newest = (await store.flowVersions(id)).reduce<FlowVersion | null>((best, one) => (best && best.version > one.version ? best : one), null)
    if (!newest) throw fault('FLOW_NOT_FOUND', { id })
    const sight = await sights.of(identity)
    const { flow } = readFlow(newest.json)
    if (flow) await sight.demandFlow(flow)
    const held = (await store.heldSends(id)).map(({ send }) => send)
    for (const one of sight.all ? [] : held) {
      const send = await store.send(one)
      if (send) await sight.demandSend(send)
    }
    return { newest, held }
  }

  /** One after the other, so that thousands of them leave others their turn; what somebody else decided meanwhile is passed over. */
  async function decideAll(held: readonly SendId[], choice: 'approve' | 'discard', by: string): Promise<number> {
    let mails = 0
    for (const send of held) {
      if ((await store.send(send))?.state !== 'held') continue
      await engine.decide(send, choice, by)
      mails += 1
    }
    return mails
  }
}
