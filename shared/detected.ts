/** What looking up an address's mail settings gives: servers with where each was found and how sure that is. Never a password. */
import type { ConnectionKind } from './connection.ts'
import type { ProviderLogin, MailServer, Provider } from './provider-table.ts'

/** The places that are looked at, in this order. */
export type FoundBy = 'provider' | 'dns' | 'autoconfig' | 'exchanger' | 'usual-names'

export interface FoundServer extends MailServer {
  readonly kind: ConnectionKind
  readonly user: string
  /** Empty where nothing is known of it. */
  readonly logins: readonly ProviderLogin[]
  readonly by: FoundBy
  /** guess: a person should look whether the server is the right one before a password goes there. */
  readonly sure: 'sure' | 'likely' | 'guess'
  /** Where it was found, in words. */
  readonly say: string
}

export interface Detected {
  readonly address: string
  /** Whose servers they are, when that is known. */
  readonly provider: Pick<Provider, 'id' | 'name' | 'hint' | 'logins'> | null
  /** At most one of each kind. */
  readonly servers: readonly FoundServer[]
  /** Kinds that the domain itself says it does not offer. */
  readonly notOffered: readonly ConnectionKind[]
  /** What was looked at without finding, in words. */
  readonly missed: readonly { readonly by: FoundBy; readonly say: string }[]
}
