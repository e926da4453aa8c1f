/** `mailweave stop ID`: no new mail is taken; runs in flight end. */
import { parseArgs } from 'node:util'
import { fault } from '#shared/errors.ts'
import type { Command } from '../command.ts'
import { connectRemote, remoteOptions } from '../remote.ts'

export const stop: Command = async (words) => {
  const { values, positionals } = parseArgs({ args: [...words], options: remoteOptions, allowPositionals: true })
  const id = positionals[0]
  if (!id) throw fault('API_BAD_REQUEST', { reason: 'Name the flow: mailweave stop ID' })
  await (await connectRemote(values)).call('POST', `/api/flows/${encodeURIComponent(id)}/stop`, {})
  console.log(`${id}: stopped`)
  return 0
}
