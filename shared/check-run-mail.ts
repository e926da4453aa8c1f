/**
 * A step on "the mail that started this run" needs a run that a mail started: trouble of a mailbox starts runs that have
 * none. A warning, no error: versions that were deployed with such a step keep running for their mails.
 */
import { sayNode } from './connect-rules.ts'
import type { Flow, FlowNode, FlowProblem } from './flow.ts'
import { nodesBefore } from './flow-order.ts'

export function checkRunMail(flow: Flow, node: FlowNode): readonly FlowProblem[] {
  const { which = 'run' } = node.config
  if (node.kind !== 'change-mail' || which !== 'run') return []
  const before = nodesBefore(flow, node.id)
  const event = flow.nodes.find(({ id, kind }) => before.has(id) && kind === 'mailbox-event')
  if (event === undefined) return []
  return [{ code: 'NODE_CONFIG', severity: 'warning', node: node.id, field: 'which', advice: `Runs that ${sayNode(event)} starts have no mail of their own and fail at this step. Name another mail, or draw it behind "Receive email".` }]
}
