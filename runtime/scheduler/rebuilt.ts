/**
 * A folder under a new UIDVALIDITY: rebuilt, restored, or moved to another server. Its mails are compared with those that
 * ran; when it is the same folder they go on by their new UIDs and none runs again, else only a person can say how to go on.
 */
import type { Clock } from '../clock.ts'
import { rebuiltFolder } from '../limits.ts'
import type { Fingerprint } from '../fingerprint.ts'
import type { OpenMailbox, Uid } from '../mail/mailbox.ts'
import { addMs } from '../engine/retry.ts'
import type { Store, TriggerState } from '../store/store.ts'
import { filterOf, keyOf, type Trigger } from './trigger.ts'

export interface RebuiltDeps { readonly store: Store; readonly clock: Clock; readonly alive: () => void }

const everything = { unseenOnly: false, firstUid: '', cursor: '', since: '' }

/** The trigger's state in the folder as it is now, written down with what was recognised; null when it may be another folder. */
export async function recogniseFolder(trigger: Trigger, saved: TriggerState, mailbox: OpenMailbox, deps: RebuiltDeps): Promise<TriggerState | null> {
  const { store, clock } = deps
  const key = keyOf(trigger)
  const all = await mailbox.look(everything)
  const heads = await headsOf(mailbox, all, deps)
  const { known, bound } = await store.recognise(key, saved.uidValidity, mailbox.uidValidity, heads)
  if (!isSame(bound.length, Math.min(known, heads.length))) return null
  const names = new Set(bound.map(([uid]) => uid))
  const first = all.findIndex((uid) => names.has(uid))
  // What lay before the first mail that ever ran was none of this flow's business, unless it began with everything.
  const before = saved.startFrom === 'all' ? [] : all.slice(0, first)
  const ordered = mailbox.sizeOf(all[first] ?? '') === null
  const state: TriggerState = {
    ...saved, uidValidity: mailbox.uidValidity, since: saved.since || (saved.startFrom === 'all' ? '' : earliest(heads, names)), firstUid: ordered && before.length > 0 ? all[first] ?? '' : '',
    cursor: lastOfRun(all, before.length, names), resetSeen: '', resetVersion: 0, former: saved.uidValidity, formerUntil: addMs(clock.now(), rebuiltFolder.compareMs),
  }
  const passed = new Set(before)
  const wouldRun = (await mailbox.look(filterOf(trigger, state, clock.now()))).filter((uid) => !names.has(uid) && !passed.has(uid)).length
  if (wouldRun > Math.max(rebuiltFolder.enough, bound.length)) return null
  await store.bindMails(key, mailbox.uidValidity, bound)
  await store.beginTrigger(state, ordered ? [] : before.map((uid) => ({ uid, size: mailbox.sizeOf(uid) ?? 0 })))
  return state
}

/**
 * Of these fresh UIDs those that are known mails after all: a folder that is being restored fills up while it is looked
 * at already, so for a while each fresh mail is compared.
 */
export async function recogniseLate(trigger: Trigger, state: TriggerState, mailbox: OpenMailbox, fresh: readonly Uid[], deps: RebuiltDeps): Promise<ReadonlySet<Uid>> {
  if (fresh.length === 0 || state.former === '' || deps.clock.now() > state.formerUntil) return new Set()
  const heads = await headsOf(mailbox, fresh, deps)
  const { bound } = await deps.store.recognise(keyOf(trigger), state.former, mailbox.uidValidity, heads)
  if (bound.length > 0) await deps.store.bindMails(keyOf(trigger), mailbox.uidValidity, bound)
  return new Set(bound.map(([uid]) => uid))
}

async function headsOf(mailbox: OpenMailbox, uids: readonly Uid[], { alive }: RebuiltDeps): Promise<readonly Fingerprint[]> {
  const heads: Fingerprint[] = []
  for await (const head of mailbox.fingerprints(uids)) {
    alive()
    heads.push(head)
  }
  return heads
}

const isSame = (matched: number, comparable: number): boolean =>
  matched >= rebuiltFolder.enough || (matched > 0 && matched >= comparable * rebuiltFolder.share)

/** When the first of the known mails arrived; '' when the server does not say. */
const earliest = (heads: readonly Fingerprint[], known: ReadonlySet<Uid>): string =>
  heads.reduce((least, head) => (known.has(head.uid) && head.receivedAt !== '' && (least === '' || head.receivedAt < least) ? head.receivedAt : least), '')

/** Up to where, from the first, all are known: the cursor. */
function lastOfRun(all: readonly Uid[], first: number, known: ReadonlySet<Uid>): Uid {
  let last = ''
  for (let at = first; at < all.length && known.has(all[at] ?? ''); at += 1) last = all[at] ?? ''
  return last
}
