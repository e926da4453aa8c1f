/**
 * The steps of a run that work in a mailbox. Computing stops at such a step; it is done here, its answer is written
 * down, and computing begins anew with the answers there are. After a crash the written ones are read back, and one
 * that was done but not written is done again: each may be repeated (docs/decisions/actions-in-a-run.md).
 */
import { fault, problemOf, retryOf, type Problem } from '#shared/errors.ts'
import { nodeId, type RunId } from '#shared/ids.ts'
import type { Json, JsonObject } from '#shared/json.ts'
import type { ActionRecord, MailboxRequest } from '#shared/mailbox-action.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import type { Clock } from '../clock.ts'
import { at } from '../faults.ts'
import { actions } from '../limits.ts'
import type { Raw } from '../raw.ts'
import type { ClaimedRun, ComputedRun, StepRecord, Store } from '../store/store.ts'
import type { Computed } from './compute.ts'
import type { Insist } from './insist.ts'
import type { KeepRaw } from './keep-raw.ts'
import { sendsFetched } from './sends-fetched.ts'
import { stepsFrom } from './steps-from.ts'
import type { Versions } from './versions.ts'

export interface ActionAnswer { readonly answer: JsonObject; /** Of a fetched mail whose bytes were asked for; a file of it lies in scratch. */ readonly raw?: Raw; /** Under which the answer's numbers hold; '' where there is none. */ readonly uidValidity: string }
/**
 * Does what a step asks; doing it twice does no more than doing it once. Rejects with a fault: MAIL_RENUMBERED when
 * numbers are used that were told under another UIDVALIDITY than `uidValidity` ('' when that is not known). `withBytes`: a
 * fetched mail's bytes come along.
 */
export type Act = (request: MailboxRequest, uidValidity: string, withBytes: boolean) => Promise<ActionAnswer>

export interface ActionDeps {
  readonly store: Pick<Store, 'recordAction' | 'actionsOf' | 'fetchedOf'>
  readonly versions: Versions
  readonly insist: Insist
  readonly keep: KeepRaw
  readonly clock: Clock
  readonly act: Act
  /** The mailbox can't be asked now; the run comes again after this time. */
  readonly onWaiting: (run: ClaimedRun, problem: Problem, ms: number) => Promise<void>
  /** Aborted: what is not written yet is left to the next start. */
  readonly stopping: AbortSignal
}

/** Computes the run with the answers there are; a run that can't be computed at all is its own result. */
export type Pass = (answers?: Readonly<Record<string, Json>>, fetched?: Readonly<Record<string, Raw>>) => Promise<Computed | ComputedRun>

export interface Actions {
  /**
   * Brings a run whose first pass met such a step through all of them. Resolves with its last pass, whose steps are
   * those of the ledger; with a problem when a step has failed for good; null when the run waits or is left.
   */
  go(run: ClaimedRun, first: Computed, pass: Pass): Promise<Computed | ComputedRun | null>
}

export function makeActions(deps: ActionDeps): Actions {
  const { store, clock, insist } = deps
  /** Tries that failed for a passing reason, of runs that wait. */
  const tries = new Map<RunId, number>()

  async function go(run: ClaimedRun, first: Computed, pass: Pass): Promise<Computed | ComputedRun | null> {
    const done = new Map((await store.actionsOf(run.id)).map((step) => [String(step.node), step]))
    const fetched = new Map(await store.fetchedOf(run.id))
    const flow = await deps.versions.get(run.flow, run.version)
    let computed = first
    let isAnswered = false
    for (let pending = first.pending; pending; pending = computed.pending) {
      if (deps.stopping.aborted) return null
      // A pass that asks what it was given the answer to would ask for ever.
      if (isAnswered && done.has(pending.node)) throw fault('INTERNAL', { reason: `step ${pending.node} asks again` })
      if (!done.has(pending.node)) {
        const step = await doStep(run, pending.node, pending.request, done, sendsFetched(flow, pending.node), fetched)
        if (step === null) return null
        if (step.problem) {
          tries.delete(run.id)
          return failedAt(flow, computed, done, step, step.problem)
        }
        done.set(pending.node, step)
      }
      const next = await pass(Object.fromEntries([...done].map(([node, step]) => [node, recordOf(step).answer])), Object.fromEntries(fetched))
      isAnswered = true
      if ('run' in next) return next
      computed = next
    }
    tries.delete(run.id)
    return { ...computed, steps: withActions(computed.steps, done) }
  }

  /** The written step, which may have failed; null when the run is to come again. */
  async function doStep(run: ClaimedRun, node: string, asked: MailboxRequest, done: ReadonlyMap<string, StepRecord>, withBytes: boolean, fetched: Map<string, Raw>): Promise<StepRecord | null> {
    at('before-action')
    const startedAt = clock.now()
    const begunMs = clock.steadyMs()
    const step = (record: ActionRecord, state: 'done' | 'waiting' | 'failed', problem: Problem | null): StepRecord =>
      ({ node: nodeId(node), state, startedAt, durationMs: Math.round(clock.steadyMs() - begunMs), outputJson: JSON.stringify(record), problem })
    const uidValidity = validityFor(run, asked, done)
    let answered: ActionAnswer
    try {
      answered = await deps.act(asked, uidValidity, withBytes)
    } catch (error) {
      if (deps.stopping.aborted) return null
      const problem = { ...problemOf(error), where: node }
      const tried = tries.get(run.id) ?? 0
      const waitMs = actions.retryMs[tried]
      if (!isPassing(problem) || waitMs === undefined) return step({ asked, answer: null, uidValidity }, 'failed', problem)
      tries.set(run.id, tried + 1)
      await insist.write(() => store.recordAction(run.id, step({ asked, answer: null, uidValidity }, 'waiting', problem)))
      await deps.onWaiting(run, problem, waitMs)
      return null
    }
    at('after-action')
    const { raw, ...record } = answered
    const written = step({ asked, ...record }, 'done', null)
    const kept = raw && await deps.keep(raw)
    await insist.write(() => store.recordAction(run.id, written, kept))
    if (kept) fetched.set(node, kept)
    at('after-record-action')
    return written
  }

  return { go }
}

/** An own mistake comes again, whatever is waited for. */
const isPassing = ({ code }: Problem): boolean => retryOf(code) === 'later' && code !== 'INTERNAL'

// Written by this file alone.
const recordOf = (step: StepRecord): ActionRecord => JSON.parse(step.outputJson) as ActionRecord

/** Numbers of mails come from the run's own mail or from what an earlier step was told of the same folder. */
function validityFor(run: ClaimedRun, asked: MailboxRequest, done: ReadonlyMap<string, StepRecord>): string {
  if (asked.connection === run.connection && asked.folder === run.folder) return run.uidValidity
  for (const step of done.values()) {
    const { asked: before, uidValidity } = recordOf(step)
    if (before.connection === asked.connection && before.folder === asked.folder && before.do !== 'create-folder') return uidValidity
  }
  return ''
}

const withActions = (steps: readonly StepRecord[], done: ReadonlyMap<string, StepRecord>): readonly StepRecord[] => steps.map((step) => done.get(step.node) ?? step)

/** The pass that met the step, with the step failed and those behind it not reached. */
function failedAt(flow: CheckedFlow, { steps, mail }: Computed, done: ReadonlyMap<string, StepRecord>, failed: StepRecord, problem: Problem): Computed {
  const known = [...withActions(steps, done), failed]
  const named = new Set(known.map((step) => step.node))
  // The first step is the trigger; what other triggers lead to is none of this run.
  const trigger = flow.nodes.find(({ id }) => id === steps[0]?.node)
  const skipped = (trigger ? stepsFrom(flow, trigger) : []).filter(({ id }) => !named.has(id)).map(({ id }): StepRecord => ({ node: id, state: 'skipped', startedAt: failed.startedAt, durationMs: 0, outputJson: '', problem: null }))
  return { steps: [...known, ...skipped], sends: [], mail, problem }
}
