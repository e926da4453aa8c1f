/** Flows: drafts are read and saved, checked, deployed, stopped, and tried without sending anything. */
import { z } from 'zod'
import type { Deployed, FlowCheck, FlowsView, FlowVersionsView, FlowVersionView, FlowView, Sample, StartCount, TryResponse } from '#shared/api.ts'
import type { DeliveryCheck } from '#shared/deliverability.ts'
import { fault } from '#shared/errors.ts'
import { flowSchema, type Flow } from '#shared/flow.ts'
import { checkFlowFully } from '#shared/flow-check.ts'
import { startsWithEvent } from '#shared/flow-starts.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import { connectionIdSchema, flowIdSchema, nodeIdSchema, runIdSchema, type FlowId } from '#shared/ids.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import { api } from '#runtime/limits.ts'
import type { Audit } from '../audit.ts'
import type { ApiDeps, SampleMail } from '../deps.ts'
import { draftOrVersion, listFlows, runningFlows, versionViews, viewFlow } from '../flow-views.ts'
import { dayQuery, dayStartOf, etagHeader, expectedEtag, flowParams, nothing } from '../inputs.ts'
import { factsOfRun, noFacts } from '../read-mail.ts'
import { demandRight } from '../rights.ts'
import { json, type AddRoute } from '../route.ts'
import { findRun } from '../run-views.ts'
import type { Sight, Sights } from '../sight.ts'

const tryBody = z.strictObject({
  flow: flowSchema.optional(),
  run: runIdSchema.optional(),
  /** The mail as text; bytes that are no UTF-8 need `emlBase64`. */
  eml: z.string().min(1).max(api.tryBytes).optional(),
  emlBase64: z.base64().min(1).max(api.tryBytes).optional(),
  letter: z.string().max(200).optional(),
  start: nodeIdSchema.optional(),
}).refine((body) => [body.run, body.eml, body.emlBase64, body.letter].filter((mail) => mail !== undefined).length <= 1, 'Name one mail: run, eml, emlBase64 or letter').optional()

const startBody = z.strictObject({ node: nodeIdSchema, connection: connectionIdSchema, folder: z.string().min(1).max(250), config: z.looseObject({}) })

export function addFlowRoutes(route: AddRoute, deps: ApiDeps, sights: Sights, audit: Audit): void {
  const { drafts, store, registry, engine, clock } = deps

  route('GET /api/flows', {
    say: 'Lists the flows with how they did today.', answer: 'FlowsView', query: dayQuery,
    handle: async ({ query, identity }) => json<FlowsView>({ flows: await listFlows(deps, await sights.of(identity), dayStartOf(query.dayStart, clock)) }),
  })
  route('GET /api/flows/:id', {
    say: 'Shows a flow\'s draft; the ETag is what a change sends as If-Match.', answer: 'FlowView', params: flowParams, query: dayQuery,
    handle: async ({ params, query, identity }) => flowReply(await viewFlow(deps, await sights.of(identity), params.id, dayStartOf(query.dayStart, clock))),
  })
  route('PUT /api/flows/:id', {
    say: 'Saves a draft; with If-Match only over the one that was seen, with If-None-Match: * only a new one.', answer: 'FlowView', params: flowParams, query: dayQuery, body: flowSchema,
    handle: async ({ params, query, body, request, identity }) => {
      demandSameId(body, params.id)
      await drafts.write(body, expectedEtag(request))
      await audit(identity, 'flow.saved', params.id)
      return flowReply(await viewFlow(deps, await sights.of(identity), params.id, dayStartOf(query.dayStart, clock)))
    },
  })
  route('DELETE /api/flows/:id', {
    say: 'Stops the flow and removes its draft; versions and runs stay in the history.', answer: '', params: flowParams, body: nothing,
    handle: async ({ params, request, identity }) => {
      const running = (await store.flowVersions(params.id)).some((version) => version.running)
      if (running) demandRight(identity, 'deploy')
      const expected = expectedEtag(request)
      const draft = await drafts.read(params.id)
      if (!draft && !running) throw fault('FLOW_NOT_FOUND', { id: params.id })
      if (draft) await drafts.remove(params.id, expected)
      if (running) await engine.stop(params.id)
      await audit(identity, 'flow.deleted', params.id)
      return json(null, { status: 204 })
    },
  })
  route('POST /api/flows/:id/check', {
    say: 'Lists what is wrong with the flow in the body, else with the saved draft.', answer: 'FlowCheck', params: flowParams, body: z.looseObject({}).optional(),
    handle: async ({ params, body, identity }) => {
      const sight = await sights.of(identity)
      const context = { connections: sight.mark(await registry.list()), running: await runningFlows(deps, sight) }
      if (body !== undefined && Object.keys(body).length > 0) return json<FlowCheck>({ problems: (await checkFlowFully(body, context)).problems })
      const draft = await draftOrVersion(deps, params.id)
      const { problems } = draft.flow ? await checkFlowFully(draft.flow, context) : { problems: [] }
      return json<FlowCheck>({ problems: [...draft.problems, ...problems] })
    },
  })
  route('POST /api/flows/:id/delivery', {
    say: 'Looks up whether receivers will trust mail from the addresses typed into the flow in the body, else into the draft (SPF, DKIM, DMARC, MX).', answer: 'DeliveryCheck', params: flowParams, body: flowSchema.optional(),
    handle: async ({ params, body, identity }) => {
      const flow = body ?? (await draftOrVersion(deps, params.id)).flow
      if (!flow) throw fault('FLOW_HAS_PROBLEMS', { problems: 'the file can\'t be read as a flow' })
      await (await sights.of(identity)).demandFlow(flow)
      return json<DeliveryCheck>(await deps.checkDelivery(flow))
    },
  })
  route('POST /api/flows/:id/deploy', {
    say: 'Freezes the draft as the next version and runs it; with If-Match only the draft that was seen.', answer: 'Deployed', params: flowParams, body: nothing,
    handle: async ({ params, request, identity }) => {
      const deployed = await engine.deploy(params.id, await deployable(params.id, expectedEtag(request), await sights.of(identity)))
      await audit(identity, 'flow.deployed', `${params.id} v${deployed.version}`)
      return json<Deployed>(deployed)
    },
  })
  route('POST /api/flows/:id/stop', {
    say: 'Takes no new mail; runs in flight end.', answer: '', params: flowParams, body: nothing,
    handle: async ({ params, identity }) => {
      await engine.stop(params.id)
      await audit(identity, 'flow.stopped', params.id)
      return json(null, { status: 204 })
    },
  })
  route('POST /api/flows/:id/try', {
    say: 'Runs the draft with one mail and shows what would be sent; nothing is sent or kept.', answer: 'TryResult', params: flowParams, body: tryBody, bodyBytes: api.tryBytes,
    handle: async ({ params, body, identity }) => {
      const sight = await sights.of(identity)
      const flow = body?.flow ?? (await draftOrVersion(deps, params.id)).flow
      if (!flow) throw fault('FLOW_HAS_PROBLEMS', { problems: 'the file can\'t be read as a flow' })
      await sight.demandFlow(flow)
      const { raw, facts } = startsWithEvent(flow, body?.start) ? noMail : await mailToTry(params.id, body ?? {}, sight)
      return json<TryResponse>(await engine.tryFlow(flow, raw, facts, body?.start))
    },
  })
  route('POST /api/flows/:id/start-count', {
    say: 'Counts what each start of a receive step would mean in one of its mailboxes right now; nothing is changed.', answer: 'StartCount', params: flowParams, body: startBody,
    handle: async ({ params, body: { node, connection, folder, config }, identity }) => {
      await (await sights.of(identity)).demand(connection)
      const read = receiveEmail.config.safeParse({ ...config, connection, folder })
      if (!read.success) throw fault('API_BAD_REQUEST', { reason: 'These are not the settings of a step that receives mail.' }, 'config')
      return json<StartCount>(await deps.countStart({ flow: params.id, node, config: read.data }))
    },
  })
  route('GET /api/flows/:id/versions', {
    say: 'Lists the deployed versions, newest first.', answer: 'FlowVersionsView', params: flowParams,
    handle: async ({ params }) => json<FlowVersionsView>({ versions: versionViews(await store.flowVersions(params.id)) }),
  })
  route('GET /api/flows/:id/versions/:version', {
    say: 'Shows one deployed version.', answer: 'FlowVersionView',
    params: z.strictObject({ id: flowIdSchema, version: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
    handle: async ({ params }) => {
      const version = await store.flowVersion(params.id, params.version)
      const [view] = version ? versionViews([version]) : []
      if (!view) throw fault('FLOW_NOT_FOUND', { id: `${params.id} v${params.version}` })
      return json<FlowVersionView>(view)
    },
  })
  route('GET /api/flows/:id/sample', {
    say: 'Finds a mail to map with: the flow\'s last one, one that waits, or a sandbox letter.', answer: 'Sample', params: flowParams,
    handle: async ({ params, identity }) => {
      const found = await sampleFor(params.id, await sights.of(identity))
      return json<Sample>(found ? { mail: await deps.computer.readMail(found.raw, found.facts), source: found.source } : { mail: null, source: 'no mail yet' })
    },
  })

  /** Of mailboxes that are not shared no mail is fetched, nor one of theirs shown. */
  async function sampleFor(id: FlowId, sight: Sight): Promise<SampleMail | null> {
    const nodes = (await drafts.read(id))?.flow?.nodes ?? []
    if (!namedConnections({ nodes }).every((named) => sight.shows(named.id))) return null
    const found = await deps.sample(id)
    return found && sight.shows(found.facts.connection) ? found : null
  }
  /** The etag to deploy by: what was looked at here must be what is deployed. */
  async function deployable(id: FlowId, expected: string | null, sight: Sight): Promise<string | undefined> {
    const draft = sight.all ? null : await drafts.read(id)
    if (draft?.flow) await sight.demandFlow(draft.flow)
    return expected ?? draft?.etag
  }
  async function mailToTry(id: FlowId, body: NonNullable<z.infer<typeof tryBody>>, sight: Sight): Promise<Omit<SampleMail, 'source'>> {
    const bytes = body.eml === undefined ? body.emlBase64 === undefined ? null : Buffer.from(body.emlBase64, 'base64') : Buffer.from(body.eml, 'utf8')
    if (bytes) return { raw: { kind: 'bytes', bytes }, facts: noFacts }
    if (body.run !== undefined) {
      const run = await findRun(store, body.run)
      await sight.demandRun(run)
      const raw = await store.rawOfMail(run.mail.id)
      if (!raw) throw fault('MAIL_GONE', { folder: run.mail.folder })
      return { raw, facts: factsOfRun(run) }
    }
    if (body.letter !== undefined) {
      const raw = deps.sandbox?.letter(body.letter)
      if (!raw) throw fault('API_NOT_FOUND', { path: `letter ${body.letter}` })
      return { raw, facts: noFacts }
    }
    const found = await sampleFor(id, sight)
    if (!found) throw fault('API_BAD_REQUEST', { reason: 'There is no mail to try with yet. Choose a mail file.' })
    return found
  }
}

/** For a start that hears of mailboxes. */
const noMail = { raw: { kind: 'bytes', bytes: new Uint8Array() }, facts: noFacts } as const

const flowReply = (flow: FlowView) => json<FlowView>(flow, { headers: etagHeader(flow.etag) })

function demandSameId(flow: Flow, id: FlowId): void {
  if (flow.id !== id) throw fault('API_BAD_REQUEST', { reason: `The path says ${id} and the flow ${flow.id}.` }, 'id')
}
