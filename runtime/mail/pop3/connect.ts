/** One logged-in POP3 connection; the password leaves only over TLS, or in clear where the person chose so and nothing better was offered. */
import { type Fault, fault } from '#shared/errors.ts'
import type { Clock } from '#runtime/clock.ts'
import type { Log } from '#runtime/log.ts'
import { type ConnectTarget, connectTarget, type LookUp, mayLogInClear } from '../connect-target.ts'
import type { HostPolicy } from '../host-policy.ts'
import type { Account } from '../mailbox.ts'
import { networkFault } from '../network-faults.ts'
import { openSocket, openTls } from '../open-line.ts'
import { waitsOf } from '../waits.ts'
import { within } from '../within.ts'
import { refusalFault } from './faults.ts'
import { logIn } from './login.ts'
import { askOffers } from './offers.ts'
import { makeSession, type Session } from './session.ts'

export interface Pop3Deps {
  readonly policy: HostPolicy
  readonly clock: Clock
  readonly log: Log
  readonly lookUp?: LookUp
  /** Shorter ones for tests. */
  readonly deadlines?: { readonly connectMs: number; readonly commandMs: number }
}

/** `progress`: as `MailboxAdapter.open` has it. */
export async function connect(account: Account, deps: Pop3Deps, signal: AbortSignal, progress: () => void): Promise<Session> {
  const waits = waitsOf(account)
  const times = deps.deadlines ?? { connectMs: waits.connectMs, commandMs: waits.answerMs }
  const unreachable = fault('MAIL_UNREACHABLE', { host: account.host, port: account.port })
  const unnamed = fault('MAIL_HOST_LOOKUP', { host: account.host })
  const timed = <T>(late: Fault, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    within({ clock: deps.clock, signal }, times.connectMs, late, work).catch((error: unknown) => { throw networkFault(error, account) })
  // Nobody can call a resolver off, so it is left behind.
  const target = await timed(unnamed, () => connectTarget(account, deps.policy, deps.lookUp))
  const socket = await timed(unreachable, (late) => openSocket(account, target, late))
  const session = makeSession(account, deps.clock, times.commandMs, progress)
  session.use(socket)
  const forget = session.endOn(signal)
  try {
    await session.ask(async () => {
      await greet(session)
      if (account.security !== 'tls' && account.security !== 'none') await upgrade(session, target, deps.clock, times.connectMs)
      if (!session.wire().secure && !mayLogInClear(account, target)) throw fault('MAIL_STARTTLS_MISSING', { host: account.host, port: account.port })
      await logIn(session)
      // What a server offers may differ once it knows who asks (RFC 2449 section 5).
      if (session.offers.known && !['TOP', 'UIDL', 'PIPELINING'].every((name) => session.offers.names.has(name))) session.offers = await askOffers(session)
    })
    return session
  } finally {
    forget()
  }
}

async function greet(session: Session): Promise<void> {
  const line = await session.answer()
  if (!line.ok) throw refusalFault(line, session.account, 'busy')
  session.greeting = line.text
  session.offers = await askOffers(session)
}

/** RFC 2595 section 4. Offered and then refused is no offer: somebody on the way may have refused it. */
async function upgrade(session: Session, target: ConnectTarget, clock: Clock, ms: number): Promise<void> {
  const { account } = session
  const facts = { host: account.host, port: account.port }
  if (!session.offers.names.has('STLS')) {
    if (mayLogInClear(account, target)) return
    throw fault('MAIL_STARTTLS_MISSING', facts)
  }
  const answer = await session.command('STLS')
  if (!answer.ok) throw fault('MAIL_STARTTLS_MISSING', facts)
  // What came before TLS was not said by the server that TLS vouches for (CVE-2011-0411).
  if (session.wire().hasMore()) throw fault('MAIL_PROTOCOL', { host: account.host, reason: 'it sent data between STLS and TLS' })
  const plain = session.wire().release()
  const late = fault('MAIL_TIMEOUT', { host: account.host, seconds: Math.round(ms / 1000) })
  session.use(await within({ clock }, ms, late, (signal) => openTls(account, target, plain, signal)))
  session.offers = await askOffers(session)
}
