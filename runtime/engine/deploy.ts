/** Deploy and stop: a checked draft becomes a frozen, numbered version that runs from now on; runs in flight keep theirs. */
import type { Deployed } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import type { FlowProblem } from '#shared/flow.ts'
import { checkFlowFully, readFlow } from '#shared/flow-check.ts'
import type { FlowId } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import type { Draft } from '../drafts.ts'
import { frozenText } from '../flow-text.ts'
import { makeInTurn } from '../in-turn.ts'
import type { FlowVersion, Store } from '../store/store.ts'

export interface Deployer {
  /**
   * Freezes the draft and runs it. The same flow as the newest version makes no new one; when that one was stopped it
   * runs again. FLOW_NOT_FOUND, FLOW_HAS_PROBLEMS; FLOW_CHANGED_MEANWHILE when `expected` (an etag) is not the draft's.
   */
  readonly deploy: (id: FlowId, expected?: string) => Promise<Deployed>
  /** No new mail is taken; runs in flight end. FLOW_NOT_FOUND when it was never deployed. */
  readonly stop: (id: FlowId) => Promise<void>
  /** The newest version runs again as it is, whatever the draft says. FLOW_NOT_FOUND when it was never deployed. */
  readonly resume: (id: FlowId) => Promise<void>
}

export interface DeployerParts {
  readonly store: Store
  readonly drafts: { read(id: FlowId): Promise<Draft | null> }
  readonly connections: () => Promise<readonly { readonly id: string; readonly kind: string }[]>
  readonly events: EventStream
  readonly clock: Clock
}

export function makeDeployer({ store, drafts, connections, events, clock }: DeployerParts): Deployer {
  // Two deploys at once would both see the same newest version.
  const inTurn = makeInTurn()
  const newest = async (id: FlowId): Promise<FlowVersion | null> =>
    (await store.flowVersions(id)).reduce<FlowVersion | null>((best, version) => (best && best.version > version.version ? best : version), null)

  return {
    deploy: (id, expected) => inTurn(async () => {
      const draft = await drafts.read(id)
      if (!draft) throw fault('FLOW_NOT_FOUND', { id })
      if (expected !== undefined && expected !== draft.etag) throw fault('FLOW_CHANGED_MEANWHILE')
      if (!draft.flow) throw fault('FLOW_HAS_PROBLEMS', { problems: sayProblems(draft.problems) })
      const { flow: checked, problems } = await checkFlowFully(draft.flow, { connections: await connections() })
      if (!checked) throw fault('FLOW_HAS_PROBLEMS', { problems: sayProblems(problems) })

      const json = frozenText(draft.flow)
      const last = await newest(id)
      if (last && isSameFlow(last.json, json)) {
        if (!last.running) {
          await store.setFlowRunning(id, true, clock.now())
          events.emit({ type: 'flow.deployed', flow: id, version: last.version })
        }
        return { version: last.version, unchanged: true }
      }
      const { version } = await store.deployFlow({ flow: id, name: draft.flow.name, json, at: clock.now() })
      events.emit({ type: 'flow.deployed', flow: id, version })
      return { version, unchanged: false }
    }),
    resume: (id) => inTurn(async () => {
      const last = await newest(id)
      if (!last) throw fault('FLOW_NOT_FOUND', { id })
      if (last.running) return
      await store.setFlowRunning(id, true, clock.now())
      events.emit({ type: 'flow.deployed', flow: id, version: last.version })
    }),
    stop: (id) => inTurn(async () => {
      const last = await newest(id)
      if (!last) throw fault('FLOW_NOT_FOUND', { id })
      if (!last.running) return
      await store.setFlowRunning(id, false, clock.now())
      events.emit({ type: 'flow.stopped', flow: id })
    }),
  }
}

/** Versions frozen by an older release may have another key order; what counts is what they read as. */
export function isSameFlow(frozen: string, now: string): boolean {
  if (frozen === now) return true
  const { flow } = readFlow(frozen)
  return flow !== null && frozenText(flow) === now
}

/** How many problems a sentence can carry; the canvas shows them all. */
const said = 3
function sayProblems(problems: readonly FlowProblem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error')
  const words = errors.slice(0, said).map((problem) => problem.advice.replace(/[.\s]+$/, '')).join('; ')
  return errors.length > said ? `${words}; and ${errors.length - said} more` : words
}
