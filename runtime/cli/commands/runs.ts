/** `mailweave runs`: the newest runs, one line each. */
import { parseArgs } from 'node:util'
import type { RunsPage } from '#shared/api.ts'
import type { Command } from '../command.ts'
import { jsonText, oneLine } from '../plain.ts'
import { connectRemote, remoteOptions } from '../remote.ts'

export const runs: Command = async (words) => {
  const { values } = parseArgs({ args: [...words], options: { ...remoteOptions, flow: { type: 'string' }, state: { type: 'string' }, limit: { type: 'string' } } })
  const query = new URLSearchParams(Object.entries({ flow: values.flow, state: values.state, limit: values.limit }).flatMap(([key, value]): [string, string][] => (value ? [[key, value]] : [])))
  const page = await (await connectRemote(values)).call<RunsPage>('GET', `/api/runs?${query.toString()}`)
  if (values.json) {
    for (const run of page.runs) console.log(jsonText(run))
    return 0
  }
  for (const run of page.runs) console.log(`${run.queuedAt}  ${run.state.padEnd(7)}  ${run.flow} v${run.version}  ${short(run.mail.from)}  ${short(run.mail.subject)}${run.problem ? `  (${short(run.problem.say)})` : ''}`)
  if (page.runs.length === 0) console.log('No runs yet.')
  return 0
}

const short = (text: string): string => oneLine(text).slice(0, 80)
