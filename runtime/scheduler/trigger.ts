/** One receive node on one mailbox: which mails are its business, and how far it has come. */
import type { FlowId, NodeId } from '#shared/ids.ts'
import { asksForAll, asksForMarks, queryOf } from '#shared/mail-search.ts'
import type { ReceiveEmailConfig } from '#shared/nodes/receive-email.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import type { Baseline, LookFilter, LookMark, NotFetched, OpenMailbox, Uid } from '../mail/mailbox.ts'
import type { TriggerKey, TriggerState } from '../store/store.ts'
import { connectionId } from '#shared/ids.ts'

export interface Trigger {
  readonly flow: FlowId
  readonly node: NodeId
  readonly version: number
  readonly deployedAt: string
  readonly config: ReceiveEmailConfig
  /** Mails that were judged and make no run now; forgotten with the process and then judged again. */
  readonly leftOut: Map<Uid, NotFetched['code']>
  /** Up to where all that matches the search is judged; forgotten with the process and with the version. */
  readonly reached: { uidValidity: string; uid: Uid }
  /** All that matched up to this mark is judged; forgotten with the open mailbox. */
  readonly judged: { mark: LookMark | null }
  /** Names found to stand for the mail we know, with the size they were listed with; and how often sizes were told wrong. */
  readonly sizes: { readonly checked: Map<Uid, number>; sameBytes: number }
}

export const keyOf = (trigger: Trigger): TriggerKey => ({
  flow: trigger.flow, node: trigger.node, connection: connectionId(trigger.config.connection), folder: trigger.config.folder,
})

/** The triggers of a deployed version: one for each mailbox that a receive step names, as if each had a step of its own. */
export function triggersOf(flow: CheckedFlow, version: number, deployedAt: string): readonly Trigger[] {
  return flow.nodes.flatMap((node) => (node.kind !== 'receive-email' ? [] : [node.config, ...node.config.also].map(({ connection, folder }): Trigger => ({
    flow: flow.id, node: node.id, version, deployedAt, config: { ...node.config, connection, folder, also: [] },
    leftOut: new Map(), reached: { uidValidity: '', uid: '' }, judged: { mark: null }, sizes: { checked: new Map(), sameBytes: 0 },
  }))))
}

/** What has been read is passed over by name. In this order: a mail that comes in between is in the second list alone, and so waits. */
async function allButUnseen(mailbox: OpenMailbox): Promise<Baseline> {
  const filter = { unseenOnly: false, firstUid: '', cursor: '', since: '' }
  const all = await mailbox.look(filter)
  const unseen = new Set(await mailbox.look({ ...filter, unseenOnly: true }))
  return { firstUid: '', passed: all.filter((uid) => !unseen.has(uid)).map((uid) => ({ uid, size: mailbox.sizeOf(uid) ?? 0 })) }
}

const everything: Baseline = { firstUid: '', passed: [] }

/** Where a trigger begins on a mailbox that it sees for the first time, or whose start a new deploy changed. */
export async function firstState(trigger: Trigger, mailbox: OpenMailbox): Promise<{ readonly state: TriggerState; readonly passed: Baseline['passed'] }> {
  const { startFrom } = trigger.config
  const { firstUid, passed } = startFrom === 'now' ? await mailbox.baseline() : startFrom === 'unseen' ? await allButUnseen(mailbox) : everything
  const since = startFrom === 'now' || startFrom === 'unseen' || startFrom === 'all' ? '' : startFrom
  return { state: { ...keyOf(trigger), uidValidity: mailbox.uidValidity, firstUid, since, cursor: '', startFrom, resetSeen: '', resetVersion: 0, former: '', formerUntil: '' }, passed }
}

/**
 * A mail's marks can change, so a look that goes by them asks for all that match each time, from the flow's start on. What
 * else a search asks of a mail never changes: it goes on behind what this version has judged. The saved cursor counts only
 * without a search, for it says nothing of the mails that an earlier search left out.
 */
export function filterOf({ config, reached }: Trigger, state: TriggerState, now: string): LookFilter {
  const asked = queryOf(config.search ?? {}, now)
  const begun = { unseenOnly: config.unseenOnly, firstUid: state.firstUid, since: state.since }
  if (asksForAll(asked)) return { ...begun, cursor: config.unseenOnly ? '' : state.cursor }
  const goesOn = !config.unseenOnly && !asksForMarks(asked) && reached.uidValidity === state.uidValidity
  return { ...begun, cursor: goesOn ? reached.uid : '', search: asked }
}
