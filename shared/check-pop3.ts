/** What a POP3 mailbox can't do for a step that reads it or works in it: mark, move and search. That it has one folder is check-config's to say. */
import type { KnownConnection } from './check-config.ts'
import { sayNode } from './connect-rules.ts'
import type { Flow, FlowNode, FlowProblem } from './flow.ts'
import { nodesBefore } from './flow-order.ts'
import { isJsonObject } from './json.ts'
import { nodeDescriptions } from './nodes/index.ts'
import { mailboxesOf } from './nodes/receive-email.ts'
import { isFieldUsed } from './used-fields.ts'

export function checkPop3(flow: Flow, node: FlowNode, connections: readonly KnownConnection[]): readonly FlowProblem[] {
  const { family } = nodeDescriptions[node.kind]
  if ((family !== 'mailbox' && family !== 'receive') || !connectionsOf(flow, node).some((id) => kindOf(id, connections) === 'pop3')) return []
  const refuse = (field: string, advice: string): FlowProblem => ({ code: 'NODE_CONFIG', severity: 'error', node: node.id, field, advice })
  const { search, do: action = 'move' } = node.config
  const problems: FlowProblem[] = []
  if (isJsonObject(search) && Object.keys(search).length > 0) problems.push(refuse('search', 'POP3 can\'t search. Leave the search empty, or connect the mailbox by IMAP.'))
  if (node.kind === 'change-mail' && action !== 'delete') problems.push(refuse('do', `With POP3, ${sayNode(node)} can only delete. Choose that, or connect the mailbox by IMAP.`))
  return problems
}

/** The step's own connections, or that of the mail which starts the run. */
function connectionsOf(flow: Flow, node: FlowNode): readonly unknown[] {
  if (node.kind === 'receive-email') return mailboxesOf(node.config).map(({ connection }) => connection)
  if (isFieldUsed(nodeDescriptions[node.kind].config, 'connection', node.config)) return [node.config['connection']]
  const before = nodesBefore(flow, node.id)
  return [flow.nodes.find(({ id, kind }) => before.has(id) && kind === 'receive-email')?.config['connection']]
}

const kindOf = (id: unknown, connections: readonly KnownConnection[]): string | undefined => connections.find((known) => known.id === id)?.kind
