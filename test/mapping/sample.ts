/** A mail, its scope, and short ways to run and check rows over it. */
import type { Json } from '#shared/json.ts'
import type { Mail } from '#shared/mail.ts'
import { checkRows, loadCheckers } from '#shared/mapping/check.ts'
import { compileMapping, evaluateMapping, type Mapped, type Scope } from '#shared/mapping/evaluate.ts'
import { rowSchema } from '#shared/mapping/mapping.ts'
import type { FlowProblem } from '#shared/flow.ts'
import { mailShape, outgoingShape, runShape } from '#shared/shape.ts'

export const jane = { name: 'Jane Doe', address: 'jane@example.org', domain: 'example.org' }
const joe = { name: '', address: 'joe@elsewhere.net', domain: 'elsewhere.net' }

export const mail: Mail = {
  messageId: 'm1@example.org', inReplyTo: '', references: ['m0@example.org'], date: '2026-03-29T12:30:00.000Z', dateRaw: 'Sun, 29 Mar 2026 14:30:00 +0200',
  subject: 'Printer broken', from: jane, fromAll: [jane], sender: null, replyTo: [], to: [joe, jane], cc: [], bcc: [],
  text: 'It <b>does</b> not print.\nOrder #4711', html: '<p>It does <b>not</b> print.</p>', textDerived: false, replyText: '', quotedText: '', signature: '',
  attachments: [{ name: 'photo.jpg', type: 'image/jpeg', size: 5, disposition: 'attachment', cid: '', sha256: '00', ref: 'mail:1/0' }],
  headers: [{ name: 'X-Ticket', value: '77' }, { name: 'x-ticket', value: '78' }, { name: 'X-Odd.Name', value: 'odd' }],
  size: 1234, receivedAt: null, folder: 'INBOX', uid: '7', flags: [], connection: '', auth: { spf: 'pass', dkim: 'none', dmarc: 'none', by: '' },
  isAutoReply: false, isBounce: false, bounce: null, invite: null, isList: false, ambiguousSender: false, truncated: [],
}

export const sources = { receive: mailShape, run: runShape }
/** Through JSON, as the runtime hands it over. */
export const scopeOf = (received: Mail): Scope => JSON.parse(JSON.stringify({ receive: received, run: { id: 'r1', time: '2026-03-30T08:00:00.000Z', version: 3, flow: 'support' } })) as Scope

export async function run(rows: readonly unknown[], received: Mail = mail): Promise<Mapped> {
  return evaluateMapping(compileMapping(rows.map((row) => rowSchema.parse(row)), outgoingShape, sources), scopeOf(received))
}
/** The value one row gives. */
export async function runRow(row: Record<string, unknown>, received: Mail = mail): Promise<Json> {
  const { rows } = await run([row], received)
  return rows[0]?.value ?? null
}
export async function check(rows: readonly unknown[]): Promise<readonly FlowProblem[]> {
  const read = rows.map((row) => rowSchema.parse(row))
  await loadCheckers(read)
  return checkRows(read, outgoingShape, sources, 'map')
}
