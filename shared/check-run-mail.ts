/**
 * A step on "the mail that started this run" needs a run that a mail started: trouble of a mailbox starts runs that have
 * none. Of a step that was there before this was asked it is a warning, no error: versions deployed with it keep running.
 */
import { sayNode } from './connect-rules.ts'
import type { Flow, FlowNode, FlowProblem } from './flow.ts'
import { nodesBefore } from './flow-order.ts'
import { textOr } from './json.ts'
import { modeOf } from './sending/mode.ts'

export function checkRunMail(flow: Flow, node: FlowNode): readonly FlowProblem[] {
  if (node.kind === 'send-email') return modeOf(node.config) === 'new' ? [] : checkAnswered(flow, node, textOr(node.config['of'], ''))
  const { which = 'run' } = node.config
  if (node.kind !== 'change-mail' || which !== 'run') return []
  const event = eventBefore(flow, node)
  return event === undefined ? [] : [problem(node, 'which', 'warning', `Runs that ${sayNode(event)} starts have no mail of their own and fail at this step. Name another mail, or draw it behind "Receive email".`)]
}

function checkAnswered(flow: Flow, node: FlowNode, of: string): readonly FlowProblem[] {
  if (of !== '') {
    const before = nodesBefore(flow, node.id)
    const isFetched = flow.nodes.some(({ id, kind }) => id === of && kind === 'fetch-mail' && before.has(id))
    return isFetched ? [] : [problem(node, 'of', 'error', `No step in front of ${sayNode(node)} fetches a mail under the name "${of.slice(0, 64)}". Choose the mail again.`)]
  }
  const event = eventBefore(flow, node)
  return event === undefined ? [] : [problem(node, 'mode', 'error', `A run that ${sayNode(event)} starts has no mail to answer or to forward. Choose "a new mail", or fetch a mail in front.`)]
}

function eventBefore(flow: Flow, node: FlowNode): FlowNode | undefined {
  const before = nodesBefore(flow, node.id)
  return flow.nodes.find(({ id, kind }) => before.has(id) && kind === 'mailbox-event')
}

const problem = (node: FlowNode, field: string, severity: FlowProblem['severity'], advice: string): FlowProblem => ({ code: 'NODE_CONFIG', severity, node: node.id, field, advice })
