/** `mailweave check FILE...`: says everything that is wrong with a flow file; exit code 1 when it can't be deployed. */
import { readFile } from 'node:fs/promises'
import { checkFlowFully, readFlow } from '#shared/flow-check.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import type { FlowProblem } from '#shared/flow.ts'
import { fault } from '#shared/errors.ts'
import type { Command } from '../command.ts'
import { oneLine } from '../plain.ts'

export const check: Command = async (files) => {
  if (files.length === 0) throw fault('API_BAD_REQUEST', { reason: 'Name the flow file: mailweave check FILE' })
  let worst = 0
  for (const file of files) {
    const problems = await problemsOf(file)
    for (const problem of problems) console.log(`${file}: ${sayProblem(problem)}`)
    if (problems.some((problem) => problem.severity === 'error')) worst = 1
    else console.log(`${file}: fit to be deployed`)
  }
  return worst
}

export const sayProblem = ({ severity, node, field, advice }: FlowProblem): string =>
  oneLine(`${severity}${node ? ` in ${node}` : ''}${field ? ` (${field})` : ''}: ${advice}`)

/** Whether the connections exist is known to the server alone and asked at deploy. */
async function problemsOf(file: string): Promise<readonly FlowProblem[]> {
  const { flow, problems } = readFlow(await textOf(file))
  return flow ? [...problems, ...(await checkFlowFully(flow, { connections: namedConnections(flow) })).problems] : problems
}

export async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw fault('API_BAD_REQUEST', { reason: `${file} can't be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}` })
  }
}
