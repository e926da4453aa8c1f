/** Which connections a flow names, and as which kind each is used. */
import type { ConnectionKind } from './connection.ts'
import type { Flow } from './flow.ts'
import { isJsonObject } from './json.ts'
import { nodeDescriptions } from './nodes/index.ts'
import { copyConnections } from './sending/copy.ts'

export interface NamedConnection { readonly id: string; readonly kind: ConnectionKind }

export function namedConnections(flow: Pick<Flow, 'nodes'>): readonly NamedConnection[] {
  return flow.nodes.flatMap((node) => {
    const { connection, chosen, also } = node.config
    const kind: ConnectionKind = nodeDescriptions[node.kind].family === 'send' ? 'smtp' : 'imap'
    const own = typeof connection === 'string' ? [{ id: connection, kind }] : []
    const probed = copyConnections(node.config).map((id) => ({ id, kind: 'imap' as const }))
    // Mailboxes whose events a flow hears of, and further ones that it receives from.
    const listed = [chosen, also].flatMap((list) => (Array.isArray(list) ? list : [])).flatMap((one) => (isJsonObject(one) && typeof one['connection'] === 'string' ? [{ id: one['connection'], kind: 'imap' as const }] : []))
    return [...own, ...probed, ...listed]
  })
}
