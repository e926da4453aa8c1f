/** Which attachments go along with a mail, under which names, and what becomes of a mail that is too large. */
import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { simpleParser } from 'mailparser'
import { afterAll, expect, test } from 'vitest'
import { checkFlowFully } from '#shared/flow-check.ts'
import { isJsonObject, type JsonObject } from '#shared/json.ts'
import type { Row } from '#shared/mapping/mapping.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import { isLikeOne } from '#shared/sending/attachments.ts'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import type { Raw } from '#runtime/raw.ts'
import { flowOf, jobOf, map, receive, scratch, send } from '../engine/compute-jobs.ts'
import { bytesOf, read } from '../mail/mime-letters.ts'

const folder = scratch()
afterAll(() => { folder.remove() })
const sentBytes = (raw: Raw | undefined): Buffer => (raw?.kind === 'bytes' ? Buffer.from(raw.bytes) : readFileSync(raw?.path ?? ''))

interface Part { readonly name: string; readonly type: string; readonly content: Buffer | string; readonly cid?: string }
const parts: readonly Part[] = [
  { name: 'Invoice 7.pdf', type: 'application/pdf', content: 'pdf' }, { name: 'photo.JPG', type: 'image/jpeg', content: 'jpeg' },
  { name: 'logo.png', type: 'image/png', content: 'png', cid: 'logo@x' }, { name: 'notes.txt', type: 'text/plain', content: Buffer.alloc(60_000, 'n') },
]
function letterOf(files: readonly Part[]): Uint8Array {
  const of = ({ name, type, content, cid }: Part) => ['--b', `Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', `Content-Disposition: attachment; filename="${name}"`, ...(cid === undefined ? [] : [`Content-ID: <${cid}>`]), '', Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\r\n')]
  return bytesOf('From: a@shop.example', 'Subject: In', 'Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'see', ...files.flatMap(of), '--b--', '')
}
const all: Row = { to: 'attachments', from: ['receive.attachments'] }

async function sent(form: Partial<SendEmailConfig>, { rows = [], files = parts, inlineLimit = 50_000_000 }: { rows?: readonly Row[]; files?: readonly Part[]; inlineLimit?: number } = {}) {
  const flow = flowOf([receive(), map([{ to: 'to', value: 'to@x.org' }, all, ...rows]), send(form)])
  const { sends, problem, outputs } = await computeFlow(jobOf(flow, letterOf(files), { spool: { folder: folder.folder, inlineLimit } }))
  const output = outputs?.['send']
  const raw = sends[0]?.raw
  return {
    problem, raw, mail: raw === undefined ? null : await read(sentBytes(raw)),
    leftOut: isJsonObject(output ?? null) ? (output as JsonObject)['leftOut'] as readonly JsonObject[] | undefined : undefined, // an output is JSON
  }
}
const namesOf = (mail: Awaited<ReturnType<typeof sent>>['mail']) => mail?.attachments.map(({ name }) => name)

test('[SX104] files go along by name, type and size; what stays behind is named with its reason', async () => {
  const none = await sent({})
  expect([namesOf(none.mail), none.leftOut]).toEqual([['Invoice 7.pdf', 'photo.JPG', 'logo.png', 'notes.txt'], undefined])
  const named = await sent({ filesNamed: 'INVOICE*, *.jpg' })
  expect(namesOf(named.mail)).toEqual(['Invoice 7.pdf', 'photo.JPG'])
  expect(named.leftOut).toEqual([{ name: 'logo.png', size: 3, reason: 'its name is not like INVOICE*, *.jpg' }, { name: 'notes.txt', size: 60_000, reason: 'its name is not like INVOICE*, *.jpg' }])
  expect(namesOf((await sent({ filesOfType: 'application/pdf; image/*' })).mail)).toEqual(['Invoice 7.pdf', 'photo.JPG', 'logo.png'])
  const small = await sent({ fileMaxMb: 0.05 })
  expect([namesOf(small.mail), small.leftOut]).toEqual([['Invoice 7.pdf', 'photo.JPG', 'logo.png'], [{ name: 'notes.txt', size: 60_000, reason: 'larger than 0.05 MB' }]])
})

test('[SX104] patterns for names know stars and single letters, and cost no more than the name times the pattern', () => {
  expect([isLikeOne('a.pdf', ['*.pdf']), isLikeOne('a.pdf.exe', ['*.pdf']), isLikeOne('ab', ['a?']), isLikeOne('Ärger.txt', ['ärger*']), isLikeOne('abc', ['a*b*c']), isLikeOne('', ['*']), isLikeOne('a.b', ['a.b']), isLikeOne('axb', ['a.b'])]).toEqual([true, false, true, true, true, true, true, false])
  expect(isLikeOne('a'.repeat(4000), [`${'*a'.repeat(400)}b`])).toBe(false)
})

test('[SX105] a picture that the HTML shows stands beside it and belongs to the text; a reference to none is left out and said', async () => {
  const html = '<p>Hi</p><img alt="our logo" src="cid:logo@x"><img src="cid:lost@x" alt="a chart"><img src="https://x.org/p.png">'
  const kept = await sent({ filesNamed: '*.pdf', html })
  expect(kept.mail?.attachments.map(({ name, disposition, cid }) => [name, disposition, cid])).toEqual([['logo.png', 'inline', 'logo@x'], ['Invoice 7.pdf', 'attachment', '']])
  expect(kept.mail?.html.trim()).toBe('<p>Hi</p><img alt="our logo" src="cid:logo@x">a chart<img src="https://x.org/p.png">')
  expect(kept.leftOut).toContainEqual({ name: 'cid:lost@x', size: 0, reason: 'no attachment of the mail has this picture' })
  // Somebody else's parser finds the picture in its place.
  const parsed = await simpleParser(sentBytes(kept.raw))
  expect(parsed.attachments.map(({ filename, contentDisposition, cid, related }) => [filename, contentDisposition, cid, related])).toEqual([['logo.png', 'inline', 'logo@x', true], ['Invoice 7.pdf', 'attachment', undefined, undefined]])
  expect(parsed.html).toContain('src="data:image/png;base64,cG5n"')
  const dropped = await sent({ inlinePictures: 'drop', html })
  expect([dropped.mail?.html.trim(), namesOf(dropped.mail)]).toEqual(['<p>Hi</p>our logoa chart<img src="https://x.org/p.png">', ['Invoice 7.pdf', 'photo.JPG', 'notes.txt']])
  expect(dropped.leftOut?.map(({ name }) => name)).toEqual(['logo.png', 'cid:lost@x'])
})

test('[SX106] files are named by a pattern; their endings stay, and no name leaves its folder or meets another', async () => {
  expect(namesOf((await sent({ renameFiles: '{{receive.from.domain}}-{{n}}' })).mail)).toEqual(['shop.example-1.pdf', 'shop.example-2.JPG', 'shop.example-3.png', 'shop.example-4.txt'])
  expect(namesOf((await sent({ renameFiles: '../{{receive.subject}}/{{attachment.name}}' })).mail)).toEqual(['_In_Invoice 7.pdf', '_In_photo.JPG', '_In_logo.png', '_In_notes.txt'])
  expect(namesOf((await sent({ renameFiles: 'same.pdf', filesOfType: 'application/pdf' }, { files: [...parts, { name: 'b.pdf', type: 'application/pdf', content: 'b' }] })).mail)).toEqual(['same.pdf', 'same (2).pdf'])
  expect(namesOf((await sent({ renameFiles: '{{receive.cc}}' })).mail)).toEqual(['Invoice 7.pdf', 'photo.JPG', 'logo.png', 'notes.txt'])
  // The pattern counts the files and not the pictures inside the text.
  expect(namesOf((await sent({ renameFiles: 'f{{n}}', html: '<img src="cid:logo@x">' })).mail)).toEqual(['logo.png', 'f1.pdf', 'f2.JPG', 'f3.txt'])
  const { problems } = await checkFlowFully({
    format: 1, id: 'x', name: 'X', nodes: [{ id: 'receive', kind: 'receive-email', config: { connection: 'in' } }, { id: 'send', kind: 'send-email', config: { connection: 'out', from: 'a@x.org', to: 'b@x.org', subject: '{{attachment.name}}', renameFiles: '{{n}} {{attachment.nam}} {{receive.subject}}' } }],
    edges: [{ from: 'receive', to: 'send' }],
  }, { connections: [{ id: 'in', kind: 'imap' }, { id: 'out', kind: 'smtp' }] })
  expect(problems.map(({ field }) => field)).toEqual(['subject', 'renameFiles'])
})

const large: readonly Part[] = [{ name: 'a.bin', type: 'application/octet-stream', content: Buffer.alloc(300_000, 1) }, { name: 'b.bin', type: 'application/octet-stream', content: Buffer.alloc(700_000, 2) }, { name: 'c.bin', type: 'application/octet-stream', content: Buffer.alloc(100_000, 3) }]
test('[SX107] a mail above its size fails and says so, or goes without its largest files, or without any, and says so at its end', async () => {
  const failed = await sent({ mailMaxMb: 0.6 }, { files: large })
  expect([failed.raw, failed.problem]).toMatchObject([undefined, { code: 'SEND_TOO_LARGE', where: 'send' }])
  expect(failed.problem?.say).toMatch(/1\.5 MB .* 0\.6 MB/)

  const less = await sent({ mailMaxMb: 0.6, tooLarge: 'drop-largest', text: 'Hello', html: '<body><p>Hello</p></body>' }, { files: large, inlineLimit: 100 })
  expect(namesOf(less.mail)).toEqual(['a.bin', 'c.bin'])
  expect(less.leftOut).toEqual([{ name: 'b.bin', size: 700_000, reason: 'the mail would be larger than 0.6 MB' }])
  expect(less.mail?.text).toContain('Hello\n\nNot attached, because this mail may have 0.6 MB at most:\n- b.bin (0.7 MB)')
  expect(less.mail?.html).toContain('- b.bin (0.7 MB)</p>\n</body>')
  expect(sentBytes(less.raw).length).toBeLessThanOrEqual(600_000)
  // What was written in vain is gone; the mail itself is the one file that is left.
  expect(readdirSync(folder.folder)).toHaveLength(1)

  // A file that got another name is spoken of by its own.
  expect((await sent({ mailMaxMb: 0.6, tooLarge: 'drop-largest', renameFiles: 'f{{n}}' }, { files: large })).leftOut?.map(({ name }) => name)).toEqual(['b.bin'])
  const bare = await sent({ mailMaxMb: 0.6, tooLarge: 'without' }, { files: large })
  expect([namesOf(bare.mail), bare.leftOut?.length, bare.mail?.text.split('\n').length]).toEqual([[], 3, 5])
  const words = await sent({ mailMaxMb: 0.01, tooLarge: 'without', text: 'x'.repeat(20_000) }, { files: [] })
  expect(words.problem).toMatchObject({ code: 'SEND_TOO_LARGE' })
})

test('[SX107] dropping ends for whatever sizes, below the limit or with a reason', async () => {
  for (const limit of [0.01, 0.05, 0.2, 0.45, 1, 1.4, 1.47, 1.48, 1.5]) {
    const { raw, problem } = await sent({ mailMaxMb: limit, tooLarge: 'drop-largest' }, { files: [...large, { name: `${'n'.repeat(300)}.bin`, type: 'application/octet-stream', content: randomBytes(10_000) }] })
    expect(problem).toBeNull()
    expect(sentBytes(raw).length).toBeLessThanOrEqual(limit * 1_000_000)
  }
})

test('[SX109] a mail of HTML alone has a text beside it, made from it', async () => {
  const { mail, raw } = await sent({ html: '<p>Hello <b>you</b></p>' }, { files: [] })
  expect([mail?.text.trim(), mail?.textDerived]).toEqual(['Hello you', false])
  expect(sentBytes(raw).toString()).toContain('multipart/alternative')
})
