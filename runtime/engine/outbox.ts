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
import { attempt } from './attempt.ts'
import { makeDueRows } from './due-rows.ts'
import type { Versions } from './versions.ts'
import type { Hand } from './hand.ts'
import type { Insist } from './insist.ts'
import type { UnknownChoice } from './unknown.ts'

/** A login the server refused is not tried again for this long: most providers lock the account after 5 to 10 tries. */
const loginPauseMs = 15 * 60_000
/** In hand for a line whose last attempt failed, until one gets an answer: a server that hangs must not fill the hand that all lines share. */
const probeSends = 5

export interface OutboxDeps {
  readonly store: Store
  readonly versions: Versions
  readonly sender: (connection: ConnectionId) => Promise<Sender>
  readonly choose: UnknownChoice
  readonly hand: Hand
  readonly insist: Insist
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
  /** Rows of this line in hand: in the queue, being marked, or on the wire. */
  held: number
  /** Steady time before which nothing is sent; 0 when the line is open. */
  pausedUntilMs: number
  /** How often it was opened anew by a change of the connection: what an attempt with the old account met closes nothing. */
  opened: number
  /** Why it was closed, in words. */
  say: string
  pumping: boolean
}

export interface Outbox {
  /** Rows just written to the ledger go in line without being read again. */
  add(sends: readonly ClaimedSend[]): void
  /** Looks for due rows: at start, after a person's decision, when a connection was changed. */
  wake(): void
  /** Whether the row is on the wire or stands in line: nobody may decide about it now. */
  isInHand(send: SendId): boolean
  /** A changed connection is tried at once. */
  readonly reopen: (connection: ConnectionId) => void
  /** Nothing new is begun; resolves when what is on the wire has its outcome in the ledger. */
  stop(): Promise<void>
}

export function makeOutbox(deps: OutboxDeps): Outbox {
  const { store, clock, hand, log } = deps
  const lines = new Map<ConnectionId, Line>()
  const inHand = new Set<SendId>()
  const onTheWire = new Set<Promise<void>>()
  const stopping = new AbortController()
  let stopped = false
  const rows = makeDueRows({
    store, clock, log, add, track,
    room: async () => { (await hand.room(0, stopping.signal))() },
    // Not asked for: what is in hand already, and what a closed line would only give back.
    passOver: () => ({ inHand, resting: new Set([...lines.values()].filter((line) => isPaused(line) || isProbed(line)).map((line) => line.connection)) }),
  })

  const lineOf = (connection: ConnectionId): Line => {
    const known = lines.get(connection)
    if (known) return known
    const line: Line = { connection, queue: [], marking: 0, failures: 0, held: 0, pausedUntilMs: 0, opened: 0, say: '', pumping: false }
    lines.set(connection, line)
    return line
  }
  const isPaused = (line: Line) => line.pausedUntilMs > clock.steadyMs()
  const isProbed = (line: Line) => line.failures > 0 && line.held >= probeSends

  function add(sends: readonly ClaimedSend[]): void {
    for (const send of sends) {
      if (inHand.has(send.id)) continue
      const line = lineOf(send.connection)
      if (stopped) continue
      if (isPaused(line) || isProbed(line)) {
        deps.onHeld(send, line.say)
        continue
      }
      inHand.add(send.id)
      line.held += 1
      hand.take(sizeOfRaw(send.raw))
      line.queue.push(send)
      void pump(line)
    }
  }

  function letGo(send: ClaimedSend): void {
    if (!inHand.delete(send.id)) return
    hand.release(sizeOfRaw(send.raw))
    const line = lineOf(send.connection)
    line.held -= 1
    // The rows behind the probes are in nobody's hand; whatever became of the probes, they are looked for.
    if (line.failures > 0 && line.held === 0 && !isPaused(line)) rows.wake()
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
    const { opened } = line
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
      // Places were set aside for rows that went another way: whoever stands behind them may have them.
      if (ready.length < batch.length) void pump(line)
    }
    await Promise.all(ready.map((send) => sendOne(line, sender, send, opened)))
  }

  /** Rows of which nobody knows whether they went out are sent again only if the flow's choice says so. */
  async function judgeUnknown(batch: readonly ClaimedSend[]): Promise<readonly ClaimedSend[]> {
    if (!batch.some((send) => send.unknown)) return batch
    const judged = await Promise.all(batch.map(async (send) => {
      if (!send.unknown) return send
      const outcome = await deps.choose(send)
      if (outcome === 'send') return send
      try {
        await deps.onOutcome(send, outcome, deps.insist.write(() => store.recordOutcome(outcome)))
      } finally {
        letGo(send)
      }
      rows.ringAt(outcome.nextAttemptAt)
      return null
    }))
    return judged.filter((send) => send !== null)
  }

  async function sendOne(line: Line, sender: Sender, send: ClaimedSend, opened: number): Promise<void> {
    let held = false
    try {
      const { outcome, fault } = await attempt(send, sender, deps)
      if (fault === null) answered(line)
      else if (opened === line.opened) pause(line, fault)
      held = outcome.event.what === 'deferred' && fault !== null
      void pump(line)
      const recorded = deps.insist.write(() => store.recordOutcome(outcome))
      if (held) {
        await recorded
        deps.onHeld(send, outcome.event.say)
      } else await deps.onOutcome(send, outcome, recorded)
      at('after-record-outcome')
      rows.ringAt(outcome.nextAttemptAt)
    } finally {
      letGo(send)
      // The pause may have ended, or the connection been changed, while the row was still in hand.
      if (held && !isPaused(line)) rows.wake()
    }
  }

  /** A line that had failed is well again: what lies behind its probes is fetched. */
  function answered(line: Line): void {
    if (line.failures === 0) return
    line.failures = 0
    rows.wake()
  }

  /**
   * Closes the line for a while; what stands in it goes back to the store, where it lies as `ready`. Mails that were on
   * the wire together meet the same trouble together, which counts once.
   */
  function pause(line: Line, error: unknown): void {
    const problem = problemOf(error)
    if (!isPaused(line)) {
      const person = retryOf(problem.code) === 'person'
      line.failures += 1
      const waitMs = person ? loginPauseMs : reconnectDelayMs(line.failures, deps.random())
      log.warn('outbox.paused', { connection: line.connection, code: problem.code, ms: waitMs })
      line.say = problem.say
      line.pausedUntilMs = clock.steadyMs() + waitMs
      rows.ringIn(waitMs + 1)
    }
    for (const send of line.queue.splice(0)) {
      letGo(send)
      deps.onHeld(send, line.say)
    }
  }

  function reopen(connection: ConnectionId): void {
    const line = lines.get(connection)
    if (line) {
      line.pausedUntilMs = 0
      line.failures = 0
      line.opened += 1
    }
    rows.wake()
  }

  return {
    add,
    wake: rows.wake,
    reopen,
    isInHand: (send) => inHand.has(send),
    stop: async () => {
      stopped = true
      stopping.abort()
      rows.stop()
      for (const line of lines.values()) for (const send of line.queue.splice(0)) letGo(send)
      await Promise.all(onTheWire)
    },
  }
}
