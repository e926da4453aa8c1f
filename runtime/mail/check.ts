/** The connection doctor: walks the steps of real work and says of each whether it went well, why not, and what to do. */
import type { Socket } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import { isAddress } from '#shared/address.ts'
import { checkSteps, type CheckLine, type CheckStep, type ConnectionCheck } from '#shared/connection.ts'
import { fault } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import { checkMs } from '../limits.ts'
import type { Log } from '../log.ts'
import { connectTarget, type ConnectTarget, type LookUp } from './connect-target.ts'
import { findOut, unasked } from './doctor/findings.ts'
import { cureOf, type Findings } from './doctor/fixes.ts'
import type { OtherPortDeps } from './doctor/other-port.ts'
import { seenCertificate } from './doctor/shown-certificate.ts'
import { silenceIsTls } from './doctor/silence.ts'
import { beginTalk, type Talk } from './doctor/talk.ts'
import { offersInWords, sayFault, securityInWords, sendInWords, stepOf } from './doctor/words.ts'
import type { HostPolicy } from './host-policy.ts'
import type { Account, MailboxAdapter } from './mailbox.ts'
import { abortReason, openTcp } from './open-line.ts'
import { logsIn, withToken } from './sasl.ts'
import { openSession } from './smtp/session.ts'
import { mayBePinned } from './trust.ts'
import { waitsOf } from './waits.ts'
import { within } from './within.ts'

export interface CheckDeps {
  readonly policy: HostPolicy
  readonly clock: Clock
  readonly log: Log
  readonly mailboxes: MailboxAdapter
  readonly lookUp?: LookUp
  readonly places?: NonNullable<OtherPortDeps['places']>
  /** Addresses that flows send from by this connection, a few; the login's own where there are none. */
  readonly senders?: () => Promise<readonly string[]>
}

/** Never rejects. Sends no mail, changes nothing on the server, and ends within `checkMs`, or 5 s after the connection's own patience. */
export async function checkConnection(account: Account, deps: CheckDeps): Promise<ConnectionCheck> {
  const startedMs = deps.clock.steadyMs()
  const patienceMs = Math.max(checkMs, waitsOf(account).connectMs + 5000)
  const visit = makeVisit(account, deps)
  const late = fault('MAIL_TIMEOUT', { host: account.host, seconds: Math.round(patienceMs / 1000) })
  try {
    await within(deps, patienceMs, late, (signal) => walkThrough(visit, signal))
  } catch (error) {
    // The deadline may come between two steps; then it is told on the one that was to be next.
    if (!(error instanceof Stop) && visit.lines.every((line) => line.state !== 'failed')) visit.fail(visit.next(), error, unasked)
  }
  const ok = visit.lines.every((line) => line.state !== 'failed')
  const done = new Set(visit.lines.map((line) => line.step))
  const skipped = checkSteps(account.kind).filter((step) => !done.has(step)).map((step): CheckLine => ({ step, state: 'skipped', say: 'Not tried, because of the step above.', fix: '', apply: null }))
  const ms = Math.round(deps.clock.steadyMs() - startedMs)
  deps.log.info('connection.checked', { connection: account.id, ok, failed: visit.lines.find((line) => line.state === 'failed')?.step ?? '', ms })
  return { ok, lines: [...visit.lines, ...skipped], certificate: seenCertificate(visit.shown, visit.refusedCertificate), ms }
}

/** A step failed and was told. */
class Stop extends Error {}

/** What is known so far. */
interface Visit {
  readonly account: Account
  readonly deps: CheckDeps
  readonly lines: CheckLine[]
  target: ConnectTarget | null
  offers: readonly string[]
  shown: PeerCertificate | null
  refusedCertificate: boolean
  next(): CheckStep
  pass(step: CheckStep, say: string): void
  fail(step: CheckStep, error: unknown, findings: Findings): void
}

function makeVisit(account: Account, deps: CheckDeps): Visit {
  const lines: CheckLine[] = []
  return {
    account, deps, lines, target: null, offers: [], shown: null, refusedCertificate: false,
    next: () => checkSteps(account.kind).find((step) => !lines.some((line) => line.step === step)) ?? 'host',
    pass: (step, say) => { lines.push({ step, state: 'ok', say, fix: '', apply: null }) },
    fail(step, error, findings) {
      this.refusedCertificate = mayBePinned(error)
      lines.push({ step, state: 'failed', say: sayFault(error, account), ...cureOf(error, account, findings) })
    },
  }
}

/** Does one step; what it returns is said, and so is a fault, which ends the walk. */
async function walk<T>(visit: Visit, signal: AbortSignal, step: CheckStep, run: () => Promise<T>, say: (result: T) => string): Promise<T> {
  try {
    const result = await run()
    visit.pass(step, say(result))
    return result
  } catch (error) {
    await tell(visit, signal, step, error)
    throw new Stop()
  }
}

async function tell(visit: Visit, signal: AbortSignal, step: CheckStep, error: unknown): Promise<void> {
  const { account, deps, target, offers } = visit
  const looking = target === null ? null : findOut(error, account, target, offers, deps, signal)
  // Nothing is awaited where nothing is looked for: at the deadline the line must be there at once.
  visit.fail(step, error, looking === null ? unasked : await looking)
}

async function walkThrough(visit: Visit, signal: AbortSignal): Promise<void> {
  const { account, deps } = visit
  const target = await walk(visit, signal, 'host', () => connectTarget(account, deps.policy, deps.lookUp), ({ address, servername }) => (servername === '' ? `${address} is an address and may be used.` : `${servername} is ${address}.`))
  visit.target = target
  const unreachable = fault('MAIL_UNREACHABLE', { host: account.host, port: account.port })
  const socket = await walk(visit, signal, 'port', () => within({ clock: deps.clock, signal }, waitsOf(account).connectMs, unreachable, (late) => openTcp(account, target, late)), () => `Something listens on port ${account.port}.`)
  const onAbort = (): void => { socket.destroy(abortReason(signal)) }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const talk = await walk(visit, signal, 'security', () => talkWith(visit, target, socket, signal), ({ secure }) => securityInWords(account, secure))
    visit.offers = talk.offers
    visit.pass('offers', offersInWords(account.kind, talk.offers))
    talk.bye()
  } finally {
    signal.removeEventListener('abort', onAbort)
    socket.destroy()
  }
  await (account.kind === 'smtp' ? tryToSend(visit, signal) : tryToReceive(visit, signal))
}

async function talkWith(visit: Visit, target: ConnectTarget, socket: Socket, signal: AbortSignal): Promise<Talk> {
  const { account, deps } = visit
  const silence = account.security === 'tls' ? null : silenceIsTls(account, target, deps.clock, socket, signal)
  try {
    const talk = beginTalk(account, target, socket, signal, (certificate) => { visit.shown = certificate })
    return await (silence === null ? talk : Promise.race([talk, silence.told]))
  } finally {
    silence?.forget()
  }
}

async function tryToSend(visit: Visit, signal: AbortSignal): Promise<void> {
  const { account, deps } = visit
  const session = await walk(visit, signal, 'login', () => withToken(account, (ready) => openSession(ready, { ...deps, signal })), () => loggedIn(account))
  try {
    const asked = await addressesOf(account, deps)
    await walk(visit, signal, 'send', async () => {
      for (const address of asked) await session.rehearse(address, address)
      return session.features
    }, (features) => sendInWords(features, asked))
  } finally {
    await session.quit()
  }
}

/** Those that any server can be asked about: beyond ASCII its abilities decide, which are told beside. */
async function addressesOf({ user }: Account, { senders }: CheckDeps): Promise<readonly string[]> {
  const named = [...new Set(await senders?.() ?? [])]
  return (named.length > 0 ? named : [user]).filter((address) => isAddress(address) && /^[\x21-\x7e]+$/.test(address)).slice(0, mostAsked)
}
/** Servers count refused addresses and end the session at some number. */
const mostAsked = 5

async function tryToReceive(visit: Visit, signal: AbortSignal): Promise<void> {
  const { account, deps } = visit
  try {
    const mailbox = await deps.mailboxes.open(account, 'INBOX', signal)
    visit.pass('login', loggedIn(account))
    try {
      const { total, waiting } = await mailbox.peek(1)
      visit.pass('folder', `INBOX can be read: ${total} mail${total === 1 ? '' : 's'}${account.kind === 'pop3' ? '' : `, ${waiting} unread`}.`)
    } finally {
      await mailbox.close()
    }
  } catch (error) {
    const step = visit.next() === 'folder' ? 'folder' : stepOf(error)
    if (step === 'folder' && visit.next() !== 'folder') visit.pass('login', loggedIn(account))
    await tell(visit, signal, step, error)
    throw new Stop()
  }
}

const loggedIn = (account: Account): string => {
  const { user, mailbox } = account
  if (!logsIn(account)) return 'This connection is set to log in nowhere, so no login was tried.'
  return `Logged in as ${user === '' ? 'the server has it' : user}${mailbox === '' ? '' : `, for the mailbox ${mailbox}`}.`
}
