/** Every mail of the corpus is answered and sent on, both ways: threads hold, nobody gets it who was not named in it, and the original stays whole. */
import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bareSubject } from '#shared/sending/subject.ts'
import { shortenReferences } from '#shared/sending/threading.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import type { Raw } from '#runtime/raw.ts'
import { flowOf, jobOf, receive, scratch, send } from '../engine/compute-jobs.ts'
import { read } from './mime-letters.ts'

const folder = path.resolve(import.meta.dirname, '../../../shared/corpus')
const isThere = existsSync(path.join(folder, 'MANIFEST.tsv'))
const missing = !isThere && !process.env['CI']
if (missing) console.warn(`corpus tests are skipped: there is no ${folder}`)
const names = isThere ? readFileSync(path.join(folder, 'MANIFEST.tsv'), 'utf8').split('\n').slice(1).flatMap((line) => line.split('\t')[0] || []) : []
const place = scratch()
afterAll(() => { place.remove() })

const flowFor = (config: Partial<SendEmailConfig>) => flowOf([receive(), send({ text: 'Thank you.', answerMachines: true, answerLists: true, ...config })])
const flows = {
  all: flowFor({ mode: 'reply-all', html: '<p>Thank you.</p>' }),
  inline: flowFor({ mode: 'forward', to: 'boss@example.org' }),
  attached: flowFor({ mode: 'forward', to: 'boss@example.org', forwardAs: 'attachment' }),
}
const bytesOf = (raw: Raw): Buffer => (raw.kind === 'bytes' ? Buffer.from(raw.bytes) : readFileSync(raw.path))
async function compose(flow: (typeof flows)[keyof typeof flows], bytes: Buffer) {
  const { sends, problem } = await computeFlow(jobOf(flow, bytes, { explain: false, spool: { folder: place.folder, inlineLimit: 64 * 1024 * 1024 } }))
  const [sent] = sends
  return { problem, envelope: sent?.envelope.to ?? [], bytes: sent ? bytesOf(sent.raw) : null }
}

// What the loop guard would hold back has its own tests; here as many as can be are answered.
test.skipIf(missing)('[SX71] every mail of the corpus is answered to all, or there is a reason; its thread holds, and only people named in it get the answer', async () => {
  const wrong: unknown[] = []
  const reasons = new Map<string, number>()
  for (const name of names) {
    const bytes = readFileSync(path.join(folder, name))
    const mail = await read(bytes)
    const { problem, envelope, bytes: composed } = await compose(flows.all, bytes)
    if (composed === null) {
      reasons.set(problem?.code ?? 'none', (reasons.get(problem?.code ?? 'none') ?? 0) + 1)
      if (problem?.code !== 'SEND_NOT_ANSWERABLE' && problem?.code !== 'SEND_LOOP') wrong.push([name, problem])
      continue
    }
    const answer = await read(composed)
    const heads = mail.headers.map(({ value }) => value.toLowerCase()).join('\n')
    const known = new Set([...mail.fromAll, ...mail.replyTo, ...mail.to, ...mail.cc].map(({ address }) => address.toLowerCase()))
    const strangers = envelope.filter((address) => !known.has(address.toLowerCase()) && !heads.includes(address.toLowerCase()))
    const thread = [answer.inReplyTo, ...answer.references].join(' ')
    const ids = mail.messageId === '' || !/^[\x21-\x3b\x3d\x3f-\x7e]+$/.test(mail.messageId) ? [] : [mail.messageId]
    const before = mail.references.length > 0 ? mail.references : mail.inReplyTo === '' ? [] : [mail.inReplyTo]
    // Several parents in In-Reply-To are none, so that the thread may begin with the mail itself.
    const threads = [before, mail.references].map((known) => [...ids, ...shortenReferences([...known.filter((id) => id !== ids[0]), ...ids])].join(' '))
    const isThreaded = threads.includes(thread.trim())
    const isTitled = answer.subject === `Re: ${bareSubject(mail.subject)}`.slice(0, 2000).trim()
    if (strangers.length > 0 || !isThreaded || !isTitled || answer.truncated.length > 0 || new Set(envelope.map((one) => one.toLowerCase())).size < envelope.length) wrong.push([name, { strangers, thread, threads, subject: answer.subject }])
  }
  console.log('figure: not answered', Object.fromEntries(reasons))
  expect(wrong).toEqual([])
})

test.skipIf(missing)('[SX71] every mail of the corpus is sent on in the text and as a file; attachments and the file are there byte for byte, twice alike', async () => {
  const wrong: unknown[] = []
  let asMessage = 0
  for (const name of names) {
    const bytes = readFileSync(path.join(folder, name))
    const mail = await read(bytes)
    const [inline, again, attached] = [await compose(flows.inline, bytes), await compose(flows.inline, bytes), await compose(flows.attached, bytes)]
    if (inline.bytes === null || again.bytes === null || attached.bytes === null) {
      const { problem } = inline
      if (problem?.code !== 'SEND_LOOP') wrong.push([name, problem, attached.problem])
      continue
    }
    const [inText, inFile] = [await read(inline.bytes), await read(attached.bytes)]
    const digests = (files: typeof mail.attachments) => files.map(({ sha256 }) => sha256).sort((a, b) => a.localeCompare(b))
    const whole = inFile.attachments.at(-1)
    // As they are, the bytes stand in the mail; our reader takes blanks behind their own boundaries away, as for any mail.
    const asIs = composedAs(attached.bytes) === 'message/rfc822'
    if (asIs) asMessage += 1
    if (!inline.bytes.equals(again.bytes)) wrong.push([name, 'twice'])
    if (JSON.stringify(digests(inText.attachments)) !== JSON.stringify(digests(mail.attachments))) wrong.push([name, 'files', inText.attachments, mail.attachments])
    if (asIs ? !attached.bytes.includes(bytes) : whole?.sha256 !== hash('sha256', bytes)) wrong.push([name, 'whole', whole, bytes.length])
  }
  expect(wrong).toEqual([])
  expect(asMessage).toBeGreaterThan(300)
})

const composedAs = (bytes: Buffer): string => (/\r\nContent-Type: (message\/rfc822|application\/octet-stream)\r\n/.exec(bytes.subarray(0, 4000).toString('latin1'))?.[1] ?? '')
