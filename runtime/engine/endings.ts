/**
 * How runs end: what their sends come to is written with the last of them, told as events, and told once. A run with one
 * send ends in the very commit of that send's outcome.
 */
import type { Problem } from '#shared/errors.ts'
import type { EventStream, MailboxName } from '#shared/events.ts'
import type { FlowId, RunId, SendId } from '#shared/ids.ts'
import { type EndedState, hasEnded } from '#shared/run.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Reported } from '../store/after-sending.ts'
import type { ClaimedRun, ClaimedSend, SendOutcome, Store } from '../store/store.ts'
import { type Ending, endingOf, resultsOf, type SendResult, sentOutput, stepStateOf } from './finish.ts'
import type { Insist } from './insist.ts'

export interface EndingsDeps {
  readonly store: Pick<Store, 'setRunState' | 'sendsOfRun' | 'runSummaries' | 'recordStep'>
  readonly insist: Insist
  readonly events: EventStream
  readonly clock: Clock
  readonly log: Log
  /** A mail was sent whose copy is to be put somewhere. */
  readonly onCopy: (send: SendId) => void
}

export interface Endings {
  /** These runs are in hand. */
  readonly began: (runs: readonly ClaimedRun[]) => void
  /** The run has this one send, and it is in hand: it ends with it, without asking the store again. */
  readonly alone: (run: RunId) => void
  /** It may have more than that: it ends by what the ledger says. */
  readonly notAlone: (run: RunId) => void
  /** The run leaves the hand and comes back. */
  readonly waits: (run: RunId, flow: FlowId) => void
  /** A run without sends, or one that failed before them. */
  readonly ended: (run: RunId, flow: FlowId, state: EndedState, problem: Problem | null) => void
  /** Reads how all sends of a run stand and writes what that makes of the run. `again`: also of one that had ended. */
  readonly fromStore: (run: RunId, flow: FlowId, again?: boolean) => Promise<void>
  readonly onOutcome: (send: ClaimedSend, outcome: SendOutcome, recorded: Promise<void>) => Promise<void>
  readonly onHeld: (send: ClaimedSend, problem: Problem) => void
  /** A report came about a mail of that run. */
  readonly onReport: (reported: Reported) => void
}

export function makeEndings({ store, insist, events, clock, log, onCopy }: EndingsDeps): Endings {
  /** Endings being written: sends of one run that end together end it once. */
  const endings = new Map<RunId, Promise<Ending['state']>>()
  const single = new Set<RunId>()
  /** Mailboxes of the runs in hand, for who settles them. */
  const places = new Map<RunId, MailboxName>()

  async function onOutcome(send: ClaimedSend, outcome: SendOutcome, recorded: Promise<void>): Promise<void> {
    tell(send, outcome)
    if (outcome.copy) void recorded.then(() => { onCopy(send.id) }, () => {})
    const { what, say } = outcome.event
    const result: SendResult = { messageId: send.messageId, createdAt: send.createdAt, recipients: outcome.recipients, parked: what === 'parked', ...(what === 'held' ? { held: say } : {}) }
    // With a single send whose every recipient was in this attempt, the run's end rides in the same commit as its outcome.
    if (single.delete(send.run)) {
      await Promise.all([recorded, writeEnding(send.run, send.flow, endingOf([result]), [{ node: send.node, result }])])
      return
    }
    await recorded
    await fromStore(send.run, send.flow)
  }

  function onHeld(send: ClaimedSend, problem: Problem): void {
    single.delete(send.run)
    places.delete(send.run)
    // Not insisted on: written late it would undo the ending that came meanwhile.
    void store.setRunState({ run: send.run, state: 'waiting', problem: { ...problem, where: send.node }, at: clock.now() })
      .then(() => { events.emit({ type: 'run.waiting', run: send.run, flow: send.flow }) })
      .catch((error: unknown) => { log.error('run.hold-failed', { run: send.run, reason: String(error) }) })
  }

  async function bounced({ run, flow, send, node, bounced: answers, state }: Reported): Promise<void> {
    for (const say of answers) events.emit({ type: 'send.bounced', send, run, node, say })
    if (state === 'bounced') events.emit({ type: 'run.bounced', run, flow })
    else if (answers.length > 0 && !hasEnded(state)) await fromStore(run, flow, true)
  }

  async function fromStore(run: RunId, flow: FlowId, again = false): Promise<void> {
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
    if (hasEnded(ending.state)) ended(run, flow, ending.state, ending.problem)
    else if (ending.state !== 'running') {
      places.delete(run)
      events.emit({ type: `run.${ending.state}`, run, flow })
    }
  }

  function ended(run: RunId, flow: FlowId, state: EndedState, problem: Problem | null): void {
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

  return {
    onOutcome, onHeld, fromStore, ended,
    began: (runs) => { for (const run of runs) places.set(run.id, { connection: run.connection, folder: run.folder }) },
    alone: (run) => { single.add(run) },
    notAlone: (run) => { single.delete(run) },
    waits: (run, flow) => {
      places.delete(run)
      events.emit({ type: 'run.waiting', run, flow })
    },
    onReport: (reported) => { void bounced(reported).catch((error: unknown) => { log.error('run.end-failed', { run: reported.run, reason: String(error) }) }) },
  }
}
