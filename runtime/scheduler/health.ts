/** How a watched mailbox is, for people and for flows: kept while it is watched, and each change told once as an event. */
import type { MailboxHealth, MailboxStatus } from '#shared/connection.ts'
import type { ErrorCode } from '#shared/errors.ts'
import type { EventStream, MailboxName } from '#shared/events.ts'
import type { Clock } from '../clock.ts'
import { addMs } from '../engine/retry.ts'

type Told = Pick<MailboxStatus, 'health' | 'say' | 'lastLookAt' | 'lastMailAt' | 'nextLookAt' | 'waiting' | 'lagMs' | 'trouble' | 'alarm'>

export interface Health {
  status(): Told
  tell(health: MailboxHealth, say: string): void
  /** A look has ended well: so many fresh mails, so many left for the next one; the lag of the newest, null when it told none. */
  looked(look: { readonly fresh: number; readonly more: number; readonly lagMs: number | null; readonly ms: number }): void
  /** Counts a try in vain and tells it to whom it may concern. */
  failed(code: ErrorCode, say: string): void
  /** It was deaf, and for how long. */
  alarm(say: string): void
  /** When it is looked at again; Infinity when nobody knows. */
  looksIn(ms: number): void
}

export function makeHealth(mailbox: MailboxName, { events, clock }: { readonly events: EventStream; readonly clock: Clock }): Health {
  let told: Told = { health: 'connected', say: '', lastLookAt: null, lastMailAt: null, nextLookAt: null, waiting: 0, lagMs: null, trouble: null, alarm: null }
  return {
    status: () => told,
    tell: (health, say) => {
      if (told.health === health && told.say === say) return
      told = { ...told, health, say }
      events.emit({ type: 'mailbox.changed', ...mailbox, health, say })
    },
    looked: ({ fresh, more, lagMs, ms }) => {
      const at = clock.now()
      const { trouble } = told
      told = {
        ...told, lastLookAt: at, waiting: more, lagMs: lagMs ?? told.lagMs, lastMailAt: fresh > 0 ? at : told.lastMailAt,
        trouble: trouble?.until === null ? { ...trouble, until: at } : trouble,
      }
      events.emit({ type: 'mailbox.looked', ...mailbox, fresh, ms: Math.round(ms) })
    },
    failed: (code, say) => {
      const before = told.trouble?.until === null ? told.trouble : null
      const trouble = { code, say, since: before?.since ?? clock.now(), repeats: (before?.repeats ?? 0) + 1, until: null }
      told = { ...told, trouble }
      events.emit({ type: 'mailbox.failed', ...mailbox, code, say, since: trouble.since, repeats: trouble.repeats, lastSuccess: told.lastLookAt })
    },
    alarm: (say) => { told = { ...told, alarm: { at: clock.now(), say } } },
    looksIn: (ms) => { told = { ...told, nextLookAt: Number.isFinite(ms) ? addMs(clock.now(), Math.max(0, ms)) : null } },
  }
}
