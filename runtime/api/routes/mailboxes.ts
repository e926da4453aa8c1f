/** The watched mailboxes: how each is, and what a person may do with it. */
import { z } from 'zod'
import type { MailboxesView, MailboxView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { MailboxName } from '#shared/events.ts'
import type { Audit } from '../audit.ts'
import type { ApiDeps, MailboxCare } from '../deps.ts'
import { viewMailbox } from '../mailbox-views.ts'
import { json, type AddRoute } from '../route.ts'
import type { Identity } from '../session.ts'
import type { Sights } from '../sight.ts'

const name = z.strictObject({ connection: z.string().min(1).max(64), folder: z.string().min(1).max(250) })

export function addMailboxRoutes(route: AddRoute, { mailboxes, care, store, clock }: Pick<ApiDeps, 'mailboxes' | 'care' | 'store' | 'clock'>, sights: Sights, audit: Audit): void {
  route('GET /api/mailboxes', {
    say: 'Lists the watched mailboxes: how they are, what was wrong, how much mail came.', answer: 'MailboxesView',
    handle: async ({ identity }) => {
      const sight = await sights.of(identity)
      const seen = mailboxes().filter(({ connection }) => sight.shows(connection))
      return json<MailboxesView>({ mailboxes: await Promise.all(seen.map((status) => viewMailbox(store, clock, status))) })
    },
  })
  const add = (act: keyof MailboxCare, say: string, done: string): void => {
    route(`POST /api/mailboxes/${act}`, {
      say, answer: 'MailboxView', body: name,
      handle: async ({ body, identity }) => {
        await (await sights.of(identity)).demand(body.connection)
        await does[act](care, body, identity)
        await audit(identity, done, `${body.connection}/${body.folder}`)
        return json<MailboxView>(await find(body))
      },
    })
  }
  add('look', 'Looks into the mailbox now, beside its rhythm.', 'mailbox.looked')
  add('pause', 'Holds the mailbox back until it is resumed, over restarts too.', 'mailbox.paused')
  add('resume', 'Watches a paused mailbox again.', 'mailbox.resumed')
  add('reconnect', 'Closes the line to the mailbox and makes it anew.', 'mailbox.reconnected')

  async function find({ connection, folder }: MailboxName): Promise<MailboxView> {
    const status = mailboxes().find((one) => one.connection === connection && one.folder === folder)
    if (!status) throw fault('MAILBOX_NOT_FOUND', { connection, folder })
    return viewMailbox(store, clock, status)
  }
}

const does: { readonly [A in keyof MailboxCare]: (care: MailboxCare, mailbox: MailboxName, identity: Identity) => Promise<void> } = {
  look: (care, mailbox) => care.look(mailbox),
  pause: (care, mailbox, { who }) => care.pause(mailbox, who),
  resume: (care, mailbox) => care.resume(mailbox),
  reconnect: (care, mailbox) => care.reconnect(mailbox),
}
