/** What the world's name servers say of the addresses a flow sends from: whether receivers will trust its mail, and replies find their way. */
import { parseAddresses } from './address.ts'
import type { Flow } from './flow.ts'

export type DeliveryAbout = 'domain' | 'replies' | 'login' | 'spf' | 'dkim' | 'dmarc'
/** One doubt about one address. */
export interface DeliveryDoubt {
  readonly node: string
  readonly address: string
  readonly about: DeliveryAbout
  readonly say: string
  readonly fix: string
}
export interface DeliveryCheck {
  readonly doubts: readonly DeliveryDoubt[]
  /** Domains that no name server answered for; nothing is known of them. */
  readonly unanswered: readonly string[]
}

/** Addresses typed as "From", with the step and the connection that send them; mapped ones are known in a run only. */
export interface TypedSender { readonly node: string; readonly connection: string; readonly address: string }
export const typedSenders = ({ nodes }: Pick<Flow, 'nodes'>): readonly TypedSender[] =>
  nodes.flatMap(({ id, kind, config: { connection, from } }) =>
    (kind === 'send-email' && typeof connection === 'string' && typeof from === 'string' ? parseAddresses(from).addresses.map(({ address }) => ({ node: id, connection, address })) : []))
