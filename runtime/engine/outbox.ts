/**
 * Sends what the ledger's outbox holds: one line per connection, and in hand only what a line can soon send. What is not
 * in hand lies safely in the store and comes back by `dueSends`.
 */
import { problemOf } from '#shared/errors.ts'
import type { ConnectionId, SendId } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Sender } from '../mail/smtp/sender.ts'
import { sizeOfRaw } from '../raw.ts'
import type { ClaimedSend, SendOutcome, Store } from '../store/store.ts'
import { makeDueRows } from './due-rows.ts'
import type { Hand } from './hand.ts'
import { makeHandOver } from './hand-over.ts'
import type { Insist } from './insist.ts'
import { type Line, makeLine } from './line.ts'
import type { UnknownChoice } from './unknown.ts'
import type { Versions } from './versions.ts'

export interface OutboxDeps {
  readonly store: Store
  readonly versions: Versions
  readonly sender: (connection: ConnectionId) => Promise<Sender>
  readonly choose: UnknownChoice
  readonly barred: (send: ClaimedSend) => SendOutcome | null
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

export interface Outbox {
  /** Rows just written to the ledger go in line without being read again. */
  add(sends: readonly ClaimedSend[]): void
  /** Looks for due rows: at start, after a person's decision, when a connection was changed. */
  wake(): void
  /** Takes a row out of its line and lets nobody have it until it is released; null while it is on the wire. */
  reserve(send: SendId): (() => void) | null
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
    passOver: () => ({ inHand, resting: new Set([...lines.values()].filter((line) => line.isResting()).map((line) => line.connection)) }),
  })
  const handOver = makeHandOver({
    ...deps, pause, letGo, wake: rows.wake, ringAt: rows.ringAt,
    pump: (line) => { void pump(line) },
    // A line that had failed is well again: what lies behind its probes is fetched.
    answered: (line) => { if (line.answered()) rows.wake() },
    isInHand: (send) => inHand.has(send.id),
  })

  const lineOf = (connection: ConnectionId): Line => {
    const known = lines.get(connection)
    if (known) return known
    const line = makeLine(connection, deps)
    lines.set(connection, line)
    return line
  }

  function add(sends: readonly ClaimedSend[]): void {
    for (const send of sends) {
      if (inHand.has(send.id)) continue
      const line = lineOf(send.connection)
      if (stopped) continue
      if (line.isResting()) {
        deps.onHeld(send, line.say())
        continue
      }
      inHand.add(send.id)
      line.held += 1
      hand.take(sizeOfRaw(send.raw))
      line.queue.push(send)
      void pump(line)
    }
  }

  function letGo(line: Line, send: ClaimedSend): void {
    if (!inHand.delete(send.id)) return
    hand.release(sizeOfRaw(send.raw))
    line.held -= 1
    // The rows behind the probes are in nobody's hand; whatever became of the probes, they are looked for.
    if (line.isFailing() && line.held === 0 && !line.isPaused()) rows.wake()
  }

  async function pump(line: Line): Promise<void> {
    if (line.pumping) return
    line.pumping = true
    try {
      while (!stopped && line.queue.length > 0 && !line.isPaused()) {
        const sender = await deps.sender(line.connection)
        const room = sender.free() - line.marking
        if (room <= 0) return
        const batch = line.queue.splice(0, room)
        track(handOver(line, sender, batch))
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

  /** Closes the line for a while; what stands in it goes back to the store, where it lies as `ready`. */
  function pause(line: Line, error: unknown): void {
    const waitMs = line.close(error)
    if (waitMs !== null) rows.ringIn(waitMs + 1)
    for (const send of line.queue.splice(0)) {
      letGo(line, send)
      deps.onHeld(send, line.say())
    }
  }

  function reserve(id: SendId): (() => void) | null {
    if (inHand.has(id)) {
      const line = [...lines.values()].find(({ queue }) => queue.some((send) => send.id === id))
      const [waiting] = line?.queue.splice(line.queue.findIndex((send) => send.id === id), 1) ?? []
      if (!line || !waiting) return null
      letGo(line, waiting)
    }
    inHand.add(id)
    return () => { inHand.delete(id) }
  }

  function reopen(connection: ConnectionId): void {
    lines.get(connection)?.reopen()
    rows.wake()
  }

  return {
    add,
    wake: rows.wake,
    reopen,
    reserve,
    stop: async () => {
      stopped = true
      stopping.abort()
      rows.stop()
      for (const line of lines.values()) for (const send of line.queue.splice(0)) letGo(line, send)
      await Promise.all(onTheWire)
    },
  }
}
