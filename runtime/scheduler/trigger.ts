/** One receive node on one mailbox: which mails are its business, and how far it has come. */
import type { FlowId, NodeId } from '#shared/ids.ts'
import type { ReceiveEmailConfig } from '#shared/nodes/receive-email.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import type { LookFilter, NotFetched, OpenMailbox } from '../mail/mailbox.ts'
import type { TriggerKey, TriggerState } from '../store/store.ts'
import { connectionId } from '#shared/ids.ts'

export interface Trigger {
  readonly flow: FlowId
  readonly node: NodeId
  readonly version: number
  readonly deployedAt: string
  readonly config: ReceiveEmailConfig
  /** Mails that were judged and make no run now; forgotten with the process and then judged again. */
  readonly leftOut: Map<number, NotFetched['code']>
}

export const keyOf = (trigger: Trigger): TriggerKey => ({
  flow: trigger.flow, node: trigger.node, connection: connectionId(trigger.config.connection), folder: trigger.config.folder,
})

/** The triggers of a deployed version. */
export function triggersOf(flow: CheckedFlow, version: number, deployedAt: string): readonly Trigger[] {
  return flow.nodes.flatMap((node) =>
    node.kind === 'receive-email' ? [{ flow: flow.id, node: node.id, version, deployedAt, config: node.config, leftOut: new Map() }] : [])
}

/** Where a trigger begins on a mailbox that it sees for the first time, or whose start a new deploy changed. */
export async function firstState(trigger: Trigger, mailbox: OpenMailbox): Promise<TriggerState> {
  const { startFrom } = trigger.config
  const firstUid = startFrom === 'now' ? await mailbox.nextUid() : 1
  return {
    ...keyOf(trigger),
    uidValidity: mailbox.uidValidity,
    firstUid,
    since: startFrom === 'now' || startFrom === 'all' ? '' : startFrom,
    cursorUid: firstUid - 1,
    startFrom,
    resetSeen: '',
    resetVersion: 0,
  }
}

/** A filter by unread asks for all unread ones each time, since a mail may be marked unread again; else only what is behind the cursor. */
export const filterOf = (trigger: Trigger, state: TriggerState): LookFilter => ({
  unseenOnly: trigger.config.unseenOnly,
  fromUid: trigger.config.unseenOnly ? state.firstUid : Math.max(state.firstUid, state.cursorUid + 1),
  since: state.since,
})
