/**
 * Sends what the ledger's outbox holds: one line per connection, and in hand only what a line can soon send. What is not
 * in hand lies safely in the store and comes back by `dueSends`.
 */
import type { SenderStatus } from '#shared/connection.ts'
import { fault, type Problem, problemOf, sayError } from '#shared/errors.ts'
import type { ConnectionId, FlowId, SendId } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Sender } from '../mail/smtp/sender.ts'
import { sizeOfRaw } from '../raw.ts'
import type { SendQueue } from '../store/due-sends.ts'
import type { ClaimedSend, SendOutcome, Store } from '../store/store.ts'
import { makeDueRows } from './due-rows.ts'
import { limitWait, makeFlowPaces, type Wait } from './flow-pace.ts'
import type { Hand } from './hand.ts'
import { makeHandOver } from './hand-over.ts'
import type { Insist } from './insist.ts'
import { type Line, type LineDeps, makeLine } from './line.ts'
import { addMs } from './retry.ts'
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
  /** It may not go yet: the row lies in the ledger untouched and comes back when it may. */
  readonly onHeld: (send: ClaimedSend, problem: Problem) => void
  readonly onLine: LineDeps['onLine']
}

export interface Outbox {
  /** What was sent lately counts for the limits; before anything else. */
  begin(): Promise<void>
  /** Rows just written to the ledger go in line without being read again. */
  add(sends: readonly ClaimedSend[]): void
  /** A row just written that has a time of its own. */
  addLater(send: ClaimedSend, at: string): void
  /** A person wants these sent now, whatever their flow says of when and how fast. */
  addNow(sends: readonly ClaimedSend[]): void
  /** Looks for due rows: at start, after a person's decision, when a connection was changed. */
  wake(): void
  /** Takes a row out of its line and lets nobody have it until it is released; null while it is on the wire. */
  reserve(send: SendId): (() => void) | null
  /** Why due rows of this queue do not go; null when nothing is in their way. */
  readonly waitOf: (queue: SendQueue) => Wait | null
  /** How the line of a connection is; null: nothing was sent over it since the start. */
  readonly statusOf: (connection: ConnectionId) => Omit<SenderStatus, 'connection'> | null
  /** A changed connection is tried at once; so is one that a person wants tried. */
  readonly reopen: (connection: ConnectionId) => void
  /** A flow has a new version: its pace counts from now on, for what waits too. */
  readonly repace: (flow: FlowId, version: number) => void
  /** Nothing new is begun; resolves when what is on the wire has its outcome in the ledger. */
  stop(): Promise<void>
}

export function makeOutbox(deps: OutboxDeps): Outbox {
  const { store, clock, hand, log } = deps
  const lines = new Map<ConnectionId, Line>()
  const inHand = new Set<SendId>()
  /** Rows in hand that a person wants sent now. */
  const urgent = new Set<SendId>()
  const onTheWire = new Set<Promise<void>>()
  const stopping = new AbortController()
  const paces = makeFlowPaces(deps)
  let stopped = false
  const rows = makeDueRows({
    store, clock, log, inHand, track,
    add: (sends) => { for (const send of sends) enter(send) },
    room: async () => { (await hand.room(0, stopping.signal))() },
    wants: ({ connection, flow }) => {
      const line = lines.get(connection)
      const flowRoom = paces.room(flow)
      // What stands in line is not counted yet.
      return line ? Math.min(line.room(), line.count.room(line.limits, clock.steadyMs()) - line.queue.size(), flowRoom - line.queue.size(flow)) : flowRoom
    },
    goesOnAt: () => [...lines.values()].flatMap((line) => goesOnAt(line) ?? []).sort()[0] ?? null,
    behind: ({ connection, flow }, isBehind) => {
      if (isBehind) lineOf(connection).behind.add(flow)
      else lines.get(connection)?.behind.delete(flow)
    },
  })
  const handOver = makeHandOver({
    ...deps, pause, letGo, wake: rows.wake, ringAt: rows.ringAt,
    pump: (line) => { void pump(line) },
    // A line that had failed is well again: what lies behind its probes is fetched.
    answered: (line, event, trouble) => {
      const now = line.answered(event, trouble)
      if (now === 'again') rows.wake()
      else if (now === 'trouble') pause(line, fault('SEND_SERVER_BUSY', { answer: trouble ?? '' }))
    },
    standAgain: stand,
    uncount: (line, send, agoMs) => { count(line, send.flow, -1, agoMs) },
    isInHand: (send) => inHand.has(send.id),
  })

  const lineOf = (connection: ConnectionId): Line => {
    const known = lines.get(connection)
    if (known) return known
    const line = makeLine(connection, deps)
    lines.set(connection, line)
    return line
  }
  const count = (line: Line, flow: FlowId, mails: number, agoMs = 0): void => {
    const now = clock.steadyMs()
    line.count.add(mails, now, agoMs)
    paces.count(flow).add(mails, now, agoMs)
  }
  const lineWait = (line: Line): Wait | null =>
    (line.room() === 0 ? { problem: line.problem(), at: line.opensAt() } : limitWait(line.count, line.limits, 'connection', clock))
  const waitOf = ({ connection, flow }: SendQueue): Wait | null => {
    const line = lines.get(connection)
    return (line && lineWait(line)) ?? paces.wait(flow)
  }

  /** When what lies behind a line in the ledger may go on at the earliest. */
  const goesOnAt = (line: Line): string | null => [...line.behind].flatMap((flow) => waitOf({ connection: line.connection, flow })?.at ?? []).sort()[0] ?? null

  function add(sends: readonly ClaimedSend[]): void {
    for (const send of sends) {
      if (stopped || inHand.has(send.id)) continue
      const wait = waitOf(send)
      if (wait !== null) hold(lineOf(send.connection), send, wait)
      // Older ones of its flow lie in the ledger still: it is read behind them.
      else if (lineOf(send.connection).behind.has(send.flow)) rows.wake()
      else enter(send)
    }
  }

  function enter(send: ClaimedSend): void {
    if (stopped || inHand.has(send.id)) return
    const line = lineOf(send.connection)
    inHand.add(send.id)
    line.held += 1
    hand.take(sizeOfRaw(send.raw))
    stand(line, send)
  }

  function stand(line: Line, send: ClaimedSend): void {
    line.queue.push(urgent.has(send.id) ? urgentLane : send.flow, send)
    void pump(line)
  }

  function addNow(sends: readonly ClaimedSend[]): void {
    for (const send of sends) {
      if (stopped || inHand.has(send.id)) continue
      const line = lineOf(send.connection)
      const wait = lineWait(line)
      if (wait !== null) {
        hold(line, send, wait)
        continue
      }
      urgent.add(send.id)
      enter(send)
    }
  }

  /** The ledger keeps it until its wait is over. */
  function hold(line: Line, send: ClaimedSend, { problem, at }: Wait): void {
    line.behind.add(send.flow)
    rows.ringAt(at)
    deps.onHeld(send, problem)
  }

  function letGo(line: Line, send: ClaimedSend): void {
    if (!inHand.delete(send.id)) return
    urgent.delete(send.id)
    hand.release(sizeOfRaw(send.raw))
    line.held -= 1
    // The rows behind the probes are in nobody's hand; whatever became of the probes, they are looked for.
    if (line.isFailing() && line.held === 0 && !line.isPaused()) rows.wake()
  }

  async function pump(line: Line): Promise<void> {
    if (line.pumping) return
    line.pumping = true
    try {
      while (!stopped && line.queue.size() > 0 && !line.isPaused()) {
        const sender = await deps.sender(line.connection)
        line.limits = sender.limits
        for (const [, first] of line.queue.heads()) if (!paces.knows(first)) await paces.know(first)
        sendBack(line)
        const room = sender.free() - line.marking
        if (room <= 0) return
        const batch = line.queue.take(room, (lane, send) => admit(line, lane, send))
        if (batch.length === 0) return
        track(handOver(line, sender, batch))
        // They may have been the last that the limits let go.
        rows.ringAt(goesOnAt(line))
      }
    } catch (error) {
      // The connection itself is missing or its password unreadable: nothing was begun, all of it waits.
      pause(line, error)
    } finally {
      line.pumping = false
    }
  }

  /** Takes the mail's place under the limits. */
  function admit(line: Line, lane: string, send: ClaimedSend): boolean {
    if (line.count.room(line.limits, clock.steadyMs()) === 0 || (lane !== urgentLane && paces.room(send.flow) === 0)) return false
    count(line, send.flow, 1)
    return true
  }

  /** What has to wait does so in the ledger, not in a place that others could have. */
  function sendBack(line: Line): void {
    const all = limitWait(line.count, line.limits, 'connection', clock)
    for (const [lane, first] of line.queue.heads()) {
      const wait = all ?? (lane === urgentLane ? null : paces.wait(first.flow))
      if (wait === null) continue
      for (const send of line.queue.drain(lane)) {
        letGo(line, send)
        hold(line, send, wait)
      }
    }
  }

  function track(work: Promise<void>): void {
    const done = work.catch((error: unknown) => { log.error('outbox.broke', { reason: problemOf(error).say }) }).finally(() => { onTheWire.delete(done) })
    onTheWire.add(done)
  }

  /** Closes the line for a while; what stands in it goes back to the store, where it lies as `ready`. */
  function pause(line: Line, error: unknown): void {
    const waitMs = line.close(error)
    if (waitMs !== null && Number.isFinite(waitMs)) rows.ringIn(waitMs + 1)
    for (const send of line.queue.drainAll()) {
      letGo(line, send)
      line.behind.add(send.flow)
      deps.onHeld(send, line.problem())
    }
  }

  function reserve(id: SendId): (() => void) | null {
    if (inHand.has(id)) {
      const line = [...lines.values()].find(({ queue }) => queue.has(id))
      const waiting = line?.queue.remove(id)
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

  async function begin(): Promise<void> {
    const now = clock.now()
    for (const { at, connection, flow, handed } of await store.handedLately(addMs(now, -longestLimitMs))) {
      // As late within its minute as it can have been.
      const agoMs = Math.max(0, Date.parse(now) - Date.parse(at) - minuteMs)
      count(lineOf(connection), flow, handed, agoMs)
    }
  }

  return {
    begin, add, addNow,
    addLater: (send, at) => {
      rows.ringAt(at)
      deps.onHeld(send, { code: 'SEND_DELAYED', say: sayError('SEND_DELAYED'), where: '' })
    },
    wake: rows.wake,
    waitOf, reopen, reserve,
    statusOf: (connection) => lines.get(connection)?.status() ?? null,
    repace: (flow, version) => { track(paces.know({ flow, version }).then(rows.wake)) },
    stop: async () => {
      stopped = true
      stopping.abort()
      rows.stop()
      for (const line of lines.values()) for (const send of line.queue.drainAll()) letGo(line, send)
      await Promise.all(onTheWire)
    },
  }
}

/** Stands beside the flows' own; no flow has such a name. */
const urgentLane = '!'
const minuteMs = 60_000
const longestLimitMs = 24 * 3600_000
