/**
 * Puts a new subject and new words into a mail that was composed here, and leaves every other byte as it is: a new
 * Message-ID, because another content is another mail, and no signature that was made for the old one.
 */
import { fault } from '#shared/errors.ts'
import { encodeBase64, encodeBody } from './encode-text.ts'
import { stripControls, textField } from './encode-header.ts'

/** What is left out stays. */
export interface WordEdit { readonly subject?: string; readonly text?: string; readonly html?: string }

/** API_BAD_REQUEST when the mail has no such part. */
export function editMail(mail: Buffer, edit: WordEdit, messageId: string): Buffer {
  const { fields, body } = split(mail)
  const open = new Set((['text', 'html'] as const).filter((part) => edit[part] !== undefined))
  const entity = open.size === 0 ? { fields: fields.filter(isContent), body } : editEntity({ fields: fields.filter(isContent), body }, edit, open)
  const [missing] = open
  if (missing !== undefined) throw fault('API_BAD_REQUEST', { reason: `This mail has no ${missing === 'text' ? 'text' : 'HTML'} part.` }, missing)
  const kept = fields.filter((field) => !isContent(field) && !/^DKIM-Signature:/i.test(field))
  const head = kept.map((field) => (/^Message-ID:/i.test(field) ? `Message-ID: ${messageId}\r\n` : field))
  return join({ fields: [...(edit.subject === undefined ? head : withSubject(head, stripControls(edit.subject))), ...entity.fields], body: entity.body })
}

interface Entity { readonly fields: readonly string[]; readonly body: Buffer }

const isContent = (field: string): boolean => /^Content-/i.test(field)
const lineEnd = Buffer.from('\r\n')

/** A field with its folded lines is one entry (RFC 5322 section 2.2.3). */
function split(bytes: Buffer): Entity {
  const end = bytes.subarray(0, 2).equals(lineEnd) ? 0 : bytes.indexOf('\r\n\r\n') + 2
  if (end === 1) return { fields: [bytes.toString('latin1')], body: Buffer.alloc(0) }
  const fields = bytes.subarray(0, end).toString('latin1').split(/(?<=\r\n)(?![ \t])/).filter((field) => field !== '')
  return { fields, body: bytes.subarray(end + 2) }
}

const join = ({ fields, body }: Entity): Buffer => Buffer.concat([Buffer.from(fields.join(''), 'latin1'), lineEnd, body])

function withSubject(fields: readonly string[], subject: string): readonly string[] {
  const others = fields.filter((field) => !/^Subject:/i.test(field))
  const at = others.findIndex((field) => /^Message-ID:/i.test(field))
  return subject === '' ? others : [...others.slice(0, at), textField('Subject', subject), ...others.slice(at)]
}

/** The words stand in the first part on each level: mixed, related, alternative (compose-mail.ts). What was found is taken out of `open`. */
function editEntity(entity: Entity, edit: WordEdit, open: Set<'text' | 'html'>): Entity {
  const type = (entity.fields.find((field) => /^Content-Type:/i.test(field)) ?? '').replace(/\r\n/g, '')
  const boundary = /^Content-Type:\s*multipart\/.*?\bboundary="?([^";]+)"?/i.exec(type)?.[1]
  if (boundary !== undefined) return { ...entity, body: editParts(entity.body, boundary, /multipart\/alternative/i.test(type), edit, open) }
  const part = /^Content-Type:\s*text\/plain\b/i.test(type) ? 'text' : /^Content-Type:\s*text\/html\b/i.test(type) ? 'html' : null
  if (part === null || !open.delete(part)) return entity
  return wordsOf(part, edit[part] ?? '')
}

function editParts(body: Buffer, boundary: string, all: boolean, edit: WordEdit, open: Set<'text' | 'html'>): Buffer {
  const pieces: Buffer[] = []
  const delimiter = Buffer.from(`--${boundary}\r\n`, 'latin1')
  const close = Buffer.from(`\r\n--${boundary}`, 'latin1')
  let at = body.indexOf(delimiter)
  pieces.push(body.subarray(0, Math.max(0, at)))
  for (let part = 0; at >= 0 && (all || part === 0); part += 1) {
    const start = at + delimiter.length
    const end = body.indexOf(close, start)
    if (end < 0) break
    pieces.push(delimiter, join(editEntity(split(body.subarray(start, end)), edit, open)), lineEnd)
    at = end + 2
    if (!body.subarray(at, at + delimiter.length).equals(delimiter)) break
  }
  pieces.push(body.subarray(Math.max(0, at)))
  return Buffer.concat(pieces)
}

function wordsOf(part: 'text' | 'html', words: string): Entity {
  const { encoding, bytes } = encodeBody(words)
  // Whoever edits has seen the boundaries; in base64 none of them can be typed.
  const [sure, encoded] = encoding === '7bit' && words.includes('--') ? ['base64', encodeBase64(Buffer.from(words.replace(/\r\n|\r|\n/g, '\r\n')))] as const : [encoding, bytes] as const
  return { fields: [`Content-Type: text/${part === 'text' ? 'plain' : 'html'}; charset=utf-8\r\n`, `Content-Transfer-Encoding: ${sure}\r\n`], body: encoded }
}
