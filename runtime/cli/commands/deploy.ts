/** `mailweave deploy FILE`: saves the flow on the server and deploys it. */
import { parseArgs } from 'node:util'
import type { Deployed } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { readFlow } from '#shared/flow-check.ts'
import type { Command } from '../command.ts'
import { sayProblem, textOf } from '../files.ts'
import { connectRemote, remoteOptions } from '../remote.ts'

export const deploy: Command = async (words) => {
  const { values, positionals } = parseArgs({ args: [...words], options: remoteOptions, allowPositionals: true })
  const file = positionals[0]
  if (!file) throw fault('API_BAD_REQUEST', { reason: 'Name the flow file: mailweave deploy FILE' })
  const { flow, problems } = readFlow(await textOf(file))
  if (!flow) {
    for (const problem of problems) console.error(`${file}: ${sayProblem(problem)}`)
    return 1
  }
  const remote = await connectRemote(values)
  await remote.call('PUT', `/api/flows/${flow.id}`, flow)
  const deployed = await remote.call<Deployed>('POST', `/api/flows/${flow.id}/deploy`, {})
  console.log(values.json ? JSON.stringify(deployed) : `${flow.id}: version ${deployed.version} is running${deployed.unchanged ? ' (nothing had changed)' : ''}`)
  return 0
}
