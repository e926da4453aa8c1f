/** How autodetection touches the network: a host is looked up once, held to the host policy, and that address is what is connected to. */
import type { ConnectionKind } from '#shared/connection.ts'
import { Fault } from '#shared/errors.ts'
import type { MailServer } from '#shared/provider-table.ts'
import type { Clock } from '../clock.ts'
import { connectTarget, type LookUp } from '../mail/connect-target.ts'
import type { HostPolicy } from '../mail/host-policy.ts'
import type { Account } from '../mail/mailbox.ts'
import { placeAt } from './policy-request.ts'

export interface Reach {
  readonly policy: HostPolicy
  readonly clock: Clock
  readonly lookUp?: LookUp
  readonly signal?: AbortSignal
  /** Where a place is reached, when not at itself. */
  readonly redirect?: (place: Account) => Account
}

/** The place as it is reached here. */
export const inReach = (place: Account, { redirect }: Reach): Account => redirect?.(place) ?? place

/** '' when the host exists and may be reached, else why not. */
export async function permitted(server: MailServer & { readonly kind: ConnectionKind }, reach: Reach): Promise<string> {
  try {
    await connectTarget(inReach(placeAt(server, server.kind), reach), reach.policy, reach.lookUp)
    return ''
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
}

/** Names that records and files of strangers give: letters, digits, hyphens and dots, not an address, with a domain. */
export const isHostName = (host: string): boolean => host.length <= 253 && /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i.test(host)
export const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535
