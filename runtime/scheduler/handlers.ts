/**
 * Tells flows what happens to mailboxes: one can't be read, can be read again, is let go. Each telling is a durable run;
 * the hour in its name is what keeps a mailbox that comes and goes, or a restart, from telling it twice.
 */
import { hash } from 'node:crypto'
import type { EventStream, MailboxName, MailweaveEvent } from '#shared/events.ts'
import { connectionId, type FlowId, type NodeId } from '#shared/ids.ts'
import { eventValidity, type MailboxEvent, type MailboxEventName, summaryOf } from '#shared/mailbox-event.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import type { MailboxEventConfig } from '#shared/nodes/mailbox-event.ts'
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import { handlerEventsAnHour } from '../limits.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/store.ts'

export interface HandlersDeps {
  readonly store: Pick<Store, 'ingest'>
  readonly engine: Pick<Engine, 'wake'>
  readonly events: EventStream
  readonly clock: Clock
  readonly log: Log
}

/** A trigger of a running flow that hears of mailboxes. */
export interface Handler {
  readonly flow: FlowId
  readonly version: number
  readonly node: NodeId
  readonly config: MailboxEventConfig
  /** The mailboxes that the flow itself receives from. */
  readonly own: readonly MailboxName[]
}

export interface Handlers {
  set(handlers: readonly Handler[]): void
  /** Resolves when everything that was told lies in the ledger. */
  stop(): Promise<void>
}

type Facts = Omit<MailboxEvent, 'event' | 'summary' | 'at' | keyof MailboxName>

export function makeHandlers({ store, engine, events, clock, log }: HandlersDeps): Handlers {
  let handlers: readonly Handler[] = []
  /** Mailboxes in trouble, with the trouble; and which handlers know of it. */
  const troubled = new Map<string, Facts>()
  const knows = new Set<string>()
  const told = { hour: '', names: new Set<string>(), counts: new Map<Handler['node'] | string, number>() }
  const writing = new Set<Promise<void>>()

  function hear(event: MailweaveEvent): void {
    if (event.type === 'mailbox.failed') failed(event, event)
    else if (event.type === 'mailbox.looked') recovered(event)
    else if (event.type === 'mailbox.closed') {
      const { code, say } = event
      for (const handler of listening(event, 'stopped')) tell(handler, event, 'stopped', 'stopped', { code, say, since: clock.now(), repeats: 0, lastSuccess: event.lastSuccess })
    }
  }

  function failed(mailbox: MailboxName, { code, say, since, repeats, lastSuccess }: Facts): void {
    const facts = { code, say, since, repeats, lastSuccess }
    troubled.set(keyOf(mailbox), facts)
    for (const handler of listening(mailbox)) {
      const name = nameOf(handler, mailbox)
      const again = handler.config.again
      if (!handler.config.events.includes('error')) knows.add(name)
      else if (!knows.has(name)) tell(handler, mailbox, 'error', 'error', facts)
      else if (again > 0 && repeats > 1 && repeats % again === 0) tell(handler, mailbox, 'error', 'again', facts)
    }
  }

  /** What could not be told in its hour is told in the next one, if it still holds. */
  function recovered(mailbox: MailboxName): void {
    const facts = troubled.get(keyOf(mailbox))
    if (!facts) return
    const unaware = listening(mailbox).filter((handler) => knows.has(nameOf(handler, mailbox)) && !recovers(handler, mailbox, facts))
    if (unaware.length === 0) troubled.delete(keyOf(mailbox))
  }

  const recovers = (handler: Handler, mailbox: MailboxName, facts: Facts): boolean => {
    if (handler.config.events.includes('recovered')) return tell(handler, mailbox, 'recovered', 'recovered', facts)
    knows.delete(nameOf(handler, mailbox))
    return true
  }

  const listening = (mailbox: MailboxName, event?: MailboxEventName): readonly Handler[] =>
    handlers.filter(({ config, own }) => (event === undefined || config.events.includes(event)) && hearsOf(config, own, mailbox))

  /** false when it has to wait for the next hour. */
  function tell(handler: Handler, mailbox: MailboxName, event: MailboxEventName, what: string, facts: Facts): boolean {
    const at = clock.now()
    const hour = at.slice(0, 'yyyy-mm-ddThh'.length)
    if (hour !== told.hour) Object.assign(told, { hour, names: new Set<string>(), counts: new Map<string, number>() })
    const name = `${nameOf(handler, mailbox)}\n${what}`
    const whose = `${handler.flow}\n${handler.node}`
    const count = told.counts.get(whose) ?? 0
    if (told.names.has(name) || count >= handlerEventsAnHour) return false
    told.names.add(name)
    told.counts.set(whose, count + 1)
    if (event === 'error') knows.add(nameOf(handler, mailbox))
    else knows.delete(nameOf(handler, mailbox))
    const { connection, folder } = mailbox
    const done: Promise<void> = write(handler, { event, connection, folder, summary: summaryOf({ event, connection, folder }), ...facts, at }, `${handler.flow}.${handler.node}.${what}.${hour}`)
      .catch((error: unknown) => {
        // On a full disk, say: the next try in vain tells it.
        told.names.delete(name)
        if (event === 'error') knows.delete(nameOf(handler, mailbox))
        log.error('handler.untold', { flow: handler.flow, node: handler.node, connection, folder, reason: String(error) })
      })
      .finally(() => { writing.delete(done) })
    writing.add(done)
    return true
  }

  async function write({ flow, node, version }: Handler, event: MailboxEvent, uid: string): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(event))
    const mail = { uid, flags: [], receivedAt: event.at, raw: { kind: 'bytes' as const, bytes }, sha256: hash('sha256', bytes) }
    const runs = await store.ingest({ flow, node, version, connection: connectionId(event.connection), folder: event.folder, uidValidity: eventValidity, at: event.at, mails: [mail], cursor: '', claim: false })
    for (const run of runs) events.emit({ type: 'run.queued', run: run.id, flow, mail: run.mail })
    if (runs.length > 0) engine.wake()
  }

  const unsubscribe = events.subscribe(hear)
  return {
    set: (next) => { handlers = next },
    stop: async () => {
      unsubscribe()
      await Promise.all(writing)
    },
  }
}

export const handlersOf = (flow: CheckedFlow, version: number): readonly Handler[] => {
  const own = flow.nodes.flatMap((node) => (node.kind === 'receive-email' ? [{ connection: node.config.connection, folder: node.config.folder }] : []))
  return flow.nodes.flatMap((node) => (node.kind === 'mailbox-event' ? [{ flow: flow.id, version, node: node.id, config: node.config, own }] : []))
}

function hearsOf(config: MailboxEventConfig, own: readonly MailboxName[], { connection, folder }: MailboxName): boolean {
  switch (config.mailboxes) {
    case 'all': return true
    case 'flow': return own.some((one) => one.connection === connection && one.folder === folder)
    case 'chosen': return config.chosen.some((one) => one.connection === connection && (one.folder === undefined || one.folder === folder))
  }
}

const keyOf = ({ connection, folder }: MailboxName): string => `${connection}\n${folder}`
const nameOf = ({ flow, node }: Handler, mailbox: MailboxName): string => `${flow}\n${node}\n${keyOf(mailbox)}`
