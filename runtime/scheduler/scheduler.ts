/**
 * Who is watched: one watcher for each mailbox that a running flow names, and for each that still owes a mail its last
 * step; kept in step with deploys, stops and changed connections.
 */
import type { MailboxStatus } from '#shared/connection.ts'
import { problemOf } from '#shared/errors.ts'
import type { MailboxName, MailweaveEvent } from '#shared/events.ts'
import { connectionId } from '#shared/ids.ts'
import { acceptReset } from './look.ts'
import { triggersOf, type Trigger } from './trigger.ts'
import { Watcher, type WatcherDeps } from './watcher.ts'

/** How often every mailbox's pulse is felt; a tenth of the shortest time after which one counts as deaf. */
const pulseMs = 30_000
/** At start, mailboxes log in a few at a time: a server with many of our mailboxes must not see them all in one second. */
const startTogether = 20
const startGapMs = 100

interface Wanted { readonly mailbox: MailboxName; readonly triggers: readonly Trigger[] }

export interface Scheduler {
  readonly start: () => Promise<void>
  readonly status: () => readonly MailboxStatus[]
  readonly stop: () => Promise<void>
}

export function makeScheduler(deps: WatcherDeps): Scheduler {
  const watchers = new Map<string, Watcher>()
  let planning: Promise<void> = Promise.resolve()
  let cancelPulse = () => {}
  let unsubscribe = () => {}
  let stopped = false

  const keyOf = ({ connection, folder }: MailboxName) => `${connection}\n${folder}`

  /** Plans follow one another, so that a deploy during a stop ends in the state of the last word. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    planning = planning.then(work).catch((error: unknown) => { deps.log.error('scheduler.plan-failed', { reason: problemOf(error).say }) })
    return planning
  }
  const replan = () => inTurn(plan)

  async function plan(): Promise<void> {
    if (stopped) return
    const wanted = await wantedMailboxes()
    const leaving = [...watchers].filter(([key]) => !wanted.has(key))
    for (const [key] of leaving) watchers.delete(key)
    await Promise.all(leaving.map(([, watcher]) => watcher.stop()))
    let begun = 0
    for (const [key, { mailbox, triggers }] of wanted) {
      if (stopped) return
      const known = watchers.get(key)
      if (known) known.change(triggers)
      else {
        const watcher = new Watcher(connectionId(mailbox.connection), mailbox.folder, deps)
        watchers.set(key, watcher)
        watcher.start(triggers)
        begun += 1
        if (begun % startTogether === 0) await new Promise<void>((resolve) => { deps.clock.after(startGapMs, resolve) })
      }
    }
  }

  async function wantedMailboxes(): Promise<Map<string, Wanted>> {
    const wanted = new Map<string, Wanted>()
    const want = (mailbox: MailboxName, ...triggers: readonly Trigger[]): void => {
      const known = wanted.get(keyOf(mailbox))
      wanted.set(keyOf(mailbox), { mailbox, triggers: [...known?.triggers ?? [], ...triggers] })
    }
    for (const version of await deps.store.runningFlows()) {
      const flow = await deps.engine.versions.get(version.flow, version.version).catch((error: unknown) => {
        // A version that this program no longer reads costs its own flow and nobody else's mail.
        deps.log.error('scheduler.flow-unreadable', { flow: version.flow, version: version.version, reason: problemOf(error).say })
        return null
      })
      if (!flow) continue
      for (const trigger of triggersOf(flow, version.version, version.deployedAt)) {
        want({ connection: connectionId(trigger.config.connection), folder: trigger.config.folder }, trigger)
      }
    }
    // A mail that was sent and stays unread would run again in the next flow on this mailbox.
    for (const mailbox of await deps.store.unsettledMailboxes()) want(mailbox)
    return wanted
  }

  /** Mailboxes without a flow go once the last of their mails is settled. */
  async function leaveSettled(): Promise<void> {
    const owing = new Set((await deps.store.unsettledMailboxes()).map(keyOf))
    for (const [key, watcher] of watchers) {
      if (watcher.status().flows.length > 0) continue
      if (owing.has(key)) watcher.lookNow()
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
    const triggers = [...watchers.values()].flatMap((watcher) => watcher.triggersOf(flow))
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

  return {
    start: async () => {
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
      await Promise.all([...watchers.values()].map((watcher) => watcher.stop()))
      watchers.clear()
    },
  }
}

