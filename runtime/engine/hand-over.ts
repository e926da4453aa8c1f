/**
 * A batch of rows on its way to the server: judged where nobody knows of them, marked `sending` and durable before the
 * first SMTP byte, handed over, and each outcome written before anything else happens to the row.
 */
import { type Problem, problemOf } from '#shared/errors.ts'
import { at } from '../faults.ts'
import type { Sender } from '../mail/smtp/sender.ts'
import type { ClaimedSend, SendOutcome, Store } from '../store/store.ts'
import { attempt, type AttemptDeps, rulesOf, type SendRules } from './attempt.ts'
import type { Insist } from './insist.ts'
import type { Line } from './line.ts'
import type { UnknownChoice } from './unknown.ts'

export interface HandOverDeps extends AttemptDeps {
  readonly store: Pick<Store, 'markSending' | 'recordOutcome'>
  readonly choose: UnknownChoice
  /** What to record instead of sending, where the flow was paused meanwhile. */
  readonly barred: (send: ClaimedSend) => SendOutcome | null
  readonly insist: Insist
  /** The outcome is queued for the same commit as what this queues. */
  readonly onOutcome: (send: ClaimedSend, outcome: SendOutcome, recorded: Promise<void>) => Promise<void>
  /** The line is closed for a while: the row lies in the ledger untouched and comes back when it opens. */
  readonly onHeld: (send: ClaimedSend, problem: Problem) => void
  /** What the line makes of it: its places are free again, its server is well, it is in trouble; rows leave the hand. */
  readonly pump: (line: Line) => void
  readonly answered: (line: Line, event: SendOutcome['event'], trouble: string | null) => void
  readonly pause: (line: Line, error: unknown) => void
  readonly letGo: (line: Line, send: ClaimedSend) => void
  /** It was not offered to the server after all, and counts for no limit. */
  readonly uncount: (line: Line, send: ClaimedSend, agoMs: number) => void
  /** In its turn once more, in hand as it is. */
  readonly standAgain: (line: Line, send: ClaimedSend) => void
  readonly isInHand: (send: ClaimedSend) => boolean
  readonly wake: () => void
  readonly ringAt: (iso: string | null) => void
}

/** Resolves when each row of the batch has its outcome, or is back in the ledger. */
export type HandOver = (line: Line, sender: Sender, batch: readonly ClaimedSend[]) => Promise<void>

export function makeHandOver(deps: HandOverDeps): HandOver {
  const { store, clock, insist, letGo, pause, pump } = deps
  /** Rows of which nobody knows whether they went out, and of which the flow's choice has said by now to send them again. */
  const judged = new WeakSet<ClaimedSend>()

  async function handOver(line: Line, sender: Sender, batch: readonly ClaimedSend[]): Promise<void> {
    const opened = line.opened()
    const countedMs = clock.steadyMs()
    const doubted = new Set(batch.filter((send) => deps.barred(send) !== null || (send.unknown && !judged.has(send))))
    // To look for a mail takes seconds, and minutes where its mailbox is in trouble: nobody waits behind it, and no place is kept for it.
    if (doubted.size > 0) {
      const others = batch.filter((send) => !doubted.has(send))
      await Promise.all([...(others.length > 0 ? [handOver(line, sender, others)] : []), ...[...doubted].map((send) => judge(line, send, countedMs))])
      return
    }
    line.marking += batch.length
    let ruled: readonly (readonly [ClaimedSend, SendRules])[] = []
    try {
      ruled = await Promise.all(batch.map(async (send) => [send, await rulesOf(send, deps.versions)] as const))
      at('before-mark-sending')
      await store.markSending(batch.map((send) => send.id), clock.now())
      at('after-mark-sending')
    } catch (error) {
      // Not durable, so not sent: the rows stay as they were and come back when the store takes writes again.
      for (const send of batch) if (deps.isInHand(send)) giveBack(line, send, countedMs)
      pause(line, error)
      return
    } finally {
      line.marking -= batch.length
    }
    // In the same turn in which their places are given free, so that nobody else takes them in between.
    await Promise.all(ruled.map(([send, rules]) => sendOne(line, sender, send, rules, opened, countedMs)))
  }

  function giveBack(line: Line, send: ClaimedSend, countedMs: number): void {
    deps.uncount(line, send, clock.steadyMs() - countedMs)
    letGo(line, send)
  }

  /** Sent again only if the flow's choice says so, and then in the line's turn like any other; a row of a paused flow is held. */
  async function judge(line: Line, send: ClaimedSend, countedMs: number): Promise<void> {
    try {
      const outcome = deps.barred(send) ?? await deps.choose(send)
      if (outcome === 'send' && !line.isPaused()) {
        judged.add(send)
        deps.uncount(line, send, clock.steadyMs() - countedMs)
        deps.standAgain(line, send)
        return
      }
      // A line that was closed meanwhile leaves the row as it was, to be judged anew when it opens.
      if (outcome === 'send') line.behind.add(send.flow)
      else {
        await deps.onOutcome(send, outcome, insist.write(() => store.recordOutcome(outcome)))
        deps.ringAt(outcome.nextAttemptAt)
      }
      giveBack(line, send, countedMs)
    } catch (error) {
      giveBack(line, send, countedMs)
      pause(line, error)
    }
  }

  async function sendOne(line: Line, sender: Sender, send: ClaimedSend, rules: SendRules, opened: number, countedMs: number): Promise<void> {
    let held = false
    try {
      const { outcome, fault, trouble } = await attempt(send, rules, sender, deps)
      if (fault === null) deps.answered(line, outcome.event, trouble)
      else {
        deps.uncount(line, send, clock.steadyMs() - countedMs)
        if (opened === line.opened()) pause(line, fault)
      }
      held = outcome.event.what === 'deferred' && fault !== null
      pump(line)
      const recorded = insist.write(() => store.recordOutcome(outcome))
      if (held) {
        await recorded
        deps.onHeld(send, line.isPaused() ? line.problem() : problemOf(fault))
      } else await deps.onOutcome(send, outcome, recorded)
      at('after-record-outcome')
      deps.ringAt(outcome.nextAttemptAt)
    } finally {
      letGo(line, send)
      // The pause may have ended, or the connection been changed, while the row was still in hand.
      if (held && !line.isPaused()) deps.wake()
    }
  }

  return handOver
}
