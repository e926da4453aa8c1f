/** The sandbox: letters to send to oneself, and what flows sent. */
import { z } from 'zod'
import type { ReadMail, SandboxView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { ApiDeps } from '../deps.ts'
import { noFacts, readForPeople } from '../read-mail.ts'
import { json, type AddRoute } from '../route.ts'

const off: SandboxView = { on: false, letters: [], sent: [], inbox: { address: '', waiting: 0 } }

export function addSandboxRoutes(route: AddRoute, deps: ApiDeps): void {
  const { sandbox } = deps
  route('GET /api/sandbox', {
    say: 'Shows the sandbox: its letters, its inbox and what flows sent to it.', answer: 'SandboxView',
    handle: () => json<SandboxView>(sandbox?.view() ?? off),
  })
  route('POST /api/sandbox/send', {
    say: 'Puts a letter into the sandbox inbox.', answer: '', body: z.strictObject({ letter: z.string().min(1).max(200) }),
    handle: async ({ body }) => {
      if (!(await sandbox?.send(body.letter))) throw fault('API_NOT_FOUND', { path: `letter ${body.letter}` })
      return json(null, { status: 204 })
    },
  })
  route('GET /api/sandbox/mail/:id', {
    say: 'Shows a mail that a flow sent to the sandbox.', answer: 'ReadMail', params: z.strictObject({ id: z.string().min(1).max(200) }),
    handle: async ({ params }) => {
      const raw = sandbox?.mail(params.id)
      if (!raw) throw fault('API_NOT_FOUND', { path: `sandbox mail ${params.id}` })
      return json<ReadMail>(await readForPeople(deps, raw, noFacts))
    },
  })
}
