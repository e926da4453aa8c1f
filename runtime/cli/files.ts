/** Files of the person's own command line: read whole, or refused in words. */
import { readFile } from 'node:fs/promises'
import { fault } from '#shared/errors.ts'
import { checkFlowFully, type FlowVerdict, readFlow } from '#shared/flow-check.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import type { FlowProblem } from '#shared/flow.ts'
import type { Raw } from '../raw.ts'
import { oneLine } from './plain.ts'

export const textOf = async (file: string): Promise<string> => (await bytesOf(file)).toString('utf8')

export const mailOf = async (file: string): Promise<Raw> => ({ kind: 'bytes', bytes: await bytesOf(file) })

/** Everything that a deploy would say of the file, but for its connections: whether they exist is known to the server alone. */
export async function judgeFlow(file: string): Promise<FlowVerdict> {
  const { flow, problems } = readFlow(await textOf(file))
  if (!flow) return { flow, problems }
  const verdict = await checkFlowFully(flow, { connections: namedConnections(flow) })
  return { flow: verdict.flow, problems: [...problems, ...verdict.problems] }
}

export const sayProblem = ({ severity, node, field, advice }: FlowProblem): string =>
  oneLine(`${severity}${node ? ` in ${node}` : ''}${field ? ` (${field})` : ''}: ${advice}`)

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    // Node's own errors of files carry a code.
    throw fault('API_BAD_REQUEST', { reason: `${file} can't be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}` })
  }
}
