/** What is wrong with the flow on the desk, sorted to where it is shown: on a card, beside a field, in the deploy dialog. */
import { checkFlow, type KnownConnection } from '#shared/flow-check.ts'
import type { Flow, FlowProblem } from '#shared/flow.ts'

export interface Problems {
  readonly all: readonly FlowProblem[]
  readonly errors: readonly FlowProblem[]
  readonly warnings: readonly FlowProblem[]
  readonly byNode: ReadonlyMap<string, readonly FlowProblem[]>
}

/** `connections` null: the list is not there yet, so nothing is said about unknown ones. */
export function findProblems(flow: Flow, connections: readonly KnownConnection[] | null): Problems {
  const { problems } = checkFlow(flow, { connections: connections ?? [] })
  const all = connections === null ? problems.filter((problem) => !aboutConnections.has(problem.code)) : problems
  const byNode = new Map<string, FlowProblem[]>()
  for (const problem of all) {
    const list = byNode.get(problem.node)
    if (list === undefined) byNode.set(problem.node, [problem])
    else list.push(problem)
  }
  return { all, errors: all.filter((problem) => problem.severity === 'error'), warnings: all.filter((problem) => problem.severity === 'warning'), byNode }
}
const aboutConnections: ReadonlySet<string> = new Set(['NODE_UNKNOWN_CONNECTION', 'NODE_WRONG_CONNECTION', 'NODE_CONNECTION_NOT_SHARED'])

/** The first sentence about a field or anything inside it; '' when it is fine. */
export function adviceFor(problems: readonly FlowProblem[] | undefined, field: string): string {
  return problems?.find((problem) => problem.field === field || problem.field.startsWith(`${field}.`))?.advice ?? ''
}
