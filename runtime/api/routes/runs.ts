/** Runs and their mails. */
import { z } from 'zod'
import type { ReadMail, Replayed, RunsPage, RunView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { flowIdSchema, type RunId } from '#shared/ids.ts'
import { runStates } from '#shared/run.ts'
import type { Raw } from '#runtime/raw.ts'
import type { RunRecord } from '#runtime/store/store.ts'
import type { Audit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import { given, isoTime, nothing, paging, runParams, runPartParams } from '../inputs.ts'
import { factsOfRun, partReply, rawReply, readForPeople } from '../read-mail.ts'
import { json, type AddRoute } from '../route.ts'
import { findRun, viewRun } from '../run-views.ts'
import type { Identity } from '../session.ts'
import type { Sights } from '../sight.ts'

const words = z.string().max(500).optional()
const runsQuery = z.strictObject({
  flow: flowIdSchema.optional(), state: z.enum(runStates).optional(), from: words, subject: words, messageId: z.string().max(1000).optional(), since: isoTime.optional(), ...paging,
})
const partQuery = z.strictObject({ as: z.enum(['file', 'picture']).default('file') })
const asQuery = z.strictObject({ as: z.enum(['text', 'mail']).default('mail') })

export function addRunRoutes(route: AddRoute, deps: ApiDeps, sights: Sights, audit: Audit): void {
  const { store, engine } = deps

  route('GET /api/runs', {
    say: 'Lists runs, newest first; `next` is the cursor of the following page.', answer: 'RunsPage', query: runsQuery,
    handle: async ({ query, identity }) => {
      const { runs, next } = await store.runs(given(query))
      const seen = await (await sights.of(identity)).runs(runs)
      // Being found by its words would tell them.
      const asksWords = query.from !== undefined || query.subject !== undefined || query.messageId !== undefined
      return json<RunsPage>({ runs: asksWords ? seen.filter((run) => !run.hidden) : seen, next })
    },
  })
  route('GET /api/runs/:id', {
    say: 'Shows one run with its steps, sends and what became of the mail.', answer: 'RunDetail', params: runParams,
    handle: async ({ params, identity }) => json<RunView>(await (await sights.of(identity)).run(await viewRun(store, params.id))),
  })
  route('GET /api/runs/:id/mail', {
    say: 'Shows the run\'s mail taken apart for reading.', answer: 'ReadMail', params: runParams,
    handle: async ({ params, identity }) => {
      const { run, raw } = await mailOfRun(params.id, identity)
      return json<ReadMail>(await readForPeople(deps, raw, factsOfRun(run)))
    },
  })
  route('GET /api/runs/:id/raw', {
    say: 'Downloads the run\'s mail as it was received; `as=text` as a text file.', answer: 'message/rfc822', params: runParams, query: asQuery,
    handle: async ({ params, query, identity }) => rawReply(store.blobs, (await mailOfRun(params.id, identity)).raw, params.id, query.as),
  })
  route('GET /api/runs/:id/attachments/:n', {
    say: 'Downloads an attachment of the run\'s mail, counted from 0; `as=picture` shows a PNG, JPEG, GIF or WebP.', answer: 'application/octet-stream', params: runPartParams, query: partQuery,
    handle: async ({ params, query, identity }) => partReply(deps, (await mailOfRun(params.id, identity)).raw, params.n, query.as),
  })
  route('POST /api/runs/:id/replay', {
    say: 'Runs the same mail again, through the version that runs now.', answer: 'Replayed', params: runParams, body: nothing,
    handle: async ({ params, identity }) => {
      await (await sights.of(identity)).demandRun(await findRun(store, params.id))
      const run = await engine.replay(params.id)
      await audit(identity, 'run.replayed', params.id)
      return json<Replayed>({ run }, { status: 201 })
    },
  })

  async function mailOfRun(id: RunId, identity: Identity): Promise<{ readonly run: RunRecord; readonly raw: Raw }> {
    const run = await findRun(store, id)
    await (await sights.of(identity)).demandRun(run)
    if (run.start === 'event') throw fault('API_NOT_FOUND', { path: `a mail of run ${id}: it was started by what happened to a mailbox` })
    const raw = await store.rawOfMail(run.mail.id)
    if (!raw) throw fault('API_NOT_FOUND', { path: `the mail of run ${id}: its bytes were removed` })
    return { run, raw }
  }
}
