/**
 * Who is watched: one watcher for each mailbox that a running flow names, and for each that still owes a mail its last
 * step; kept in step with deploys, stops and changed connections.
 */
import type { MailboxStatus } from '#shared/connection.ts'
import { fault, problemOf } from '#shared/errors.ts'
import type { MailboxName, MailweaveEvent } from '#shared/events.ts'
import { connectionId, type FlowId } from '#shared/ids.ts'
import { loadSchedules } from '#shared/schedule.ts'
import type { FlowVersion } from '../store/store.ts'
import { type Handler, handlersOf, makeHandlers } from './handlers.ts'
import { acceptReset } from './look.ts'
import { triggersOf, type Trigger } from './trigger.ts'
import { makeTurns } from './turns.ts'
import { Watcher, type WatcherDeps } from './watcher.ts'

/** How often every mailbox's pulse is felt; a tenth of the shortest time after which one counts as deaf. */
const pulseMs = 30_000
/** A server with many of our mailboxes must not see them all in one second; a thousand are up after 13 s. */
const logins = { together: 20, gapMs: 250 } as const

/** What starts runs of a flow version. */
interface Starts { readonly triggers: readonly Trigger[]; readonly handlers: readonly Handler[] }
interface Wanted { readonly mailbox: MailboxName; readonly triggers: readonly Trigger[] }

/** What a person may do with a watched mailbox; each rejects with MAILBOX_NOT_FOUND, a look at a paused one with MAILBOX_PAUSED. */
export interface MailboxCare {
  readonly look: (mailbox: MailboxName) => Promise<void>
  /** Durable; it ends the line at once. */
  readonly pause: (mailbox: MailboxName, by: string) => Promise<void>
  readonly resume: (mailbox: MailboxName) => Promise<void>
  readonly reconnect: (mailbox: MailboxName) => Promise<void>
}

export interface Scheduler extends MailboxCare {
  readonly start: () => Promise<void>
  readonly status: () => readonly MailboxStatus[]
  readonly stop: () => Promise<void>
}

export function makeScheduler(deps: Omit<WatcherDeps, 'turn'>): Scheduler {
  const watchers = new Map<string, Watcher>()
  const pauses = new Map<string, NonNullable<MailboxStatus['paused']>>()
  const handlers = makeHandlers(deps)
  const turn = makeTurns({ ...logins, clock: deps.clock })
  const starts = new Map<string, Starts>()
  let planning: Promise<void> = Promise.resolve()
  let cancelPulse = () => {}
  let unsubscribe = () => {}
  let stopped = false

  const startsKey = ({ flow, version, deployedAt }: FlowVersion) => `${flow}\n${version}\n${deployedAt}`
  const keyOf = ({ connection, folder }: MailboxName) => `${connection}\n${folder}`

  /** Plans follow one another, so that a deploy during a stop ends in the state of the last word. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    planning = planning.then(work).catch((error: unknown) => { deps.log.error('scheduler.plan-failed', { reason: problemOf(error).say }) })
    return planning
  }
  /** As inTurn, with the outcome for whoever asked. */
  const inOrder = (work: () => Promise<void>): Promise<void> => {
    const done = planning.then(work)
    planning = done.catch(() => {})
    return done
  }
  const replan = () => inTurn(plan)

  async function plan(): Promise<void> {
    if (stopped) return
    const { wanted, hearing } = await wantedMailboxes()
    for (const [key, watcher] of watchers) tellLeft(watcher, wanted.get(key)?.triggers ?? [])
    // Only now: a flow that is stopped still hears that its own mailboxes are let go.
    handlers.set(hearing)
    const leaving = [...watchers].filter(([key]) => !wanted.has(key))
    for (const [key] of leaving) watchers.delete(key)
    await Promise.all(leaving.map(([, watcher]) => watcher.stop()))
    for (const [key, { mailbox, triggers }] of wanted) {
      const known = watchers.get(key)
      if (known) {
        // A mailbox that the deploy did not touch looks at its own time.
        if (!isSame(known.triggers(), triggers)) known.change(triggers)
      }
      else {
        const watcher = new Watcher(connectionId(mailbox.connection), mailbox.folder, { ...deps, turn })
        watchers.set(key, watcher)
        watcher.start(triggers, pauses.get(key) ?? null)
      }
    }
  }

  /** Flows that no longer read a mailbox that is being read; where another one still does, only they themselves hear of it. */
  function tellLeft(watcher: Watcher, next: readonly Trigger[]): void {
    if (watcher.status().paused) return
    const staying = new Set(next.map((trigger) => trigger.flow))
    for (const flow of new Set(watcher.triggers().map((trigger) => trigger.flow))) {
      if (!staying.has(flow)) close(watcher, 'flow-stopped', `The flow ${flow} no longer reads it: it was stopped, deleted or deployed elsewhere.`, staying.size > 0 ? flow : null)
    }
  }

  function close(watcher: Watcher, code: 'flow-stopped' | 'paused' | 'program-ends', say: string, only: FlowId | null = null): void {
    const { connection, folder } = watcher
    deps.events.emit({ type: 'mailbox.closed', connection, folder, code, say, only, lastSuccess: watcher.status().lastLookAt })
  }

  async function wantedMailboxes(): Promise<{ readonly wanted: Map<string, Wanted>; readonly hearing: readonly Handler[] }> {
    const wanted = new Map<string, Wanted>()
    const hearing: Handler[] = []
    const want = (mailbox: MailboxName, ...triggers: readonly Trigger[]): void => {
      const known = wanted.get(keyOf(mailbox))
      wanted.set(keyOf(mailbox), { mailbox, triggers: [...known?.triggers ?? [], ...triggers] })
    }
    const running = await deps.store.runningFlows()
    const keys = new Set(running.map(startsKey))
    for (const key of starts.keys()) if (!keys.has(key)) starts.delete(key)
    for (const version of running) {
      const { triggers, handlers: heard } = await startsOf(version)
      hearing.push(...heard)
      for (const trigger of triggers) want({ connection: connectionId(trigger.config.connection), folder: trigger.config.folder }, trigger)
    }
    // A mail that was sent and stays unread would run again in the next flow on this mailbox.
    for (const mailbox of await deps.store.unsettledMailboxes()) want(mailbox)
    return { wanted, hearing }
  }

  /** Read once for each time a version is switched on: a deploy among a thousand flows reads one. */
  async function startsOf(version: FlowVersion): Promise<Starts> {
    const known = starts.get(startsKey(version))
    if (known) return known
    try {
      const flow = await deps.engine.versions.get(version.flow, version.version)
      if (flow.nodes.some((node) => node.kind === 'receive-email' && node.config.schedule)) await loadSchedules()
      const read = { triggers: triggersOf(flow, version.version, version.deployedAt), handlers: handlersOf(flow, version.version) }
      starts.set(startsKey(version), read)
      return read
    } catch (error) {
      // A version that this program no longer reads costs its own flow and nobody else's mail.
      deps.log.error('scheduler.flow-unreadable', { flow: version.flow, version: version.version, reason: problemOf(error).say })
      return { triggers: [], handlers: [] }
    }
  }

  /** Mailboxes without a flow go once the last of their mails is settled. */
  async function leaveSettled(): Promise<void> {
    const owing = new Set((await deps.store.unsettledMailboxes()).map(keyOf))
    for (const [key, watcher] of watchers) {
      if (watcher.status().flows.length > 0) continue
      // Not a look now: a mailbox that rests after a fault would be knocked at with each pulse.
      if (owing.has(key)) watcher.settleSoon()
      else {
        watchers.delete(key)
        await watcher.stop()
      }
    }
  }

  function hear(event: MailweaveEvent): void {
    if (event.type === 'flow.deployed') void replan()
    else if (event.type === 'flow.stopped') void leave(event.flow)
    else if (event.type === 'connection.saved') void renew(event.connection)
    else if (event.type === 'run.finished') settleSoon(event.mailbox)
  }

  async function leave(flow: string): Promise<void> {
    const triggers = [...watchers.values()].flatMap((watcher) => watcher.triggers().filter((trigger) => trigger.flow === flow))
    void inTurn(async () => {
      for (const trigger of triggers) await acceptReset(trigger, deps.store)
    })
    await replan()
  }

  /** A changed connection is opened anew: its watchers go, and come back with the new account. */
  async function renew(connection: string): Promise<void> {
    void inTurn(async () => {
      const changed = [...watchers].filter(([, watcher]) => watcher.connection === connection)
      for (const [key] of changed) watchers.delete(key)
      await Promise.all(changed.map(([, watcher]) => watcher.stop()))
    })
    await replan()
  }

  /** A run taken up after a restart names no mailbox; its mail is settled at that mailbox's next look. */
  function settleSoon(mailbox: MailboxName | null): void {
    if (mailbox) watchers.get(keyOf(mailbox))?.settleSoon()
  }

  function pulse(): void {
    for (const watcher of watchers.values()) watcher.checkPulse()
    if ([...watchers.values()].some((watcher) => watcher.status().flows.length === 0)) void inTurn(leaveSettled)
    cancelPulse = deps.clock.after(pulseMs, pulse)
  }

  const find = (mailbox: MailboxName): Watcher => {
    const watcher = watchers.get(keyOf(mailbox))
    if (!watcher) throw fault('MAILBOX_NOT_FOUND', { ...mailbox })
    return watcher
  }

  return {
    look: async (mailbox) => {
      const watcher = find(mailbox)
      if (watcher.status().paused) throw fault('MAILBOX_PAUSED', { ...mailbox })
      watcher.lookNow('person')
    },
    reconnect: async (mailbox) => {
      const watcher = find(mailbox)
      if (watcher.status().paused) throw fault('MAILBOX_PAUSED', { ...mailbox })
      watcher.reconnect()
    },
    pause: (mailbox, by) => inOrder(async () => {
      const watcher = find(mailbox)
      if (watcher.status().paused) return
      const paused = { at: deps.clock.now(), by }
      await deps.store.putPause({ ...mailbox, ...paused })
      pauses.set(keyOf(mailbox), paused)
      close(watcher, 'paused', `${by} paused it.`)
      watcher.hold(paused)
    }),
    resume: (mailbox) => inOrder(async () => {
      const watcher = find(mailbox)
      await deps.store.dropPause(mailbox.connection, mailbox.folder)
      pauses.delete(keyOf(mailbox))
      if (watcher.status().paused) watcher.hold(null)
    }),
    start: async () => {
      for (const { at, by, ...mailbox } of await deps.store.pauses()) pauses.set(keyOf(mailbox), { at, by })
      await handlers.start()
      unsubscribe = deps.events.subscribe(hear)
      await replan()
      pulse()
    },
    status: () => [...watchers.values()].map((watcher) => watcher.status()),
    stop: async () => {
      stopped = true
      unsubscribe()
      cancelPulse()
      await planning
      for (const watcher of watchers.values()) if (watcher.triggers().length > 0 && !watcher.status().paused) close(watcher, 'program-ends', 'Mailweave is being stopped.')
      // Before the ledger closes: what can't be sent any more goes out at the next start.
      await handlers.stop()
      await Promise.all([...watchers.values()].map((watcher) => watcher.stop()))
      watchers.clear()
    },
  }
}

const isSame = (before: readonly Trigger[], now: readonly Trigger[]): boolean =>
  before.length === now.length && before.every((one, at) => one.flow === now[at]?.flow && one.node === now[at]?.node && one.version === now[at]?.version && one.deployedAt === now[at]?.deployedAt)
