/**
 * The blast shield: before a run's mails are written into the outbox it says whether they may go, must be held for a
 * person, and whether the flow must stop. All of it from memory; the ledger is asked once per flow, and where something
 * trips. What it decides is written in the commit that writes the mails, so that no crash lets one go that is held.
 */
import { fault, type Problem, problemOf } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import { type ConnectionId, type FlowId, runId } from '#shared/ids.ts'
import { defaultSending, namedAddresses } from '#shared/sending/safety.ts'
import type { Clock } from '#runtime/clock.ts'
import { shieldCounts } from '#runtime/limits.ts'
import type { Log } from '#runtime/log.ts'
import type { ClaimedRun, ClaimedSend, SendOutcome, Store } from '#runtime/store/store.ts'
import type { ComposedSend } from '../compute.ts'
import type { Insist } from '../insist.ts'
import type { Versions } from '../versions.ts'
import { type Counts, makeCounts } from './counts.ts'
import { judge } from './judge.ts'

export interface ShieldDeps {
  readonly store: Pick<Store, 'flowPauses' | 'pauseFlow' | 'sentLately' | 'approvalsOf' | 'run' | 'connection'>
  readonly versions: Versions
  readonly events: EventStream
  readonly insist: Insist
  readonly clock: Clock
  readonly log: Log
}
export type Verdict =
  | { readonly hold: null; readonly pause: false }
  /** `pause`: the flow must stop with it, by `pauseFlow`. */
  | { readonly hold: Problem; readonly pause: boolean }

export interface Shield {
  /** Reads which flows are paused. */
  start(): Promise<void>
  admit(run: ClaimedRun, sends: readonly ComposedSend[]): Promise<Verdict>
  /** The flow's own mail came back: whether that is proved, because this ledger knows a run by which it went out. */
  cameBack(flow: FlowId, runs: readonly string[]): Promise<boolean>
  /** Also when it was stopped before. Durable when it resolves; queued at once, so that it rides in the commit of what is written in the same turn. */
  pauseFlow(flow: FlowId, problem: Problem): Promise<void>
  /** What to record of a row that stands in line and may not go out now: its flow was paused meanwhile, and nobody let it go. */
  barred(send: ClaimedSend): SendOutcome | null
  /** Addresses of a mailbox. */
  selfOf(connection: ConnectionId): Promise<readonly string[]>
  /** A connection was changed, a mail of a version let go. */
  forget(what: { readonly connection: ConnectionId } | { readonly flow: FlowId }): void
  stop(): void
}

export function makeShield({ store, versions, events, insist, clock, log }: ShieldDeps): Shield {
  const paused = new Map<FlowId, Problem>()
  const counts = new Map<FlowId, Promise<Counts>>()
  /** By flow and version: how many of its mails a person has let go; Infinity when none is held for a first look any more. */
  const seen = new Map<string, Promise<number>>()
  const selves = new Map<ConnectionId, Promise<readonly string[]>>()

  const letGo = (flow: FlowId): void => {
    counts.delete(flow)
    for (const key of seen.keys()) if (key.startsWith(`${flow}@`)) seen.delete(key)
  }
  /** Flows that are being stopped here; any other stop is a person's. */
  const pausing = new Set<FlowId>()
  // A person has looked at the flow: it counts anew, from the moment that the ledger knows too.
  const stopListening = events.subscribe((event) => {
    if (event.type === 'flow.deployed' || (event.type === 'flow.stopped' && !pausing.has(event.flow))) {
      paused.delete(event.flow)
      letGo(event.flow)
    }
  })
  async function countsOf(flow: FlowId, version: number): Promise<Counts> {
    const made = makeCounts()
    const named = namedAddresses((await versions.get(flow, version)).nodes)
    const since = new Date(Date.parse(clock.now()) - 24 * 3600_000).toISOString()
    for (const { at, recipients } of await store.sentLately(flow, since, shieldCounts.mails)) {
      const atMs = Date.parse(at)
      const strangers = [...new Set(recipients.map((recipient) => recipient.toLowerCase()))].filter((address) => !named.has(address))
      const people = strangers.map((address) => {
        const person = made.person(address, atMs)
        return { address, person: { ...person, sentMs: [...person.sentMs, atMs].slice(-shieldCounts.each) } }
      })
      made.add({ atMs, all: true, strangers: strangers.length > 0, people })
    }
    return made
  }

  const seenOf = async (flow: FlowId, version: number): Promise<number> => {
    const { mails, trusted } = await store.approvalsOf(flow, version)
    return trusted ? Infinity : mails
  }

  return {
    start: async () => { for (const { flow, problem } of await store.flowPauses()) paused.set(flow, problem) },

    admit: async (run, sends) => {
      const { sending = defaultSending } = await versions.get(run.flow, run.version)
      const known = await kept(counts, run.flow, () => countsOf(run.flow, run.version))
      const looked = sending.approveFirst > 0 ? await kept(seen, `${run.flow}@${run.version}`, () => seenOf(run.flow, run.version)) : Infinity
      // From here on nothing is waited for: of two runs that are judged at once, the second counts the first.
      const pause = paused.get(run.flow)
      if (pause) return { hold: pause, pause: false }
      const nowMs = Date.parse(clock.now())
      const verdict = judge(known, sending, { mails: sends.map(({ shielded }) => shielded), nowMs, arrivedMs: arrivalOf(run) })
      if (!verdict.ok) {
        paused.set(run.flow, verdict.problem)
        return { hold: verdict.problem, pause: true }
      }
      if (looked < sending.approveFirst) return { hold: problemOf(fault('SEND_FIRST_LOOK', { count: sending.approveFirst, version: run.version })), pause: false }
      verdict.take()
      return { hold: null, pause: false }
    },

    cameBack: async (flow, runs) => {
      for (const id of runs) if ((await store.run(runId(id)))?.flow === flow) return true
      return false
    },

    pauseFlow: async (flow, problem) => {
      paused.set(flow, problem)
      await insist.write(() => store.pauseFlow({ flow, at: clock.now(), problem }))
      log.warn('flow.paused', { flow, code: problem.code })
      pausing.add(flow)
      events.emit({ type: 'flow.stopped', flow })
      pausing.delete(flow)
    },

    barred: (send) => {
      const pause = send.approved ? undefined : paused.get(send.flow)
      return pause ? heldOutcome(send, pause, clock.now()) : null
    },

    selfOf: (connection) => kept(selves, connection, async () => {
      const { user = '', mailbox = '' } = (await store.connection(connection)) ?? {}
      return [...new Set([user, mailbox].filter((name) => name.includes('@')).map((name) => name.toLowerCase()))]
    }),

    forget: (what) => {
      if ('connection' in what) selves.delete(what.connection)
      else for (const key of seen.keys()) if (key.startsWith(`${what.flow}@`)) seen.delete(key)
    },

    stop: stopListening,
  }
}

/** Read once; a reading that failed is tried again by whoever asks next. */
function kept<K, V>(known: Map<K, Promise<V>>, key: K, read: () => Promise<V>): Promise<V> {
  const there = known.get(key)
  if (there) return there
  const reading = read()
  known.set(key, reading)
  reading.catch(() => { known.delete(key) })
  return reading
}

/** A mail that lay in its mailbox for long came when the server says; one from the future came when it was taken in. */
const arrivalOf = ({ receivedAt, queuedAt }: ClaimedRun): number => Math.min(Date.parse(queuedAt), receivedAt === null ? Infinity : Date.parse(receivedAt))

/** Of an unknown one a person is asked whether it went out, which is more than whether it may. */
const heldOutcome = (send: ClaimedSend, { say }: Problem, at: string): SendOutcome => ({
  send: send.id, at, nextAttemptAt: null, event: { at, what: send.unknown ? 'parked' : 'held', say },
  recipients: send.recipients.map((address) => ({ address, state: send.unknown ? 'unknown' : 'held', answer: '' })),
})
