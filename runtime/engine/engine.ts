/**
 * The engine: takes runs from the mailboxes, brings each to its end through worker and outbox, and takes up at start
 * what the last process left. It tells what happens as events and knows nobody who listens.
 */
import type { Problem } from '#shared/errors.ts'
import type { EventStream, MailboxName } from '#shared/events.ts'
import type { ConnectionId, FlowId, RunId } from '#shared/ids.ts'
import type { MailFacts } from '#shared/mail.ts'
import { type EndedState, hasEnded } from '#shared/run.ts'
import type { Clock } from '../clock.ts'
import { bytesInHand, runsInHand, suspectAttempts } from '../limits.ts'
import type { Log } from '../log.ts'
import type { Sender } from '../mail/smtp/sender.ts'
import type { Reported } from '../store/after-sending.ts'
import type { SendQueue } from '../store/due-sends.ts'
import type { ClaimedRun, ClaimedSend, SendOutcome, Store } from '../store/store.ts'
import { type Act, makeActions } from './actions.ts'
import type { Computer } from './compute.ts'
import { makeCopies, type PutCopy } from './copies.ts'
import { type Deciding, makeDeciding, type Rewrite } from './decide.ts'
import { type Ending, endingOf, resultsOf, type SendResult, sentOutput, stepStateOf } from './finish.ts'
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
/** Queued runs read from the store at once. */
const claimBatch = 64

export function makeEngine(deps: EngineDeps): Engine {
  const { store, events, clock, log } = deps
  const hand = makeHand({ runs: runsInHand, bytes: bytesInHand })
  const versions = makeVersions(store)
  const insist = makeInsist({ clock, log })
  const keep = makeKeepRaw(store, insist)
  const stopping = new AbortController()
  /** Endings being written: sends of one run that end together end it once. */
  const endings = new Map<RunId, Promise<Ending['state']>>()
  /** Runs whose only send is in hand: they end with it, without asking the store again. */
  const single = new Set<RunId>()
  /** Mailboxes of the runs in hand, for who settles them. */
  const places = new Map<RunId, MailboxName>()
  /** Timers of runs that wait for a mailbox; what they wait for is in the ledger too. */
  const comingBack = new Set<() => void>()
  let stopped = false
  let claiming: Promise<void> | null = null
  /** The worker can compute. */
  let warm: Promise<void> = Promise.resolve()
  let claimAgain = false

  const shield = makeShield({ store, versions, events, insist, clock, log })
  const outbox = makeOutbox({
    store, versions, hand, insist, clock, log, random: deps.random, sender: deps.sender,
    choose: makeUnknownChoice({ versions, clock, random: deps.random, isInFolder: deps.isInFolder }),
    barred: (send) => shield.barred(send),
    onOutcome, onHeld, onLine: (connection) => { events.emit({ type: 'sender.changed', connection }) },
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
      if (sends.length === 1) single.add(run)
      outbox.add([first, ...others])
    },
    onWaiting: ({ id, flow }) => {
      places.delete(id)
      events.emit({ type: 'run.waiting', run: id, flow })
    },
    onEnded: (run, { state, problem }) => finished(run.id, run.flow, state === 'failed' ? 'failed' : 'done', problem),
    onReport: ({ run }) => {
      // The run that sent it may be about to end: then by what the ledger says of its recipients, not by its last outcome alone.
      single.delete(run)
      return (reported) => { void bounced(reported).catch((error: unknown) => { log.error('run.end-failed', { run, reason: String(error) }) }) }
    },
  })

  const copies = makeCopies({ store, put: deps.putCopy, insist, clock, log })
  const deciding = makeDeciding({
    store, rewrite: deps.rewrite, versions, outbox: { ...outbox, wake: () => { outbox.wake(); copies.wake() } }, events, clock,
    runGoesOn: async (run, flow) => {
      single.delete(run)
      shield.forget({ flow })
      await endFromStore(run, flow, true)
    },
  })

  async function onOutcome(send: ClaimedSend, outcome: SendOutcome, recorded: Promise<void>): Promise<void> {
    tell(send, outcome)
    if (outcome.copy) void recorded.then(() => { copies.wake(send.id) }, () => {})
    const { what, say } = outcome.event
    const result: SendResult = { messageId: send.messageId, createdAt: send.createdAt, recipients: outcome.recipients, parked: what === 'parked', ...(what === 'held' ? { held: say } : {}) }
    // With a single send whose every recipient was in this attempt, the run's end rides in the same commit as its outcome.
    if (single.delete(send.run)) {
      await Promise.all([recorded, writeEnding(send.run, send.flow, endingOf([result]), [{ node: send.node, result }])])
      return
    }
    await recorded
    await endFromStore(send.run, send.flow)
  }

  function onHeld(send: ClaimedSend, problem: Problem): void {
    single.delete(send.run)
    places.delete(send.run)
    // Not insisted on: written late it would undo the ending that came meanwhile.
    void store.setRunState({ run: send.run, state: 'waiting', problem: { ...problem, where: send.node }, at: clock.now() })
      .then(() => { events.emit({ type: 'run.waiting', run: send.run, flow: send.flow }) })
      .catch((error: unknown) => { log.error('run.hold-failed', { run: send.run, reason: String(error) }) })
  }

  /** The run leaves the hand meanwhile: it lies in the ledger and is claimed like any other when its time has come. */
  async function onWaiting({ id, flow }: ClaimedRun, problem: Problem, ms: number): Promise<void> {
    await insist.write(() => store.setRunState({ run: id, state: 'waiting', problem, at: clock.now() }))
    places.delete(id)
    events.emit({ type: 'run.waiting', run: id, flow })
    if (stopped) return
    const callOff = clock.after(ms, () => {
      comingBack.delete(callOff)
      void insist.write(() => store.setRunState({ run: id, state: 'queued', problem: null, at: clock.now() })).then(wake)
        .catch((error: unknown) => { log.error('run.wake-failed', { run: id, reason: String(error) }) })
    })
    comingBack.add(callOff)
  }

  async function bounced({ run, flow, send, node, bounced: answers, state }: Reported): Promise<void> {
    for (const say of answers) events.emit({ type: 'send.bounced', send, run, node, say })
    if (state === 'bounced') events.emit({ type: 'run.bounced', run, flow })
    else if (answers.length > 0 && !hasEnded(state)) await endFromStore(run, flow, true)
  }

  /** Reads how all sends of a run stand and writes what that makes of the run. `again`: also of one that had ended. */
  async function endFromStore(run: RunId, flow: FlowId, again = false): Promise<void> {
    const before = endings.get(run)
    const mine = (async () => {
      const state = await before?.catch(() => undefined)
      if (!again && state !== undefined && hasEnded(state)) return state
      const results = resultsOf(await store.sendsOfRun(run))
      const ending = endingOf(results.map(({ result }) => result))
      // What had ended and gets nothing more to do stays as it ended: it is told, counted and settled once.
      if (again && hasEnded(ending.state) && (await store.runSummaries([run])).some((one) => hasEnded(one.state))) return ending.state
      await writeEnding(run, flow, ending, results)
      return ending.state
    })()
    endings.set(run, mine)
    try {
      await mine
    } finally {
      if (endings.get(run) === mine) endings.delete(run)
    }
  }

  async function writeEnding(run: RunId, flow: FlowId, ending: Ending, sends: ReturnType<typeof resultsOf>): Promise<void> {
    const now = clock.now()
    const steps = sends.map(({ node, result }) => {
      const own = endingOf([result])
      return insist.write(() => store.recordStep(run, { node, state: stepStateOf(own), startedAt: result.createdAt, durationMs: Math.max(0, Date.parse(now) - Date.parse(result.createdAt)), outputJson: JSON.stringify(sentOutput(result)), problem: own.problem && { ...own.problem, where: node } }))
    })
    await Promise.all([...steps, insist.write(() => store.setRunState({ run, state: ending.state, problem: ending.problem, at: now }))])
    if (hasEnded(ending.state)) finished(run, flow, ending.state, ending.problem)
    else if (ending.state !== 'running') {
      places.delete(run)
      events.emit({ type: `run.${ending.state}`, run, flow })
    }
  }

  function finished(run: RunId, flow: FlowId, state: EndedState, problem: Problem | null): void {
    events.emit({ type: 'run.finished', run, flow, state, problem, mailbox: places.get(run) ?? null })
    places.delete(run)
    if (problem) log.warn('run.failed', { run, flow, code: problem.code })
  }

  function tell(send: ClaimedSend, outcome: SendOutcome): void {
    const { id, run, node } = send
    const of = (state: string) => outcome.recipients.some((recipient) => recipient.state === state)
    if (of('sent')) events.emit({ type: 'send.sent', send: id, run, node })
    for (const state of ['deferred', 'refused', 'unknown'] as const) {
      if (of(state)) events.emit({ type: `send.${state}`, send: id, run, node, say: outcome.event.say })
    }
  }

  function begin(runs: readonly ClaimedRun[]): Promise<void> {
    for (const run of runs) places.set(run.id, { connection: run.connection, folder: run.folder })
    return runFlow.begin(runs)
  }

  function wake(): void {
    if (stopped) return
    if (claiming) {
      claimAgain = true
      return
    }
    claiming = claimQueued()
      .catch((error: unknown) => { log.error('engine.claim-failed', { reason: String(error) }) })
      .finally(() => {
        claiming = null
        if (claimAgain) {
          claimAgain = false
          wake()
        }
      })
  }

  async function claimQueued(): Promise<void> {
    await warm
    for (;;) {
      const leave = await hand.room(claimBatch, stopping.signal)
      try {
        if (stopped) return
        // Insisted on: nobody else would ask again for the runs that wait while the disk is full.
        const runs = await insist.write(() => store.claimRuns(claimBatch))
        if (runs.length === 0) return
        const written = begin(runs)
        // The store hands a suspect out alone; the next one waits until it is through.
        if (runs.some((run) => run.attempts >= suspectAttempts)) await written
      } finally {
        leave()
      }
    }
  }

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
      if (record) await endFromStore(run, record.flow)
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
      await claiming
      await runFlow.idle()
      await sent
      await copied
    },
  }
}
