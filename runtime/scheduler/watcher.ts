/**
 * Watches one mailbox: one connection, one look at a time, a poll always beside the server's news, reconnect with
 * backoff. Never two connections for one mailbox; never deaf in silence.
 */
import type { MailboxStatus } from '#shared/connection.ts'
import { fault, type Fault, problemOf, sayError } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import type { ConnectionId } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { Log } from '../log.ts'
import type { Account, MailboxAdapter, OpenMailbox } from '../mail/mailbox.ts'
import type { Store } from '../store/store.ts'
import { type Health, makeHealth } from './health.ts'
import { lookFor, prepare } from './look.ts'
import { openNamed } from './named.ts'
import { makePatience, type Patience } from '../patience.ts'
import { makePulse, type Pulse } from './pulse.ts'
import { makeRhythm, type Rhythm } from './rhythm.ts'
import { settleDue } from './settle.ts'
import type { Trigger } from './trigger.ts'
import type { Turn } from './turns.ts'

export interface WatcherDeps {
  readonly store: Store
  readonly engine: Engine
  readonly adapter: MailboxAdapter
  readonly account: (connection: ConnectionId) => Promise<Account>
  readonly events: EventStream
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** Waited for before each login. */
  readonly turn: Turn
}

/** Settling is batched: runs that end within this time share one command. */
const settleLullMs = 25

export class Watcher {
  readonly connection: ConnectionId
  readonly folder: string
  readonly #deps: WatcherDeps
  #triggers: readonly Trigger[] = []
  #stop = new AbortController()
  #session = new AbortController()
  #look = new AbortController()
  #wake: () => void = () => {}
  #pending = { news: false, person: false, settle: false }
  #resting = false
  readonly #health: Health
  readonly #patience: Patience
  readonly #rhythm: Rhythm
  /** Triggers with a schedule that know where they begin. */
  readonly #prepared = new WeakSet<Trigger>()
  readonly #pulse: Pulse
  #paused: MailboxStatus['paused'] = null
  #ended: Promise<void> | null = null

  constructor(connection: ConnectionId, folder: string, deps: WatcherDeps) {
    this.connection = connection
    this.folder = folder
    this.#deps = deps
    this.#pulse = makePulse(deps.clock)
    this.#health = makeHealth({ connection, folder }, deps)
    this.#patience = makePatience(deps.random)
    this.#rhythm = makeRhythm(deps.clock)
  }

  /** Paused from the start where somebody paused it before a restart. */
  start(triggers: readonly Trigger[], paused: MailboxStatus['paused'] = null): void {
    this.#triggers = triggers
    this.#rhythm.set(triggers)
    this.#paused = paused
    this.#ended = this.#run()
  }

  /** A deploy or stop changed who is interested; runs in flight are none of this room's business. */
  change(triggers: readonly Trigger[]): void {
    this.#triggers = triggers
    this.#rhythm.set(triggers)
    // A look at thousands of mails ends here, and the next one begins with the new version; a stopped flow takes in no more.
    this.#look.abort()
    this.lookNow()
  }

  triggers(): readonly Trigger[] {
    return this.#triggers
  }

  /** A person's wish is for flows with a schedule too. */
  lookNow(why: 'news' | 'person' = 'news'): void {
    this.#pending[why] = true
    this.#wake()
  }

  /** A person's word: the line is closed and made anew, and the waits begin small again. */
  reconnect(): void {
    this.#patience.renew()
    this.#drop()
  }

  /** No line stays open; null goes on. */
  hold(paused: MailboxStatus['paused']): void {
    this.#paused = paused
    this.reconnect()
  }

  #drop(): void {
    this.#session.abort()
    this.#look.abort()
    this.#wake()
  }

  /** A run of this mailbox has ended: its mail awaits the last step. */
  settleSoon(): void {
    if (this.#pending.settle) return
    this.#pending.settle = true
    // A mailbox at rest after a fault has nobody to settle with; knocking early would only cost a login.
    this.#deps.clock.after(settleLullMs, () => { if (!this.#resting) this.#wake() })
  }

  /** Called by the watchdog: a session without a successful look for too long is thrown away and made anew. */
  checkPulse(): void {
    const { health } = this.#health.status()
    if (health === 'needs-attention' || health === 'stopped' || this.#paused) return
    // A look that waits until the outgoing mails make room hears well.
    if (!this.#deps.engine.hand.hasRoom()) this.#pulse.beat()
    const silentMs = this.#pulse.deafForMs(this.#rhythm.intervalMs())
    if (silentMs === null) return
    const say = sayError('MAIL_DEAF', { folder: this.folder, minutes: Math.round(silentMs / 60_000) })
    this.#health.alarm(say)
    this.#deps.log.error('mailbox.deaf', { connection: this.connection, folder: this.folder, ms: Math.round(silentMs) })
    this.#health.failed('MAIL_DEAF', say)
    this.#health.tell('deaf', say)
    // The next try has as long as this one had.
    this.#pulse.beat()
    this.#drop()
  }

  status(): MailboxStatus {
    return { ...this.#health.status(), connection: this.connection, folder: this.folder, flows: [...new Set(this.#triggers.map((trigger) => trigger.flow))], paused: this.#paused }
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#drop()
    await this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (this.#paused) {
        await this.#untilResumed()
        continue
      }
      const began = this.#deps.clock.steadyMs()
      this.#session = new AbortController()
      try {
        await this.#watch()
      } catch (error) {
        if (!this.#stop.signal.aborted && !this.#paused) await this.#rest(error, this.#deps.clock.steadyMs() - began)
      }
    }
    this.#health.tell('stopped', '')
  }

  #untilResumed(): Promise<void> {
    this.#health.looksIn(Infinity)
    this.#health.tell('paused', this.#paused ? `Paused by ${this.#paused.by}.` : '')
    return new Promise((resolve) => {
      this.#wake = () => {
        if (this.#paused && !this.#stop.signal.aborted) return
        this.#wake = () => {}
        resolve()
      }
    })
  }

  async #watch(): Promise<void> {
    const { account, turn } = this.#deps
    await turn(this.#session.signal)
    const mailbox = await openNamed(this.#deps, await account(this.connection), this, { signal: this.#session.signal, alive: this.#pulse.beat })
    let lost: Error | null = null
    let closed = false
    mailbox.onClose((why) => {
      closed = true
      lost = why
      // Also heard by a wait that has not begun yet.
      this.lookNow()
    })
    mailbox.onNews(() => { this.lookNow() })
    const abort = () => { void mailbox.close() }
    this.#session.signal.addEventListener('abort', abort, { once: true })
    try {
      this.#patience.loggedIn()
      this.#health.tell('connected', '')
      // What came while the line was away.
      this.#pending.news = true
      while (!this.#session.signal.aborted && !closed) {
        await this.#round(mailbox)
        await this.#untilNext()
        // The heartbeat finds a line that died in silence; the look that follows needs its news anyway.
        if (!this.#isAsked() && !this.#pending.settle && !closed && !this.#session.signal.aborted) await mailbox.refresh()
      }
      // Also a server that says goodbye politely is not asked again at once.
      if (closed && !this.#session.signal.aborted) throw lost ?? fault('MAIL_CONNECTION_LOST', { host: this.connection })
    } finally {
      this.#session.signal.removeEventListener('abort', abort)
      await mailbox.close()
    }
  }

  /** One look for every trigger, and the last step for every mail whose run has ended. */
  async #round(mailbox: OpenMailbox): Promise<void> {
    const { clock, events, store, engine } = this.#deps
    for (const trigger of this.#triggers) {
      if (!trigger.config.schedule || this.#prepared.has(trigger)) continue
      await prepare(trigger, mailbox, { store, clock, alive: this.#pulse.beat })
      this.#prepared.add(trigger)
    }
    const due = this.#rhythm.due(this.#pending.person ? 'person' : this.#pending.news ? 'news' : 'time')
    this.#pending.news = this.#pending.person = false
    // The heartbeat before this was answered.
    if (due.length === 0) this.#pulse.beat()
    else {
      const began = clock.steadyMs()
      this.#health.tell('polling', '')
      let fresh = 0
      let more = 0
      let lagMs: number | null = null
      this.#look = new AbortController()
      const { signal } = this.#look
      for (const trigger of due) {
        if (signal.aborted || this.#session.signal.aborted) break
        const looked = await lookFor(trigger, mailbox, { store, engine, events, clock, signal, alive: this.#pulse.beat, between: () => this.#between(mailbox) })
        fresh += looked.runs
        lagMs = looked.lagMs ?? lagMs
        more += looked.more
      }
      this.#pulse.beat()
      this.#rhythm.looked(due, mailbox.keepsSession ? fresh : 0, more)
      this.#health.looked({ fresh, more, lagMs, ms: clock.steadyMs() - began })
    }
    await this.#settle(mailbox)
    this.#health.looksIn(this.#rhythm.dueInMs())
    this.#health.tell('idle', '')
  }

  /** A long drain is no silence. */
  #between(mailbox: OpenMailbox): Promise<void> {
    this.#pulse.beat()
    return this.#settle(mailbox)
  }

  async #settle(mailbox: OpenMailbox): Promise<void> {
    this.#pending.settle = false
    const { store, events, clock, engine } = this.#deps
    await settleDue(mailbox, this.connection, this.folder, { store, events, clock, versions: engine.versions })
  }

  #isAsked(): boolean {
    return this.#pending.news || this.#pending.person
  }

  /** Until the server has news, a run wants settling, or the next look is due. */
  #untilNext(): Promise<void> {
    const pending = this.#pending
    // Also a session that was ended while a look was under way.
    if (this.#isAsked() || this.#session.signal.aborted) return Promise.resolve()
    const dueMs = this.#rhythm.wakeInMs()
    return this.#sleep(pending.settle ? Math.min(settleLullMs, dueMs) : dueMs)
  }

  /** For this long, or until somebody wakes it. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = Number.isFinite(ms) ? this.#deps.clock.after(ms, () => { this.#wake() }) : () => {}
      this.#wake = () => {
        cancel()
        this.#wake = () => {}
        resolve()
      }
    })
  }

  /** After a fault: says what is wrong and waits, longer each time, very long when only a person can help. */
  async #rest(error: unknown, livedMs: number): Promise<void> {
    const problem = problemOf(error)
    const { waitMs, needsPerson, say } = this.#patience.after(problem, livedMs)
    this.#health.failed(problem.code, problem.say)
    this.#health.tell(needsPerson ? 'needs-attention' : 'backing-off', say)
    this.#health.looksIn(waitMs)
    this.#deps.log.warn('mailbox.trouble', { connection: this.connection, folder: this.folder, code: problem.code, ...(Number.isFinite(waitMs) ? { ms: waitMs } : {}), reason: (error as Fault).message })
    this.#pending.news = this.#pending.person = false
    this.#resting = true
    await this.#sleep(waitMs)
    this.#resting = false
  }
}
