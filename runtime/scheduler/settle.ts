/**
 * The last step of a mail: what happens to it on its server after its run has ended. Idempotent, so a crash between the
 * server's answer and the ledger's row repeats it; a mail that is gone is done.
 */
import { problemOf } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import { type After, afterWords, sayAction } from '#shared/nodes/receive-email.ts'
import type { Clock } from '../clock.ts'
import { addMs, retryDelayMs } from '../engine/retry.ts'
import { configOf, type Versions } from '../engine/versions.ts'
import { at } from '../faults.ts'
import type { OpenMailbox } from '../mail/mailbox.ts'
import type { Settled, Store, Unsettled } from '../store/store.ts'
import type { ConnectionId } from '#shared/ids.ts'

/** Rows settled in one round: one STORE command takes them all. */
const settleBatch = 500
const dayMs = 24 * 3600_000
/** Mails of a folder that was rebuilt: asked about again this often, until the folder was recognised or a day has passed. */
const recogniseMs = 60_000
const rebuilt = 'the folder was rebuilt on the server'
const settleRetry = { firstSeconds: 30, factor: 2, maxSeconds: 3600, giveUpHours: 24 * 7 } as const

export interface SettleDeps {
  readonly store: Store
  readonly versions: Versions
  readonly events: EventStream
  readonly clock: Clock
}

/** Settles all that is due; returns how many rows it wrote. Rejects only when the connection or the store is broken. */
export async function settleDue(mailbox: OpenMailbox, connection: ConnectionId, folder: string, deps: SettleDeps): Promise<number> {
  let written = 0
  for (;;) {
    const due = await deps.store.unsettled(connection, folder, mailbox.uidValidity, deps.clock.now(), settleBatch)
    if (due.length === 0) return written
    for (const [, group] of await byAction(due, deps.versions)) {
      const settled = group.after === null ? giveUp(group.mails, deps.clock.now()) : await settleGroup(mailbox, group.after, group.mails, deps.clock)
      await deps.store.recordSettled(settled)
      at('after-record-settled')
      written += settled.length
      for (const mail of group.mails) deps.events.emit({ type: 'mail.settled', run: mail.run, flow: mail.flow })
    }
    if (due.length < settleBatch) return written
  }
}

/** Without an action: the mails of a flow version that can't be read any more. */
interface Group { readonly after: After | null; readonly mails: Unsettled[] }

async function byAction(due: readonly Unsettled[], versions: Versions): Promise<Map<string, Group>> {
  const groups = new Map<string, Group>()
  for (const mail of due) {
    const after = await actionFor(mail, versions)
    const key = JSON.stringify(after)
    const group = groups.get(key) ?? { after, mails: [] }
    group.mails.push(mail)
    groups.set(key, group)
  }
  return groups
}

async function actionFor(mail: Unsettled, versions: Versions): Promise<After | null> {
  try {
    const config = configOf(await versions.get(mail.flow, mail.version), mail.trigger, 'receive-email')
    return mail.state === 'done' ? config.after : config.onFailure
  } catch (error) {
    // Any other fault is the store's and passes.
    if (problemOf(error).code === 'FLOW_NOT_FOUND') return null
    throw error
  }
}

/** The mails stay as they are, and the folder's other mails are settled. */
const giveUp = (mails: readonly Unsettled[], now: string): readonly Settled[] =>
  mails.map((mail) => ({ run: mail.run, state: 'failed', action: afterWords.leave, say: 'what to do with the mail can no longer be read from its flow', at: now }))

async function settleGroup(mailbox: OpenMailbox, after: After, mails: readonly Unsettled[], clock: Clock): Promise<readonly Settled[]> {
  const now = clock.now()
  const action = sayAction(after)
  const row = (mail: Unsettled, state: Settled['state'], say: string, dueAt?: string): Settled => ({ run: mail.run, state, action, say, at: now, ...(dueAt ? { dueAt } : {}) })
  const later = (mail: Unsettled) => (after.do === 'delete' && after.days ? addMs(mail.finishedAt, after.days * dayMs) : '')
  const waiting = mails.filter((mail) => later(mail) > now).map((mail) => row(mail, 'pending', 'waits for its day', later(mail)))
  const ready = mails.filter((mail) => later(mail) <= now)
  const taken = ready.filter((mail) => mail.uid === '').map((mail) => row(mail, 'gone', 'the server gave its name to another mail'))
  const named = ready.filter((mail) => mail.uid !== '')
  // Another UIDVALIDITY: this UID names another mail now, and flagging that one would be a lie. The next look may recognise it.
  const lost = named.filter((mail) => mail.uidValidity !== mailbox.uidValidity).map((mail) => (isOver(mail, now, dayMs)
    ? row(mail, 'gone', rebuilt) : row(mail, 'pending', rebuilt, addMs(now, recogniseMs))))
  const mine = named.filter((mail) => mail.uidValidity === mailbox.uidValidity)
  const others = [...waiting, ...taken, ...lost]
  if (mine.length === 0) return others
  at('before-settle')
  try {
    const { gone } = await mailbox.settle(mine.map((mail) => mail.uid), after)
    at('after-settle')
    const missing = new Set(gone)
    return [...others, ...mine.map((mail) => (missing.has(mail.uid) ? row(mail, 'gone', 'no longer in the folder') : row(mail, 'done', '')))]
  } catch (error) {
    const problem = problemOf(error)
    if (problem.code !== 'MAIL_ACTION_REFUSED' && problem.code !== 'MAIL_FOLDER_MISSING') throw error
    return [...others, ...mine.map((mail) => {
      const tries = mail.tries + 1
      return isOver(mail, now, settleRetry.giveUpHours * 3600_000) ? row(mail, 'failed', problem.say) : row(mail, 'pending', problem.say, addMs(now, retryDelayMs(settleRetry, tries, 0.5)))
    })]
  }
}

const isOver = (mail: Unsettled, now: string, mostMs: number): boolean => Date.parse(now) - Date.parse(mail.finishedAt) > mostMs
