/** What is looked for beside a fault, so that its fix can be offered: STARTTLS on the same port, another port that answers. */
import { Fault, type ErrorCode } from '#shared/errors.ts'
import type { ConnectTarget } from '../connect-target.ts'
import type { Account } from '../mailbox.ts'
import { openTcp } from '../open-line.ts'
import type { Findings } from './fixes.ts'
import { findOtherPort, type OtherPortDeps } from './other-port.ts'
import { beginTalk, isStarttls } from './talk.ts'

export const unasked: Findings = { otherPort: null, offersStarttls: false }

const elsewhere: ReadonlySet<ErrorCode> = new Set(['MAIL_PORT_REFUSED', 'MAIL_UNREACHABLE', 'MAIL_TLS_EXPECTED', 'MAIL_STARTTLS_MISSING', 'MAIL_LOGIN_DISABLED', 'MAIL_PROTOCOL'])

/** null when nothing need be asked of the server. `offers`: what it is known to offer. */
export function findOut(error: unknown, account: Account, target: ConnectTarget, offers: readonly string[], deps: OtherPortDeps, signal: AbortSignal): Promise<Findings> | null {
  if (!(error instanceof Fault) || !elsewhere.has(error.code) || signal.aborted) return null
  return lookAround(error.code, account, target, offers, deps, signal)
}

async function lookAround(code: ErrorCode, account: Account, target: ConnectTarget, offers: readonly string[], deps: OtherPortDeps, signal: AbortSignal): Promise<Findings> {
  const offersStarttls = offers.some(isStarttls) || (code === 'MAIL_TLS_EXPECTED' && await asksForStarttls(account, target, signal))
  return { offersStarttls, otherPort: offersStarttls ? null : await findOtherPort(account, target, deps, signal) }
}

async function asksForStarttls(account: Account, target: ConnectTarget, signal: AbortSignal): Promise<boolean> {
  try {
    const socket = await openTcp(account, target, signal)
    try {
      const talk = await beginTalk({ ...account, security: 'none' }, target, socket, signal)
      talk.bye()
      return talk.offers.some(isStarttls)
    } finally {
      socket.destroy()
    }
  } catch {
    return false
  }
}
