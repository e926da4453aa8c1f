/** The addresses of the accounts that a flow works with, so that an answer to all does not come back to ourselves. */
import { connectionId } from '#shared/ids.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import type { Store } from '../store/store.ts'

/** @param receiving the connection that the mail came in by; '' when it came by none */
export async function ourAddresses(flow: CheckedFlow, receiving: string, store: Pick<Store, 'connection'>): Promise<readonly string[]> {
  if (!flow.nodes.some((node) => node.kind === 'send-email' && node.config.mode === 'reply-all')) return []
  const named = flow.nodes.flatMap(({ config }) => ('connection' in config ? [config.connection ?? ''] : []))
  const known = await Promise.all([...new Set([...named, receiving])].filter((id) => id !== '').map((id) => store.connection(connectionId(id))))
  return known.flatMap((connection) => [connection?.user ?? '', connection?.mailbox ?? '']).filter((user) => user.includes('@'))
}
