/** How fast and when each flow's mails may leave: what its newest version says of it, and what left lately. */
import { type Problem, sayError } from '#shared/errors.ts'
import type { FlowId } from '#shared/ids.ts'
import { type Limits, noLimits, type Quiet, quietUntil, sayLimit } from '#shared/sending/pace.ts'
import type { Clock } from '../clock.ts'
import type { ClaimedSend } from '../store/store.ts'
import { addMs } from './retry.ts'
import { makeSentCount, type SentCount } from './sent-count.ts'
import type { Versions } from './versions.ts'

/** Why a mail that is due does not go, and when it may (ISO); null: nobody knows. */
export interface Wait { readonly problem: Problem; readonly at: string | null }

export interface FlowPaces {
  knows(send: Pick<ClaimedSend, 'flow' | 'version'>): boolean
  /** Reads the version when it is newer than what is known. Rejects never. */
  know(send: Pick<ClaimedSend, 'flow' | 'version'>): Promise<void>
  /** How many more mails of this flow may leave now. */
  room(flow: FlowId): number
  wait(flow: FlowId): Wait | null
  count(flow: FlowId): SentCount
}

interface Pace { version: number; limits: Limits; quiets: readonly Quiet[]; readonly count: SentCount; /** Quiet hours are whole minutes: asked once in each. */ asked: { readonly minute: number; readonly until: string | null } }

export function makeFlowPaces({ versions, clock }: { readonly versions: Versions; readonly clock: Clock }): FlowPaces {
  const paces = new Map<FlowId, Pace>()

  const paceOf = (flow: FlowId): Pace => {
    const known = paces.get(flow)
    if (known) return known
    const made: Pace = { version: 0, limits: noLimits, quiets: [], count: makeSentCount(), asked: { minute: 0, until: null } }
    paces.set(flow, made)
    return made
  }

  function quietEnd(pace: Pace): string | null {
    if (pace.quiets.length === 0) return null
    const now = clock.now()
    const minute = Math.floor(Date.parse(now) / 60_000)
    if (pace.asked.minute !== minute) pace.asked = { minute, until: pace.quiets.flatMap((quiet) => quietUntil(quiet, now) ?? []).sort().at(-1) ?? null }
    return pace.asked.until
  }

  return {
    knows: ({ flow, version }) => (paces.get(flow)?.version ?? 0) >= version,
    know: async ({ flow, version }) => {
      const pace = paceOf(flow)
      if (pace.version >= version) return
      const steps = await versions.get(flow, version).then(({ nodes }) => nodes.flatMap((node) => (node.kind === 'send-email' ? [node.config] : [])), () => [])
      if (pace.version >= version) return
      pace.version = version
      pace.limits = leastOf(steps.map((step) => step.limits))
      // Of several steps all are heard.
      pace.quiets = steps.flatMap((step) => step.quiet ?? [])
      pace.asked = { minute: 0, until: null }
    },
    room: (flow) => {
      const pace = paceOf(flow)
      return quietEnd(pace) === null ? pace.count.room(pace.limits, clock.steadyMs()) : 0
    },
    wait: (flow) => {
      const pace = paceOf(flow)
      const until = quietEnd(pace)
      if (until !== null) return { problem: { code: 'SEND_QUIET', say: sayError('SEND_QUIET'), where: '' }, at: until }
      return limitWait(pace.count, pace.limits, 'flow', clock)
    },
    count: (flow) => paceOf(flow).count,
  }
}

/** What a limit holds back, of a connection or of a flow. */
export function limitWait(count: SentCount, limits: Limits, whose: 'flow' | 'connection', clock: Clock): Wait | null {
  const opens = count.opens(limits, clock.steadyMs())
  if (opens === null) return null
  return { problem: { code: 'SEND_LIMIT', say: sayError('SEND_LIMIT', { limit: sayLimit(opens.period, opens.limit), whose }), where: '' }, at: addMs(clock.now(), opens.inMs) }
}

/** A limit is the flow's, so of several steps the least counts. */
const leastOf = (all: readonly Limits[]): Limits => all.reduce((least, one) => ({ minute: lesser(least.minute, one.minute), hour: lesser(least.hour, one.hour), day: lesser(least.day, one.day) }), noLimits)
const lesser = (one: number | null, other: number | null): number | null => (one === null ? other : other === null ? one : Math.min(one, other))
