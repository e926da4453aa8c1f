/** `mailweave check FILE...`: says everything that is wrong with a flow file; exit code 1 when it can't be deployed. */
import { fault } from '#shared/errors.ts'
import type { Command } from '../command.ts'
import { judgeFlow, sayProblem } from '../files.ts'

export const check: Command = async (files) => {
  if (files.length === 0) throw fault('API_BAD_REQUEST', { reason: 'Name the flow file: mailweave check FILE' })
  let worst = 0
  for (const file of files) {
    const { problems } = await judgeFlow(file)
    for (const problem of problems) console.log(`${file}: ${sayProblem(problem)}`)
    if (problems.some((problem) => problem.severity === 'error')) worst = 1
    else console.log(`${file}: fit to be deployed`)
  }
  return worst
}
