/**
 * One run: computed by the worker, written to the ledger with what it wants to send, handed to the outbox, ended when
 * its sends have ended. A crash at any line leaves a run that recover() brings back here.
 */
import { fault, type Problem, problemOf, sayError } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import { connectionId, nodeId, type RunId, sendId } from '#shared/ids.ts'
import type { SentReport } from '#shared/run.ts'
import { delayedUntil } from '#shared/sending/pace.ts'
import type { Clock } from '../clock.ts'
import { at } from '../faults.ts'
import { maxMailBytes, poisonAttempts } from '../limits.ts'
import type { Log } from '../log.ts'
import { type Raw, sizeOfRaw } from '../raw.ts'
import type { Reported } from '../store/after-sending.ts'
import type { ClaimedRun, ClaimedSend, ComputedRun, NewSend, Store } from '../store/store.ts'
import type { Actions, Pass } from './actions.ts'
import type { ComposedSend, Computed, ComputeJob, Computer } from './compute.ts'
import type { Hand } from './hand.ts'
import type { Insist } from './insist.ts'
import type { KeepRaw } from './keep-raw.ts'
import { ourAddresses } from './our-addresses.ts'
import { addMs } from './retry.ts'
import type { Shield } from './shield/shield.ts'
import { configOf, type Versions } from './versions.ts'

export interface RunFlowDeps {
  readonly store: Store
  readonly versions: Versions
  readonly computer: Computer
  readonly actions: Actions
  readonly hand: Hand
  readonly insist: Insist
  readonly keep: KeepRaw
  readonly shield: Pick<Shield, 'selfOf' | 'admit' | 'cameBack' | 'pauseFlow'>
  readonly events: EventStream
  readonly clock: Clock
  readonly log: Log
  /** The run's sends, just written as `ready`. */
  readonly toOutbox: (run: RunId, sends: readonly { readonly send: ClaimedSend; readonly dueAt: string }[]) => void
  /** The run's mails are held: it waits for a person, durably. */
  readonly onWaiting: (run: ClaimedRun) => void
  /** A run without sends has ended, durably. */
  readonly onEnded: (run: ClaimedRun, computed: ComputedRun) => void
  /** Called before a run is written whose mail tells of one that we sent; what it returns, when that is written. */
  readonly onReport: (report: SentReport) => (reported: Reported) => void
}

export interface RunFlow {
  /** Takes runs in hand; the ledger already holds them as `running`. Resolves when each is written; rejects never. */
  begin(runs: readonly ClaimedRun[]): Promise<void>
  /** Resolves when no run is being computed or written. */
  idle(): Promise<void>
}

export function makeRunFlow(deps: RunFlowDeps): RunFlow {
  const { store, hand, log } = deps
  const open = new Set<Promise<void>>()

  async function begin(runs: readonly ClaimedRun[]): Promise<void> {
    await Promise.all(runs.map((run) => {
      hand.take(sizeOfRaw(run.raw))
      const done: Promise<void> = runOnce(run)
        .catch((error: unknown) => { log.error('run.broke', { run: run.id, reason: problemOf(error).say }) })
        .finally(() => {
          open.delete(done)
          hand.release(sizeOfRaw(run.raw))
        })
      open.add(done)
      return done
    }))
  }

  async function runOnce(run: ClaimedRun): Promise<void> {
    if (run.attempts >= poisonAttempts) {
      await end(run, failedRun(run, fault('RUN_QUARANTINED', { attempts: run.attempts }), deps.clock.now()))
      return
    }
    // A mail over the limit has its row without its bytes; a crash before its failure was written must not send an empty mail.
    if (sizeOfRaw(run.raw) === 0) {
      const limit = `${maxMailBytes / 1024 / 1024} MB`
      await end(run, failedRun(run, fault('MAIL_TOO_LARGE', { size: `more than ${limit}`, limit }), deps.clock.now()))
      return
    }
    at('before-compute')
    const pass = makePass(run)
    const first = await pass()
    const computed = 'run' in first || !first.pending ? first : await deps.actions.go(run, first, pass)
    if (computed === null) return
    at('after-compute')
    await ('run' in computed ? end(run, computed) : record(run, computed))
  }

  /** A mail whose body takes too long or too much memory still runs with its headers, from that pass on; anything else fails the run. */
  function makePass(run: ClaimedRun): Pass {
    let headersOnly = false
    return async (answers, fetched) => {
      const failed = (error: unknown) => failedRun(run, error, deps.clock.now())
      return compute(run, headersOnly, answers, fetched).catch((error: unknown) => {
        if (headersOnly || problemOf(error).code !== 'MAIL_UNREADABLE') return failed(error)
        headersOnly = true
        return compute(run, true, answers, fetched).catch(failed)
      })
    }
  }

  async function compute(run: ClaimedRun, headersOnly: boolean, answers: ComputeJob['answers'], fetched: ComputeJob['fetched']): Promise<Computed> {
    const flow = await deps.versions.get(run.flow, run.version)
    const ours = await ourAddresses(flow, run.connection, store)
    const self = inboxPattern.test(run.folder) ? await deps.shield.selfOf(run.connection) : []
    return deps.computer.compute({
      run: run.id, mail: run.mail, flow, version: run.version, start: { node: run.trigger, what: run.start }, raw: run.raw, at: run.queuedAt, explain: false, headersOnly, ours, self, ...(answers ? { answers } : {}), ...(fetched ? { fetched } : {}),
      facts: { connection: run.connection, folder: run.folder, uid: run.uid, flags: run.flags, receivedAt: run.receivedAt },
      spool: { folder: store.blobs.scratchFolder, inlineLimit: store.blobs.inlineLimit },
    })
  }

  async function record(run: ClaimedRun, computed: Computed): Promise<void> {
    const now = deps.clock.now()
    const found = { run: run.id, steps: computed.steps, mail: computed.mail, at: now, ...(computed.report ? { report: computed.report } : {}) }
    if (computed.problem !== null || computed.sends.length === 0) {
      // In the same turn as the run's end, so that both ride in one commit.
      const pausing = await pauseOf(run, computed)
      await Promise.all([end(run, { ...found, sends: [], state: computed.problem ? 'failed' : 'done', problem: computed.problem }), pausing && deps.shield.pauseFlow(run.flow, pausing)])
      return
    }
    const flow = await deps.versions.get(run.flow, run.version)
    const sends = await Promise.all(computed.sends.map(async (composed) => {
      const { retry, delay } = configOf(flow, nodeId(composed.node), 'send-email')
      const dueAt = delay === undefined ? now : delayedUntil(delay, now)
      return newSend(run, composed, await deps.keep(composed.raw), dueAt, addMs(dueAt, retry.giveUpHours * 3600_000))
    }))
    const { hold, pause } = await deps.shield.admit(run, computed.sends)
    if (hold) {
      const held: ComputedRun = { ...found, sends: sends.map((send) => ({ ...send, hold })), state: 'waiting', problem: { code: 'SEND_HELD', say: sayError('SEND_HELD', { reason: hold.say }), where: '' } }
      await Promise.all([write(held), pause && deps.shield.pauseFlow(run.flow, hold)])
      at('after-record-computed')
      deps.onWaiting(run)
      return
    }
    await write({ ...found, sends, state: 'running', problem: null })
    at('after-record-computed')
    deps.events.emit({ type: 'run.computed', run: run.id, flow: run.flow })
    deps.toOutbox(run.id, sends.map((send) => ({ send: claimed(run, send, now), dueAt: send.dueAt })))
  }

  /** A flow whose own mail came back would go on for ever, though each of these runs fails; who only says so stops nobody's flow. */
  async function pauseOf(run: ClaimedRun, { problem, passed }: Computed): Promise<Problem | null> {
    if (problem?.code !== 'SEND_CAME_BACK' || !(await deps.shield.cameBack(run.flow, passed ?? []))) return null
    return { ...problem, say: `${sayError('SEND_PAUSED')} ${problem.say}` }
  }

  async function end(run: ClaimedRun, computed: ComputedRun): Promise<void> {
    await write(computed)
    deps.onEnded(run, computed)
  }

  async function write(computed: ComputedRun): Promise<void> {
    const told = computed.report && deps.onReport(computed.report)
    const reported = await deps.insist.write(() => store.recordComputed(computed))
    if (reported) told?.(reported)
  }

  return {
    begin,
    idle: async () => { while (open.size > 0) await Promise.all(open) },
  }
}

type TimedSend = NewSend & { readonly dueAt: string }

function newSend(run: ClaimedRun, composed: ComposedSend, raw: Raw, dueAt: string, giveUpAt: string): TimedSend {
  return {
    id: sendId(`${run.id}-${composed.node}`), node: nodeId(composed.node), connection: connectionId(composed.connection),
    messageId: composed.messageId, from: composed.envelope.from, subject: composed.subject, recipients: composed.envelope.to, raw, giveUpAt, dueAt,
  }
}

const claimed = (run: ClaimedRun, { dueAt: _, ...send }: TimedSend, createdAt: string): ClaimedSend =>
  ({ ...send, run: run.id, flow: run.flow, version: run.version, attempts: 0, createdAt, unknown: false, looks: 0 })

/** Where all mail arrives (RFC 9051 section 5.1); POP3 has no other. */
const inboxPattern = /^inbox$/i

/** A run that could not be computed at all; its bytes are kept and what went wrong is its problem. */
function failedRun(run: ClaimedRun, error: unknown, now: string): ComputedRun {
  return { run: run.id, steps: [], sends: [], mail: { subject: '', from: '', messageId: '' }, state: 'failed', at: now, problem: problemOf(error) }
}
