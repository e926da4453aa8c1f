/** What switching a receive step on would mean in one of its mailboxes, asked of the server right now: nothing is changed, taken or written down. */
import type { StartCount } from '#shared/api.ts'
import type { FlowId, NodeId } from '#shared/ids.ts'
import type { ReceiveEmailConfig } from '#shared/nodes/receive-email.ts'
import type { OpenMailbox } from '../mail/mailbox.ts'
import type { Store, TriggerState } from '../store/store.ts'
import { filterOf, keyOf, triggersOf, type Trigger } from './trigger.ts'

/** A receive step as it is drawn, on the mailbox that its settings name. */
export interface StartAsked { readonly flow: FlowId; readonly node: NodeId; readonly config: ReceiveEmailConfig }

/** Goes by the filters of real looks, so that what is said is what will run. Rejects with a Fault. */
export async function countStart(asked: StartAsked, mailbox: OpenMailbox, store: Pick<Store, 'trigger' | 'knownUids'>, now: string): Promise<StartCount> {
  const trigger = triggerOf(asked, now)
  const { startFrom, unseenOnly } = trigger.config
  const saved = await store.trigger(keyOf(trigger))
  const anew = filterOf(trigger, { ...keyOf(trigger), ...blank, uidValidity: mailbox.uidValidity, startFrom }, now)
  const unseen = (await mailbox.look({ ...anew, unseenOnly: true })).length
  const all = unseenOnly ? unseen : (await mailbox.look(anew)).length
  const since = dayOf(startFrom)
  return {
    saved: saved?.startFrom ?? null, waiting: saved === null ? null : await waitingFor(trigger, saved, mailbox, store, now),
    there: (await mailbox.peek(1)).total, unseen, all, since: since === '' ? null : (await mailbox.look({ ...anew, since })).length,
  }
}

/** null: the folder was rebuilt meanwhile, and which of its mails are known shows at the first look. */
async function waitingFor(trigger: Trigger, saved: TriggerState, mailbox: OpenMailbox, store: Pick<Store, 'knownUids'>, now: string): Promise<number | null> {
  if (saved.uidValidity !== mailbox.uidValidity) return null
  const matching = await mailbox.look(filterOf(trigger, saved, now))
  return matching.length - (await store.knownUids(keyOf(trigger), mailbox.uidValidity, matching)).size
}

const blank = { firstUid: '', since: '', cursor: '', resetSeen: '', resetVersion: 0, former: '', formerUntil: '' } as const
const dayOf = (startFrom: string): string => (['now', 'unseen', 'all'].includes(startFrom) ? '' : startFrom)

function triggerOf({ flow, node, config }: StartAsked, now: string): Trigger {
  const [trigger] = triggersOf({ id: flow, name: '', edges: [], nodes: [{ id: node, kind: 'receive-email', name: '', config: { ...config, also: [] } }] }, 0, now)
  // One step on one mailbox is one trigger.
  if (trigger === undefined) throw new Error('a receive step without a mailbox')
  return trigger
}
