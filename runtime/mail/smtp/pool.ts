/**
 * Sessions to one server, few and kept: mails wait here for a free one, a dead idle line costs no mail, and a server that
 * says "too many connections" is believed. At most one attempt per mail ever reaches the DATA command.
 */
import { Fault, fault } from '#shared/errors.ts'
import type { Clock } from '#runtime/clock.ts'
import { shutdownMs, smtpCrowdedMs, smtpIdleMs } from '#runtime/limits.ts'
import type { Log } from '#runtime/log.ts'
import type { Raw } from '#runtime/raw.ts'
import type { LookUp } from '../connect-target.ts'
import { signMail } from '../dkim/sign-mail.ts'
import type { HostPolicy } from '../host-policy.ts'
import type { Account } from '../mailbox.ts'
import { withToken } from '../sasl.ts'
import { fitEnvelope } from './addresses.ts'
import { isHeadAscii } from './head-letters.ts'
import { ServerBusy } from './connect.ts'
import { deferAll, judge } from './outcome.ts'
import type { Delivery, Envelope, Sender } from './sender.ts'
import { openSession, type Attempt, type Session } from './session.ts'

export interface SenderDeps { readonly policy: HostPolicy; readonly log: Log; readonly clock: Clock; readonly lookUp?: LookUp }

const nothing = (): void => {}
const noSignature = Buffer.alloc(0)

interface Waiter { readonly resolve: (session: Session) => void; readonly reject: (error: unknown) => void }

export function makeSender(account: Account, deps: SenderDeps): Sender {
  const { clock, log } = deps
  const idle: { readonly session: Session; readonly forget: () => void }[] = []
  const busy = new Set<Session>()
  const waiting: Waiter[] = []
  const goodbyes = new Set<Promise<void>>()
  let opening = 0
  let most = account.maxConnections
  /** The last opening went well; until it does, one session at a time knocks, so that a wrong password is tried once. */
  let proven = false
  let closed = false
  let drained = nothing
  let stopGrowing = nothing
  const stopped = new AbortController()

  async function deliver(envelope: Envelope, raw: Raw): Promise<Delivery> {
    try {
      // Before a session is taken, which need not wait for it. Each attempt comes to the same signature.
      const signature = account.dkim === null ? noSignature : await signMail(raw, account.dkim).catch(String)
      if (typeof signature === 'string') return deferAll(envelope, `The mail could not be signed: ${signature}`, 'connect')
      let session = await take()
      let used = session.mails() > 0
      for (;;) {
        const fit = fitEnvelope(envelope, session.features, isHeadAscii(raw))
        // Nobody is left whom this server could take: told without a word to the server.
        if (fit.envelope.to.length === 0) {
          give(session)
          return { recipients: fit.refused, stage: 'mail' }
        }
        const attempt = await session.send(fit.envelope, raw, signature)
        if (used && wasDead(attempt)) {
          drop(session)
          session = await take('fresh')
          used = false
          continue
        }
        await putBack(session, attempt)
        const judged = judge(fit.envelope, attempt, account)
        if (judged instanceof Fault) throw judged
        const noReports = envelope.reports !== undefined && !session.features.extensions.includes('DSN')
        return { ...judged, recipients: fit.merge(judged.recipients), ...(noReports ? { noReports } : {}) }
      }
    } catch (error) {
      if (error instanceof ServerBusy) return deferAll(envelope, error.answer, error.atGreeting ? 'greeting' : 'ehlo')
      throw error
    }
  }

  function take(which: 'any' | 'fresh' = 'any'): Promise<Session> {
    if (closed) return Promise.reject(fault('MAIL_CONNECTION_LOST', { host: account.host }))
    if (which === 'fresh') while (idle.length > 0) sayGoodbye(idle.pop())
    const kept = idle.pop()
    if (kept !== undefined) {
      kept.forget()
      busy.add(kept.session)
      return Promise.resolve(kept.session)
    }
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      pump()
    })
  }

  /** Sessions as the server counts them: one that is saying goodbye is still there. */
  const held = (): number => busy.size + idle.length + goodbyes.size + opening

  /** Opens what the waiting mails need and the limits allow. */
  function pump(): void {
    if (closed) return
    const room = proven ? most - held() : Math.min(1 - opening, most - held())
    for (let more = Math.min(room, waiting.length - opening); more > 0; more -= 1) void openOne()
  }

  async function openOne(): Promise<void> {
    opening += 1
    try {
      const session = await withToken(account, (ready) => openSession(ready, { ...deps, signal: stopped.signal }))
      opening -= 1
      proven = true
      session.onEnd(() => { ended(session) })
      log.debug('smtp.open', { connection: account.id, busy: busy.size, opening })
      give(session)
    } catch (error) {
      opening -= 1
      refuseWaiting(error)
    }
    pump()
  }

  /** No session could be opened: mails wait for the ones there are when the server only wants fewer, else all are told. */
  function refuseWaiting(error: unknown): void {
    log.warn('smtp.open.failed', { connection: account.id, why: error instanceof Error ? error.message : String(error) })
    if (error instanceof ServerBusy) {
      // Smaller at once: else the waiting mails would have the pool knock again without a pause.
      shrink()
      if (busy.size + opening + goodbyes.size > 0) return
    } else proven = false
    for (const waiter of waiting.splice(0)) waiter.reject(error)
  }

  function shrink(): void {
    most = Math.max(1, held())
    stopGrowing()
    growLater()
  }
  function growLater(): void {
    if (most >= account.maxConnections) return
    stopGrowing = clock.after(smtpCrowdedMs, () => {
      most += 1
      growLater()
      pump()
    })
  }

  async function putBack(session: Session, attempt: Attempt): Promise<void> {
    // After a refusal the server may still hold the transaction open; RSET ends it. The mail's outcome waits for this
    // one round trip only so that the slot is free when the caller hears of it.
    const ready = session.alive() && (attempt.error === null || (attempt.error.response !== undefined && await session.reset()))
    if (ready) give(session)
    else drop(session)
  }

  function give(session: Session): void {
    busy.delete(session)
    if (!session.alive()) {
      pump()
    } else if (closed || session.mails() >= account.mailsPerConnection) {
      leave(session)
    } else {
      const waiter = waiting.shift()
      if (waiter === undefined) {
        const entry = { session, forget: clock.after(smtpIdleMs, () => { idle.splice(idle.indexOf(entry), 1); leave(session) }) }
        idle.push(entry)
      } else {
        busy.add(session)
        waiter.resolve(session)
      }
    }
    if (busy.size === 0) drained()
  }

  function drop(session: Session): void {
    busy.delete(session)
    session.kill()
    pump()
    if (busy.size === 0) drained()
  }

  function ended(session: Session): void {
    const at = idle.findIndex((entry) => entry.session === session)
    if (at >= 0) idle.splice(at, 1)[0]?.forget()
  }

  function leave(session: Session): void {
    const goodbye = session.quit().finally(() => {
      goodbyes.delete(goodbye)
      pump()
    })
    goodbyes.add(goodbye)
  }
  function sayGoodbye(entry: { readonly session: Session; readonly forget: () => void } | undefined): void {
    entry?.forget()
    if (entry !== undefined) leave(entry.session)
  }

  return {
    limits: account.limits,
    free: () => (closed ? 0 : Math.max(0, most - busy.size - waiting.length)),
    deliver,
    async close(withinMs = shutdownMs) {
      closed = true
      stopGrowing()
      stopped.abort(fault('MAIL_CONNECTION_LOST', { host: account.host }))
      for (const waiter of waiting.splice(0)) waiter.reject(fault('MAIL_CONNECTION_LOST', { host: account.host }))
      while (idle.length > 0) sayGoodbye(idle.pop())
      if (busy.size > 0) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(withinMs, resolve)
          // A shutdown may come while an earlier close still waits.
          const before = drained
          drained = () => { before(); cancel(); resolve() }
        })
        for (const session of busy) session.kill()
      }
      await Promise.all(goodbyes)
    },
  }
}

/** A kept line that had died, or was just being closed (421), before the server took a single command of this mail. */
const wasDead = ({ reached, error }: Attempt): boolean =>
  reached === 'envelope' && error !== null &&
  (error.responseCode === 421 || (error.response === undefined && (error.code === 'ECONNECTION' || error.code === 'ESOCKET')))
