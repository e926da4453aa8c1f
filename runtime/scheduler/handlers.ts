/**
 * Tells flows what happens to mailboxes: one can't be read, can be read again, is let go. Each telling is a durable run;
 * the hour in its name is what keeps a mailbox that comes and goes, or a restart, from telling it twice. Who was told of a
 * trouble is written down with it, so that a recovery after a restart is told as well.
 */
import { hash } from 'node:crypto'
import type { EventStream, MailboxName, MailweaveEvent } from '#shared/events.ts'
import { connectionId, type FlowId, type NodeId } from '#shared/ids.ts'
import { eventValidity, type MailboxEvent, type MailboxEventName, summaryOf } from '#shared/mailbox-event.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import type { MailboxEventConfig } from '#shared/nodes/mailbox-event.ts'
import { mailboxesOf } from '#shared/nodes/receive-email.ts'
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import { handlerEventsAnHour } from '../limits.ts'
import type { Log } from '../log.ts'
import type { Store, ToldTrouble, TroubleFacts as Facts } from '../store/store.ts'

export interface HandlersDeps {
  readonly store: Pick<Store, 'ingest' | 'troubles' | 'putTrouble' | 'dropTrouble' | 'eventsOf'>
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
  /** Reads what was told before this start; nothing is heard until then. */
  start(): Promise<void>
  set(handlers: readonly Handler[]): void
  /** Resolves when everything that was told lies in the ledger. */
  stop(): Promise<void>
}

interface Trouble {
  facts: Facts
  /** Since when, for a trouble that began before this start. */
  begunAt: string | null
  /** Handlers that were told, or that asked for the end alone. */
  readonly knows: Map<string, ToldTrouble['knows'][number]>
}

export function makeHandlers({ store, engine, events, clock, log }: HandlersDeps): Handlers {
  let handlers: readonly Handler[] = []
  const troubled = new Map<string, Trouble>()
  /** As it stands in the ledger. */
  const kept = new Map<string, string>()
  const told = { hour: '', names: new Set<string>(), counts: new Map<Handler['node'] | string, number>() }
  const writing = new Set<Promise<void>>()

  function hear(event: MailweaveEvent): void {
    if (event.type === 'mailbox.failed') failed(event, event)
    else if (event.type === 'mailbox.looked') recovered(event)
    else if (event.type === 'mailbox.closed') {
      const { code, say } = event
      const concerned = listening(event, 'stopped').filter((handler) => event.only === null || handler.flow === event.only)
      for (const handler of concerned) tell(handler, event, 'stopped', 'stopped', { code, say, since: clock.now(), repeats: 0, lastSuccess: event.lastSuccess })
    } else return
    keep(event)
  }

  function failed(mailbox: MailboxName, { code, say, since, repeats, lastSuccess }: Facts): void {
    const trouble = troubled.get(keyOf(mailbox)) ?? { facts: { code, say, since, repeats, lastSuccess }, begunAt: null, knows: new Map() }
    const facts = { code, say, since: trouble.begunAt ?? since, repeats, lastSuccess }
    trouble.facts = facts
    troubled.set(keyOf(mailbox), trouble)
    for (const handler of listening(mailbox)) {
      const again = handler.config.again
      if (!handler.config.events.includes('error')) trouble.knows.set(whoOf(handler), who(handler))
      else if (!trouble.knows.has(whoOf(handler))) tell(handler, mailbox, 'error', 'error', facts)
      else if (again > 0 && repeats > 1 && repeats % again === 0) tell(handler, mailbox, 'error', 'again', facts)
    }
  }

  /** What could not be told in its hour is told in the next one, if it still holds. */
  function recovered(mailbox: MailboxName): void {
    const trouble = troubled.get(keyOf(mailbox))
    if (!trouble) return
    trouble.begunAt = null
    const unaware = listening(mailbox).filter((handler) => trouble.knows.has(whoOf(handler)) && !recovers(handler, mailbox, trouble))
    if (unaware.length === 0) troubled.delete(keyOf(mailbox))
  }

  const recovers = (handler: Handler, mailbox: MailboxName, { facts, knows }: Trouble): boolean => {
    if (handler.config.events.includes('recovered')) return tell(handler, mailbox, 'recovered', 'recovered', facts)
    knows.delete(whoOf(handler))
    return true
  }

  const listening = (mailbox: MailboxName, event?: MailboxEventName): readonly Handler[] =>
    handlers.filter(({ config, own }) => (event === undefined || config.events.includes(event)) && hearsOf(config, own, mailbox))

  /** false when it has to wait for the next hour. */
  function tell(handler: Handler, mailbox: MailboxName, event: MailboxEventName, what: string, facts: Facts): boolean {
    const at = clock.now()
    const hour = hourOf(at)
    if (hour !== told.hour) Object.assign(told, { hour, names: new Set<string>(), counts: new Map<string, number>() })
    const name = `${nameOf(handler, mailbox)}\n${what}`
    const whose = whoOf(handler)
    const count = told.counts.get(whose) ?? 0
    if (told.names.has(name) || count >= handlerEventsAnHour) return false
    told.names.add(name)
    told.counts.set(whose, count + 1)
    const knows = troubled.get(keyOf(mailbox))?.knows
    if (event === 'error') knows?.set(whose, who(handler))
    // The program's end is no end of a trouble.
    else if (facts.code !== 'program-ends') knows?.delete(whose)
    const { connection, folder } = mailbox
    const done = write(handler, { event, connection, folder, summary: summaryOf({ event, connection, folder }), ...facts, at }, `${handler.flow}.${handler.node}.${what}.${hour}`)
      .catch((error: unknown) => {
        // On a full disk, say: the next try in vain tells it.
        told.names.delete(name)
        if (event === 'error') knows?.delete(whose)
        keep(mailbox)
        log.error('handler.untold', { flow: handler.flow, node: handler.node, connection, folder, reason: String(error) })
      })
    finish(done)
    return true
  }

  const finish = (done: Promise<void>): void => {
    writing.add(done)
    void done.finally(() => { writing.delete(done) })
  }

  /** In one commit with what was just told: both are asked for in the same breath. */
  function keep({ connection, folder }: MailboxName): void {
    const key = keyOf({ connection, folder })
    const trouble = troubled.get(key)
    const state = trouble === undefined || trouble.knows.size === 0 ? '' : JSON.stringify([trouble.facts, [...trouble.knows.keys()]])
    if ((kept.get(key) ?? '') === state) return
    kept.set(key, state)
    const written = trouble === undefined || state === '' ? store.dropTrouble({ connection, folder }) : store.putTrouble({ connection, folder, facts: trouble.facts, knows: [...trouble.knows.values()] })
    finish(written.catch((error: unknown) => {
      // The next try in vain, or the next look, writes it.
      kept.set(key, 'nobody knows')
      log.error('handler.trouble-not-kept', { connection, folder, reason: String(error) })
    }))
  }

  async function start(): Promise<void> {
    for (const { facts, knows, ...mailbox } of await store.troubles()) {
      const trouble = { facts, begunAt: facts.since, knows: new Map(knows.map((one) => [whoOf(one), one])) }
      troubled.set(keyOf(mailbox), trouble)
      kept.set(keyOf(mailbox), JSON.stringify([facts, [...trouble.knows.keys()]]))
    }
    told.hour = hourOf(clock.now())
    for (const { uid, ...mailbox } of await store.eventsOf(told.hour)) {
      const [flow = '', node = '', what = ''] = uid.split('.')
      const whose = `${flow}\n${node}`
      told.names.add(`${whose}\n${keyOf(mailbox)}\n${what}`)
      told.counts.set(whose, (told.counts.get(whose) ?? 0) + 1)
    }
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
    start,
    set: (next) => { handlers = next },
    stop: async () => {
      unsubscribe()
      await Promise.all(writing)
    },
  }
}

export const handlersOf = (flow: CheckedFlow, version: number): readonly Handler[] => {
  const own = flow.nodes.flatMap((node) => (node.kind === 'receive-email' ? mailboxesOf(node.config) : []))
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
const who = ({ flow, node }: Pick<Handler, 'flow' | 'node'>): ToldTrouble['knows'][number] => ({ flow, node })
const whoOf = ({ flow, node }: Pick<Handler, 'flow' | 'node'>): string => `${flow}\n${node}`
const nameOf = (handler: Handler, mailbox: MailboxName): string => `${whoOf(handler)}\n${keyOf(mailbox)}`
/** `yyyy-mm-ddThh` of an ISO time. */
const hourOf = (at: string): string => at.slice(0, 13)
