/** When a port does not answer as hoped: whether another usual port of the same server does. Same address, same policy, a few tries, nothing said. */
import type { ConnectionKind } from '#shared/connection.ts'
import type { Clock } from '#runtime/clock.ts'
import { otherPortMs } from '#runtime/limits.ts'
import { fault } from '#shared/errors.ts'
import type { ConnectTarget } from '../connect-target.ts'
import type { HostPolicy } from '../host-policy.ts'
import type { Account } from '../mailbox.ts'
import { openTcp } from '../open-line.ts'
import { within } from '../within.ts'
import { plainHost } from '../trust.ts'
import type { Place } from './fixes.ts'

/** Best first: encrypted from the start before STARTTLS (RFC 8314); none in clear is ever proposed. */
export const commonPlaces: Readonly<Record<ConnectionKind, readonly Place[]>> = {
  imap: [{ port: 993, security: 'tls' }, { port: 143, security: 'starttls' }],
  pop3: [{ port: 995, security: 'tls' }, { port: 110, security: 'starttls' }],
  smtp: [{ port: 465, security: 'tls' }, { port: 587, security: 'starttls' }, { port: 25, security: 'starttls' }],
}

export interface OtherPortDeps {
  readonly policy: HostPolicy
  readonly clock: Clock
  /** Other ones for tests, which may not listen on these. */
  readonly places?: Readonly<Record<ConnectionKind, readonly Place[]>>
}

/** The best of those that answer; null when none does. Never rejects. */
export async function findOtherPort(account: Account, target: ConnectTarget, deps: OtherPortDeps, signal: AbortSignal): Promise<Place | null> {
  const host = plainHost(account.host)
  const places = (deps.places ?? commonPlaces)[account.kind].filter(({ port }) => port !== account.port && deps.policy.permits(host, target.address, port))
  const late = fault('MAIL_UNREACHABLE', { host: account.host, port: account.port })
  const answers = await Promise.all(places.map(({ port }) =>
    within({ clock: deps.clock, signal }, otherPortMs, late, (ending) => openTcp({ ...account, port }, target, ending)).then((socket) => { socket.destroy(); return true }, () => false)))
  return places.find((_, at) => answers[at]) ?? null
}
