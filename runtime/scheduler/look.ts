/**
 * One look into a mailbox for one trigger: what is fresh is fetched, put into the ledger in one commit a chunk, and
 * handed to the engine. The order is the promise: bytes first, cursor with them, flags on the server much later.
 */
import { fault, sayError } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import { at } from '../faults.ts'
import { fetchChunk, maxMailBytes } from '../limits.ts'
import type { NotFetched, OpenMailbox, Uid } from '../mail/mailbox.ts'
import type { FreshMail, LeftMail, Store, TriggerState } from '../store/store.ts'
import { type RebuiltDeps, recogniseFolder, recogniseLate } from './rebuilt.ts'
import { findDoubtful, provenNew } from './reused.ts'
import { filterOf, firstState, keyOf, type Trigger } from './trigger.ts'

export interface LookDeps {
  readonly store: Store
  readonly engine: Pick<Engine, 'begin' | 'hand'>
  readonly events: EventStream
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Each mail that came is a sign of life: fifty large ones on a thin line take longer than a mailbox may be silent. */
  readonly alive: () => void
  /** Between two chunks: finished runs are settled meanwhile, so that a long drain does not pile them up. */
  readonly between: () => Promise<void>
}

export interface Looked {
  readonly runs: number
  /** More is waiting than this look was allowed to take. */
  readonly more: number
  /** From arrival to run, of the newest mail taken; null when none was, or the server does not say. */
  readonly lagMs: number | null
}

/** Rejects with a Fault; what came whole before it is in the ledger and runs. */
export async function lookFor(trigger: Trigger, mailbox: OpenMailbox, deps: LookDeps): Promise<Looked> {
  const state = await stateOf(trigger, mailbox, deps)
  const filter = filterOf(trigger, state, deps.clock.now())
  const { uids: matching, mark, whole } = mailbox.lookOn ? await mailbox.lookOn(filter, trigger.judged.mark) : { uids: await mailbox.look(filter), mark: null, whole: true }
  const known = await deps.store.knownUids(keyOf(trigger), mailbox.uidValidity, matching)
  const unknown = matching.filter((uid) => !known.has(uid) && !trigger.leftOut.has(uid))
  const late = await recogniseLate(trigger, state, mailbox, unknown, deps)
  const doubtful = new Set(await findDoubtful(trigger, mailbox, known, deps.store))
  const fresh = doubtful.size + late.size === 0 ? unknown : matching.filter((uid) => doubtful.has(uid) || (!known.has(uid) && !trigger.leftOut.has(uid) && !late.has(uid)))
  const most = trigger.config.maxEmails
  const inOrder = trigger.config.order === 'newest' ? fresh.toReversed() : fresh
  const wanted = most === -1 ? inOrder : inOrder.slice(0, most)
  // What is fetched another time may lie before these, and holds the cursor back; the next whole look moves it.
  const held = !whole && [...trigger.leftOut.values()].includes('MAIL_PROTOCOL')
  const judged = judgedPrefix(held ? [] : matching, (uid) => known.has(uid) || late.has(uid))
  const taken = { runs: 0, lagMs: null as number | null }
  for (let from = 0; from < wanted.length && !deps.signal.aborted; from += fetchChunk) {
    const chunk = wanted.slice(from, from + fetchChunk)
    const leave = await deps.engine.hand.room(chunk.length, deps.signal)
    try {
      if (deps.signal.aborted) break
      const came = await takeIn(trigger, { state, judged, doubtful, searches: filter.search !== undefined }, mailbox, chunk, deps)
      taken.runs += came.runs
      taken.lagMs = came.lagMs ?? taken.lagMs
    } finally {
      leave()
    }
    await deps.between()
  }
  if (filter.search) Object.assign(trigger.reached, { uidValidity: mailbox.uidValidity, uid: judged.last() || filter.cursor })
  const more = fresh.length - wanted.length
  // Else the next look starts from the mark before, and what was left over is named again.
  if (more === 0 && !deps.signal.aborted) trigger.judged.mark = mark
  return { ...taken, more }
}

/** Where a trigger begins: at once, although it looks only at its times, so that mail of meanwhile is not passed over. */
export const prepare = async (trigger: Trigger, mailbox: OpenMailbox, deps: RebuiltDeps): Promise<void> => { await stateOf(trigger, mailbox, deps) }

async function stateOf(trigger: Trigger, mailbox: OpenMailbox, deps: RebuiltDeps): Promise<TriggerState> {
  const { store } = deps
  const saved = await store.trigger(keyOf(trigger))
  if (saved === null || saved.startFrom !== trigger.config.startFrom) return begin(trigger, mailbox, store)
  if (saved.uidValidity === mailbox.uidValidity) return saved
  // UIDs of another UIDVALIDITY name other mails (RFC 9051 section 2.3.1.1): reading on would run old mail again.
  // A stop or a new version after the reset is the person's word to go on from now; without it the folder must be known again.
  const seen = saved.resetSeen === mailbox.uidValidity
  if (!seen || trigger.version <= saved.resetVersion) {
    const recognised = await recogniseFolder(trigger, saved, mailbox, deps)
    if (recognised !== null) return recognised
    if (!seen) await store.putTrigger({ ...saved, resetSeen: mailbox.uidValidity, resetVersion: trigger.version })
    throw fault('MAIL_UID_RESET', { folder: trigger.config.folder })
  }
  return begin({ ...trigger, config: { ...trigger.config, startFrom: 'now' } }, mailbox, store, trigger.config.startFrom)
}

/** The flow was stopped: its next start goes on from then, whatever became of the folder. */
export async function acceptReset(trigger: Trigger, store: Store): Promise<void> {
  const saved = await store.trigger(keyOf(trigger))
  if (saved && saved.resetSeen !== '') await store.putTrigger({ ...saved, resetVersion: 0 })
}

async function begin(trigger: Trigger, mailbox: OpenMailbox, store: Store, startFrom: string = trigger.config.startFrom): Promise<TriggerState> {
  const first = await firstState(trigger, mailbox)
  const state = { ...first.state, startFrom }
  await store.beginTrigger(state, first.passed)
  return state
}

interface Progress { readonly state: TriggerState; readonly judged: Judged; /** Known names that may stand for another mail now. */ readonly doubtful: ReadonlySet<Uid>; readonly searches: boolean }

async function takeIn(trigger: Trigger, { state, judged, doubtful, searches }: Progress, mailbox: OpenMailbox, uids: readonly Uid[], deps: LookDeps): Promise<Pick<Looked, 'runs' | 'lagMs'>> {
  const fetched: FreshMail[] = []
  const missed: NotFetched[] = []
  let broken: { readonly error: unknown } | null = null
  try {
    for await (const mail of mailbox.fetch(uids, deps.store.blobs, { maxMailBytes })) {
      deps.alive()
      if (!('raw' in mail)) { missed.push(mail); continue }
      judged.add(mail.uid)
      const fresh = doubtful.has(mail.uid) ? await provenNew(trigger, mailbox, mail, deps.store) : mail
      if (fresh !== null) fetched.push(fresh)
    }
  } catch (error) {
    if (fetched.length + missed.length === 0) throw error
    broken = { error }
  }
  at('after-fetch')
  at('before-ingest')
  const now = deps.clock.now()
  const tooLarge = missed.filter((mail) => mail.code === 'MAIL_TOO_LARGE')
  for (const mail of missed) trigger.leftOut.set(mail.uid, mail.code)
  // A server that failed on one mail may do better another time, and a mail that is gone is named no more: a server that names
  // one it never had, with the last number there is, would move the cursor past all mail to come.
  for (const mail of missed) if (mail.code === 'MAIL_TOO_LARGE') judged.add(mail.uid)
  const batch = {
    ...keyOf(trigger), version: trigger.version, uidValidity: mailbox.uidValidity, at: now,
    cursor: (searches ? '' : judged.last()) || state.cursor, claim: true,
  }
  const runs = await deps.store.ingest({ ...batch, mails: fetched })
  at('after-ingest')
  for (const run of runs) deps.events.emit({ type: 'run.queued', run: run.id, flow: run.flow, mail: run.mail })
  deps.engine.begin(runs)
  for (const mail of tooLarge) await leaveTooLarge(mail, { ...keyOf(trigger), version: trigger.version, uidValidity: mailbox.uidValidity, at: now }, deps)
  if (broken) throw broken.error
  return { runs: runs.length, lagMs: lagOf(runs, now) }
}

/** Whole seconds are all that servers tell, so a mail may seem to have come a little after it was taken. */
function lagOf(runs: readonly { readonly receivedAt: string | null }[], now: string): number | null {
  const lags = runs.flatMap(({ receivedAt }) => (receivedAt === null ? [] : [Math.max(0, Date.parse(now) - Date.parse(receivedAt))]))
  return lags.length === 0 ? null : Math.min(...lags)
}

interface Judged {
  add(uid: Uid): void
  /** The last mail, in the mailbox's order, of which all before it are judged too; '' when the first one is not. */
  last(): Uid
}

/** A cursor never passes a mail that may be fetched another time. */
function judgedPrefix(order: readonly Uid[], known: (uid: Uid) => boolean): Judged {
  const added = new Set<Uid>()
  let passed = 0
  return {
    add: (uid) => { added.add(uid) },
    last: () => {
      for (let uid = order[passed]; uid !== undefined && (added.delete(uid) || known(uid)); uid = order[passed]) passed += 1
      return order[passed - 1] ?? ''
    },
  }
}

/** A mail over the limit stays in the mailbox untouched and shows up as a failed run that says so. */
async function leaveTooLarge({ uid, size }: NotFetched, found: Omit<LeftMail, 'uid' | 'size' | 'subject' | 'problem'>, { store, events }: LookDeps): Promise<void> {
  const problem = { code: 'MAIL_TOO_LARGE' as const, say: sayError('MAIL_TOO_LARGE', { size: sayBytes(size), limit: sayBytes(maxMailBytes) }), where: '' }
  const run = await store.leaveMail({ ...found, uid, size, subject: `(mail of ${sayBytes(size)}, not fetched)`, problem })
  if (run !== null) events.emit({ type: 'run.finished', run, flow: found.flow, state: 'failed', problem, mailbox: { connection: found.connection, folder: found.folder } })
}

const sayBytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`
