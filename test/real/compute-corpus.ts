/** Computes every mail of the corpus and prints what came out, one line a mail: run in two time zones the two must be equal. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { flowOf, jobOf, map, receive, scratch, send } from '../engine/compute-jobs.ts'
import { corpusMail, corpusNames } from './corpus.ts'

const place = scratch()
const flow = flowOf([
  receive(),
  map([
    { to: 'to', value: 'tickets@dest.example' },
    { to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: 'Ticket: ' }] },
    { to: 'text', from: ['receive.text'] },
    { to: 'html', from: ['receive.html'] },
    { to: 'headers.X-Written', from: ['receive.date'] },
    { to: 'attachments', from: ['receive.attachments'] },
  ]),
  send(),
])
const lines: string[] = []
for (const name of corpusNames()) {
  const job = jobOf(flow, corpusMail(name), { spool: { folder: place.folder, inlineLimit: 256 * 1024 } })
  const { sends, steps, outputs, problem, mail } = await computeFlow(job)
  const hash = createHash('sha256').update(JSON.stringify([outputs, problem, mail, steps.map(({ node, state, outputJson }) => [node, state, outputJson])]))
  for (const { raw, envelope, messageId } of sends) hash.update(JSON.stringify([envelope, messageId])).update(raw.kind === 'bytes' ? raw.bytes : readFileSync(raw.path))
  lines.push(`${name} ${sends.length} ${hash.digest('hex')}`)
}
place.remove()
process.stdout.write(`${lines.join('\n')}\n`)
