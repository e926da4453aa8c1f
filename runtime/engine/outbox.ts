/**
 * Sends what the ledger's outbox holds: one line per connection, a row marked `sending` and durable before its first
 * SMTP byte, its outcome written before anything else happens to it. What is not in hand lies safely in the store and
 * comes back by `dueSends`.
 */
import { problemOf, retryOf } from '#shared/errors.ts'
import type { ConnectionId, SendId } from '#shared/ids.ts'
import { reconnectDelayMs } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import { at } from '../faults.ts'
import type { Log } from '../log.ts'
import type { Sender } from '../mail/smtp/sender.ts'
import { sizeOfRaw } from '../raw.ts'
import type { ClaimedSend, SendOutcome, Store } from '../store/store.ts'
import { configOf, type Versions } from './versions.ts'
import type { Hand } from './hand.ts'
import { outcomeOf } from './outcome.ts'
import type { UnknownChoice } from './unknown.ts'

/** Rows read from the store at once when some are due. */
const dueBatch = 64
/** A login the server refused is not tried again for this long: most providers lock the account after 5 to 10 tries. */
const loginPauseMs = 15 * 60_000
/** setTimeout's own bound is 24.8 days; a day is soon enough to look again. */
const longestWaitMs = 24 * 3600_000

export interface OutboxDeps {
  readonly store: Store
  readonly versions: Versions
  readonly sender: (connection: ConnectionId) => Promise<Sender>
  readonly choose: UnknownChoice
  readonly hand: Hand
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** The outcome is queued for the same commit as what this queues. */
  readonly onOutcome: (send: ClaimedSend, outcome: SendOutcome, recorded: Promise<void>) => Promise<void>
  /** The line is closed for a while: the row lies in the ledger untouched and comes back when it opens. */
  readonly onHeld: (send: ClaimedSend, say: string) => void
}

interface Line {
  readonly connection: ConnectionId
  readonly queue: ClaimedSend[]
  /** Rows being marked `sending`, for which a session is set aside. */
  marking: number
  failures: number
  /** Steady time before which nothing is sent; 0 when the line is open. */
  pausedUntilMs: number
  /** Why it was closed, in words. */
  say: string
  pumping: boolean
}

export interface Outbox {
  /** Rows just written to the ledger go in line without being read again. */
  add(sends: readonly ClaimedSend[]): void
  /** Looks for due rows: at start, after a person's decision, when a connection was changed. */
  wake(): void
  /** A changed connection is tried at once. */
  reopen(connection: ConnectionId): void
  /** Nothing new is begun; resolves when what is on the wire has its outcome in the ledger. */
  stop(): Promise<void>
}

export function makeOutbox(deps: OutboxDeps): Outbox {
  const { store, clock, hand, log } = deps
  const lines = new Map<ConnectionId, Line>()
  const inHand = new Set<SendId>()
  const onTheWire = new Set<Promise<void>>()
  let stopped = false
  let looking = false
  let lookAgain = false
  let cancelTimer = () => {}

  const lineOf = (connection: ConnectionId): Line => {
    const known = lines.get(connection)
    if (known) return known
    const line: Line = { connection, queue: [], marking: 0, failures: 0, pausedUntilMs: 0, say: '', pumping: false }
    lines.set(connection, line)
    return line
  }
  const isPaused = (line: Line) => line.pausedUntilMs > clock.steadyMs()

  function add(sends: readonly ClaimedSend[]): void {
    for (const send of sends) {
      if (inHand.has(send.id)) continue
      const line = lineOf(send.connection)
      if (stopped) continue
      if (isPaused(line)) {
        deps.onHeld(send, line.say)
        continue
      }
      inHand.add(send.id)
      hand.take(sizeOfRaw(send.raw))
      line.queue.push(send)
      void pump(line)
    }
  }

  function letGo(send: ClaimedSend): void {
    inHand.delete(send.id)
    hand.release(sizeOfRaw(send.raw))
  }

  async function pump(line: Line): Promise<void> {
    if (line.pumping) return
    line.pumping = true
    try {
      while (!stopped && line.queue.length > 0 && !isPaused(line)) {
        const sender = await deps.sender(line.connection)
        const room = sender.free() - line.marking
        if (room <= 0) return
        const batch = line.queue.splice(0, room)
        track(sendBatch(line, sender, batch))
      }
    } catch (error) {
      // The connection itself is missing or its password unreadable: nothing was begun, all of it waits.
      pause(line, error)
    } finally {
      line.pumping = false
    }
  }

  function track(work: Promise<void>): void {
    const done = work.catch((error: unknown) => { log.error('outbox.broke', { reason: problemOf(error).say }) }).finally(() => { onTheWire.delete(done) })
    onTheWire.add(done)
  }

  async function sendBatch(line: Line, sender: Sender, batch: readonly ClaimedSend[]): Promise<void> {
    line.marking += batch.length
    let ready: readonly ClaimedSend[] = []
    try {
      ready = await judgeUnknown(batch)
      if (ready.length === 0) return
      at('before-mark-sending')
      await store.markSending(ready.map((send) => send.id), clock.now())
      at('after-mark-sending')
    } catch (error) {
      // Not durable, so not sent: the rows stay as they were and come back when the store takes writes again.
      for (const send of batch) if (inHand.has(send.id)) letGo(send)
      pause(line, error)
      return
    } finally {
      line.marking -= batch.length
    }
    await Promise.all(ready.map((send) => sendOne(line, sender, send)))
  }

  /** Rows of which nobody knows whether they went out are sent again only if the flow's choice says so. */
  async function judgeUnknown(batch: readonly ClaimedSend[]): Promise<readonly ClaimedSend[]> {
    if (!batch.some((send) => send.unknown)) return batch
    const judged = await Promise.all(batch.map(async (send) => {
      if (!send.unknown) return send
      const outcome = await deps.choose(send)
      if (outcome === 'send') return send
      await deps.onOutcome(send, outcome, store.recordOutcome(outcome))
      letGo(send)
      return null
    }))
    return judged.filter((send) => send !== null)
  }

  async function sendOne(line: Line, sender: Sender, send: ClaimedSend): Promise<void> {
    const retry = configOf(await deps.versions.get(send.flow, send.version), send.node, 'send-email').retry
    let outcome: SendOutcome
    try {
      const delivery = await sender.deliver({ from: send.from, to: send.recipients }, send.raw)
      at('after-smtp-answer')
      line.failures = 0
      outcome = outcomeOf({ send, recipients: delivery.recipients, retry, at: clock.now(), random: deps.random() })
    } catch (error) {
      outcome = notSent(send, line, pause(line, error))
    }
    void pump(line)
    try {
      await deps.onOutcome(send, outcome, store.recordOutcome(outcome))
      at('after-record-outcome')
    } finally {
      letGo(send)
    }
    if (outcome.nextAttemptAt !== null) schedule()
  }

  /** The mail certainly did not leave: it waits as long as the line does, within the time it has. */
  function notSent(send: ClaimedSend, line: Line, pausedMs: number): SendOutcome {
    const now = clock.now()
    const recipients = send.recipients.map((address) => ({ address, state: 'deferred' as const, answer: line.say }))
    const seconds = pausedMs / 1000
    return outcomeOf({ send, recipients, retry: { firstSeconds: seconds, factor: 1, maxSeconds: seconds, giveUpHours: 1 }, at: now, random: 0.5 })
  }

  /** Closes the line for a while; what stands in it goes back to the store, where it lies as `ready`. Returns for how long. */
  function pause(line: Line, error: unknown): number {
    const problem = problemOf(error)
    const person = retryOf(problem.code) === 'person'
    line.failures += 1
    const waitMs = person ? loginPauseMs : reconnectDelayMs(line.failures, deps.random())
    if (!isPaused(line)) log.warn('outbox.paused', { connection: line.connection, code: problem.code, ms: waitMs })
    line.say = problem.say
    line.pausedUntilMs = clock.steadyMs() + waitMs
    for (const send of line.queue.splice(0)) {
      letGo(send)
      deps.onHeld(send, line.say)
    }
    schedule()
    return waitMs
  }

  function reopen(connection: ConnectionId): void {
    const line = lines.get(connection)
    if (line) {
      line.pausedUntilMs = 0
      line.failures = 0
    }
    wake()
  }

  function wake(): void {
    if (stopped) return
    if (looking) {
      lookAgain = true
      return
    }
    looking = true
    track(lookForDue().finally(() => {
      looking = false
      if (lookAgain) {
        lookAgain = false
        wake()
      }
    }))
  }

  async function lookForDue(): Promise<void> {
    for (;;) {
      await hand.room()
      if (stopped) return
      const paused = new Set([...lines.values()].filter(isPaused).map((line) => line.connection))
      const due = await store.dueSends(clock.now(), dueBatch, inHand, paused)
      add(due)
      if (due.length < dueBatch) break
    }
    schedule()
  }

  /** One timer for whatever comes first: the next deferred row, or the end of a pause. */
  function schedule(): void {
    if (stopped) return
    void store.nextSendAt(clock.now()).then((next) => {
      if (stopped) return
      const waits = [...lines.values()].filter(isPaused).map((line) => line.pausedUntilMs - clock.steadyMs())
      if (next !== null) waits.push(Date.parse(next) - Date.parse(clock.now()))
      if (waits.length === 0) return
      cancelTimer()
      cancelTimer = clock.after(Math.min(longestWaitMs, Math.max(10, Math.min(...waits) + 1)), wake)
    })
  }

  return {
    add,
    wake,
    reopen,
    stop: async () => {
      stopped = true
      cancelTimer()
      for (const line of lines.values()) for (const send of line.queue.splice(0)) letGo(send)
      await Promise.all(onTheWire)
    },
  }
}
