/** `mailweave try FILE --mail x.eml [--start NODE] [--json]`: what the flow would send for these mails, or for trouble of a mailbox; sends nothing. */
import { parseArgs } from 'node:util'
import { fault } from '#shared/errors.ts'
import { startsWithEvent } from '#shared/flow-starts.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import type { TryResult } from '#shared/run.ts'
import { tryFlow } from '#runtime/engine/try.ts'
import type { Command } from '../command.ts'
import { judgeFlow, mailOf, sayProblem } from '../files.ts'
import { withComputer } from '../local.ts'
import { jsonText, oneLine } from '../plain.ts'

export const tryMails: Command = async (words) => {
  const { values, positionals } = parseArgs({ args: [...words], options: { mail: { type: 'string', multiple: true }, start: { type: 'string' }, json: { type: 'boolean' } }, allowPositionals: true })
  const [file, ...more] = positionals
  const mails = [...(values.mail ?? []), ...more]
  if (!file) throw unnamed()
  const flow = await deployable(file)
  const { start } = values
  const event = startsWithEvent(flow, start)
  if (!event && mails.length === 0) throw unnamed()
  return withComputer(async ({ computer, spool }) => {
    let failed = false
    for (const mail of event ? ['an example of trouble'] : mails) {
      const raw = event ? { kind: 'bytes' as const, bytes: new Uint8Array() } : await mailOf(mail)
      const result = await tryFlow(computer, { flow, raw, start, at: new Date().toISOString(), spool })
      failed ||= result.state === 'failed'
      console.log(values.json ? jsonText(result) : sayResult(mail, result))
    }
    return failed ? 1 : 0
  })
}

const unnamed = () => fault('API_BAD_REQUEST', { reason: 'Name flow and mail: mailweave try FILE --mail x.eml' })

async function deployable(file: string): Promise<CheckedFlow> {
  const { flow, problems } = await judgeFlow(file)
  if (flow) return flow
  throw fault('FLOW_HAS_PROBLEMS', { problems: problems.map(sayProblem).join('; ') })
}

function sayResult(mail: string, result: TryResult): string {
  const sent = result.outgoing.flatMap((out) => [`  would send (${out.node}) to ${out.envelope.to.join(', ')}`, `    Subject: ${out.subject}`, ...out.attachments.map((file) => `    Attachment: ${file.name} (${file.size} bytes)`)])
  const notes = result.steps.flatMap((step) => (step.note === undefined ? [] : [`  ${step.node}: ${step.note}`]))
  const wrong = result.steps.flatMap((step) => (step.error ? [`  ${step.node}: ${step.error.say}`] : []))
  return [`${mail}: ${result.state}`, ...notes, ...sent, ...wrong].map(oneLine).join('\n')
}
