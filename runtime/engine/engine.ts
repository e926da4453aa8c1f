/**
 * The engine: takes runs from the mailboxes, brings each to its end through worker and outbox, and takes up at start
 * what the last process left. It tells what happens as events and knows nobody who listens.
 */
import type { Problem } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import type { ConnectionId, FlowId } from '#shared/ids.ts'
import type { MailFacts } from '#shared/mail.ts'
import type { Clock } from '../clock.ts'
import { bytesInHand, runsInHand } from '../limits.ts'
import type { Log } from '../log.ts'
import type { Sender } from '../mail/smtp/sender.ts'
import type { SendQueue } from '../store/due-sends.ts'
import type { ClaimedRun, Store } from '../store/store.ts'
import { type Act, makeActions } from './actions.ts'
import { makeClaiming } from './claiming.ts'
import type { Computer } from './compute.ts'
import { makeCopies, type PutCopy } from './copies.ts'
import { type Deciding, makeDeciding, type Rewrite } from './decide.ts'
import { makeEndings } from './endings.ts'
import type { Wait } from './flow-pace.ts'
import { type Hand, makeHand } from './hand.ts'
import { makeInsist } from './insist.ts'
import { makeKeepRaw } from './keep-raw.ts'
import { makeOutbox, type Outbox } from './outbox.ts'
import { makeRunFlow } from './run-flow.ts'
import { makeShield } from './shield/shield.ts'
import { makeUnknownChoice } from './unknown.ts'
import { makeVersions, type Versions } from './versions.ts'

export interface EngineDeps {
  readonly store: Store
  readonly computer: Computer
  readonly events: EventStream
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly sender: (connection: ConnectionId) => Promise<Sender>
  readonly isInFolder: (connection: ConnectionId, folder: string, messageId: string) => Promise<boolean>
  readonly putCopy: PutCopy
  /** Works in a mailbox for a step of a run. */
  readonly act: Act
  readonly rewrite: Rewrite
}

export interface Engine extends Deciding {
  readonly hand: Hand
  readonly versions: Versions
  /** Takes up what the last process left: interrupted runs, rows of which nobody knows, queued runs. */
  start(): Promise<void>
  begin(runs: readonly ClaimedRun[]): void
  /** Looks for queued runs (after a replay, or when the house was full). */
  wake(): void
  /** A connection was changed: its line is tried at once. */
  reopen(connection: ConnectionId): void
  /** No mail of this version is held for a first look any more. */
  trust(flow: FlowId, version: number): Promise<void>
  /** A flow has a new version. */
  repace(flow: FlowId, version: number): void
  /** How an outgoing connection is; null: nothing was sent over it since the start. */
  readonly statusOf: Outbox['statusOf']
  /** Why due mails of this flow over this connection do not go; null when nothing is in their way. */
  readonly waitOf: (queue: SendQueue) => Wait | null
  stop(): Promise<void>
}

/** Of the empty mail that warms the worker. */
const emptyFacts: MailFacts = { connection: '', folder: '', uid: '', flags: [], receivedAt: null }

export function makeEngine(deps: EngineDeps): Engine {
  const { store, events, clock, log } = deps
  const hand = makeHand({ runs: runsInHand, bytes: bytesInHand })
  const versions = makeVersions(store)
  const insist = makeInsist({ clock, log })
  const keep = makeKeepRaw(store, insist)
  const stopping = new AbortController()
  /** Timers of runs that wait for a mailbox; what they wait for is in the ledger too. */
  const comingBack = new Set<() => void>()
  let stopped = false
  /** The worker can compute. */
  let warm: Promise<void> = Promise.resolve()

  const endings = makeEndings({ store, insist, events, clock, log, onCopy: (send) => { copies.wake(send) } })
  const shield = makeShield({ store, versions, events, insist, clock, log })
  const outbox = makeOutbox({
    store, versions, hand, insist, clock, log, random: deps.random, sender: deps.sender,
    choose: makeUnknownChoice({ versions, clock, random: deps.random, isInFolder: deps.isInFolder }),
    barred: (send) => shield.barred(send),
    onOutcome: endings.onOutcome, onHeld: endings.onHeld, onLine: (connection) => { events.emit({ type: 'sender.changed', connection }) },
  })
  const runFlow = makeRunFlow({
    store, versions, hand, insist, shield, clock, log, events, computer: deps.computer,
    keep,
    actions: makeActions({ store, versions, insist, clock, keep, act: deps.act, onWaiting, stopping: stopping.signal }),
    toOutbox: (run, sends) => {
      const now = clock.now()
      for (const { send, dueAt } of sends) if (dueAt > now) outbox.addLater(send, dueAt)
      const [first, ...others] = sends.flatMap(({ send, dueAt }) => (dueAt > now ? [] : [send]))
      if (first === undefined) return
      if (sends.length === 1) endings.alone(run)
      outbox.add([first, ...others])
    },
    onWaiting: ({ id, flow }) => { endings.waits(id, flow) },
    onEnded: (run, { state, problem }) => { endings.ended(run.id, run.flow, state === 'failed' ? 'failed' : 'done', problem) },
    onReport: ({ run }) => {
      // The run that sent it may be about to end: then by what the ledger says of its recipients, not by its last outcome alone.
      endings.notAlone(run)
      return endings.onReport
    },
  })

  const copies = makeCopies({ store, put: deps.putCopy, insist, clock, log })
  const deciding = makeDeciding({
    store, rewrite: deps.rewrite, versions, outbox: { ...outbox, wake: () => { outbox.wake(); copies.wake() } }, events, clock,
    runGoesOn: async (run, flow) => {
      endings.notAlone(run)
      shield.forget({ flow })
      await endings.fromStore(run, flow, true)
    },
  })

  /** The run leaves the hand meanwhile: it lies in the ledger and is claimed like any other when its time has come. */
  async function onWaiting({ id, flow }: ClaimedRun, problem: Problem, ms: number): Promise<void> {
    await insist.write(() => store.setRunState({ run: id, state: 'waiting', problem, at: clock.now() }))
    endings.waits(id, flow)
    if (stopped) return
    const callOff = clock.after(ms, () => {
      comingBack.delete(callOff)
      void insist.write(() => store.setRunState({ run: id, state: 'queued', problem: null, at: clock.now() })).then(wake)
        .catch((error: unknown) => { log.error('run.wake-failed', { run: id, reason: String(error) }) })
    })
    comingBack.add(callOff)
  }

  function begin(runs: readonly ClaimedRun[]): Promise<void> {
    endings.began(runs)
    return runFlow.begin(runs)
  }

  const { wake, idle } = makeClaiming({ store, hand, insist, log, stopping: stopping.signal, ready: () => warm, begin })

  async function start(): Promise<void> {
    await shield.start()
    await outbox.begin()
    const recovered = await store.recover(clock.now())
    if (recovered.runs > 0 || recovered.unknownSends > 0) log.info('engine.recovered', { runs: recovered.runs, unknownSends: recovered.unknownSends })
    // After a crash no run is in hand before the worker is up: its start takes longer than computing a mail, and who is killed
    // within it again and again would each time have had the same innocent mail in hand (it was put aside once in 10,000).
    if (recovered.runs > 0) warm = deps.computer.readMail({ kind: 'bytes', bytes: new Uint8Array() }, emptyFacts).then(() => {}, () => {})
    for (const run of recovered.closed) {
      const record = await store.run(run)
      if (record) await endings.fromStore(run, record.flow)
    }
    wake()
    outbox.wake()
    copies.wake()
  }

  return {
    hand, versions, start, wake, ...deciding,
    trust: async (flow, version) => {
      await store.trustVersion(flow, version)
      shield.forget({ flow })
    },
    begin: (runs) => { void begin(runs) },
    reopen: (connection) => {
      shield.forget({ connection })
      outbox.reopen(connection)
      copies.reopen(connection)
    },
    repace: outbox.repace,
    waitOf: outbox.waitOf,
    statusOf: outbox.statusOf,
    stop: async () => {
      stopped = true
      stopping.abort()
      insist.stop()
      shield.stop()
      for (const callOff of comingBack) callOff()
      const sent = outbox.stop()
      const copied = copies.stop()
      await idle()
      await runFlow.idle()
      await sent
      await copied
    },
  }
}
