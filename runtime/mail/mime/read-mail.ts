/**
 * Takes a mail apart into the house's Mail. Never throws for what a mail holds: beyond a limit, or when its body can
 * not be read, the Mail has its headers and says in `truncated` what is missing. The same bytes give the same Mail.
 */
import type { Mail, MailAddress, MailAttachment, MailFacts, MailInvite } from '#shared/mail.ts'
import { splitReply } from '#shared/reply-text.ts'
import { attachmentMemoryBytes, mime } from '#runtime/limits.ts'
import { sizeOfRaw, type Raw } from '#runtime/raw.ts'
import { readAddresses } from './addresses.ts'
import { readAuth } from './auth-results.ts'
import { makeByteSink } from '../byte-sink.ts'
import { BodyLimit, readBody, type AttachedPart, type Body, type BodySource } from './body.ts'
import { readBounce } from './bounce.ts'
import { decodeWords } from './encoded-words.ts'
import { safeFileName } from './file-name.ts'
import { firstValue, oneLine, readHeaderFields, type HeaderField, type HeaderSection } from './header-fields.ts'
import { readDate } from './mail-date.ts'
import { makeMailText } from './mail-text.ts'
import { openTnef } from './open-tnef.ts'
import { readHead } from './raw-head.ts'
import { readSimpleBody } from './simple-body.ts'
import { isAutoReply, isBounce, isComplaint, isList } from './verdicts.ts'

/** The short way holds a body as one string. */
const simpleBytes = 1024 * 1024

export interface ReadMailOptions {
  /** Names the attachments' bytes: `mail:<id>/<index>`. */
  readonly mailId: string
  /** Scratch folder for large attachments; null when nobody will open their bytes. */
  readonly scratch: string | null
  readonly limits?: typeof mime
  /** Leaves the body alone: it took too long or too much memory before. */
  readonly headersOnly?: boolean
}
export interface MailRead {
  readonly mail: Mail
  /** In the order of `mail.attachments`; null where the bytes were not kept. */
  readonly bytes: readonly (Raw | null)[]
  /** Removes scratch files; call it when the bytes are no longer needed. */
  discard(): void
}

export async function readMail(raw: Raw, facts: MailFacts, { mailId, scratch, limits = mime, headersOnly = false }: ReadMailOptions): Promise<MailRead> {
  const { section, source } = openMail(raw, limits.headerBytes)
  const sink = makeByteSink(scratch, attachmentMemoryBytes)
  const truncated: string[] = []
  let body: Body = { texts: [], attached: [] }
  if (!section.ended) truncated.push('headers')
  else if (headersOnly) truncated.push('body')
  else {
    try {
      const texts = 'bytes' in source && source.bytes.length <= simpleBytes ? readSimpleBody(section.fields, source.bytes, limits.headerBytes) : null
      body = texts ? { texts, attached: [] } : await readBody(section.fields, source, limits, sink)
      if (body.cut === true) truncated.push('body')
      if (!texts) {
        const opened = openTnef(body, sink)
        body = opened.body
        if (opened.unread) truncated.push('winmail.dat')
      }
    } catch (error) {
      truncated.push(error instanceof BodyLimit ? error.what : 'unreadable')
    }
  }
  const calendar = body.attached.find((part) => part.kept?.kind === 'calendar')?.kept
  // Zones weigh some MB; few mails are invitations.
  const invite = calendar ? (await import('./invite.ts')).readInvite(calendar.bytes) : null
  const mail = makeMail(section.fields, body, invite, sizeOfRaw(raw), facts, mailId, limits, truncated)
  return { mail, bytes: body.attached.map((part) => part.raw), discard: () => { sink.discard() } }
}

function openMail(raw: Raw, headerBytes: number): { section: HeaderSection; source: BodySource } {
  // Two more, so that a section of exactly the limit still shows its end.
  const section = readHeaderFields(readHead(raw, headerBytes + 2), headerBytes)
  const start = section.bodyAt
  return { section, source: raw.kind === 'file' ? { path: raw.path, start } : { bytes: Buffer.from(raw.bytes.buffer, raw.bytes.byteOffset + start, raw.bytes.byteLength - start) } }
}

function makeMail(fields: readonly HeaderField[], body: Body, invite: MailInvite | null, size: number, facts: MailFacts, mailId: string, limits: typeof mime, truncated: string[]): Mail {
  let left = limits.addresses
  const addresses = (key: string): MailAddress[] => {
    const value = firstValue(fields, key)
    if (value === '') return []
    const all = readAddresses(value, left + 1)
    if (all.length > left) {
      all.length = left
      if (!truncated.includes('addresses')) truncated.push('addresses')
    }
    left -= all.length
    return all
  }
  const cut = (text: string): string => {
    if (text.length <= limits.bodyChars) return text
    if (!truncated.includes('body')) truncated.push('body')
    return text.slice(0, limits.bodyChars).toWellFormed()
  }
  const parts = makeMailText(body.texts.map((part) => ({ ...part, text: cut(part.text) })))
  const text = cut(parts.text)
  const fromAll = addresses('from')
  const from = fromAll[0] ?? { name: '', address: '', domain: '' }
  const [sender = null] = addresses('sender')
  const dateRaw = firstValue(fields, 'date')
  const kept = body.attached.flatMap((part) => part.kept ?? [])
  const report = body.attached.find((part) => part.kept?.kind === 'report')
  const complaint = isComplaint(fields) || report?.type === 'message/feedback-report'
  const bounced = !complaint && isBounce(fields, from.address, report !== undefined)
  return {
    messageId: readIds(firstValue(fields, 'message-id'))[0] ?? '',
    inReplyTo: readIds(firstValue(fields, 'in-reply-to'))[0] ?? '',
    references: readIds(firstValue(fields, 'references')),
    date: readDate(dateRaw),
    dateRaw,
    subject: oneLine(decodeWords(firstValue(fields, 'subject'))),
    from,
    fromAll,
    sender,
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    text,
    html: cut(parts.html),
    textDerived: parts.textDerived,
    ...splitReply(text),
    attachments: listAttachments(body.attached, mailId),
    headers: fields.map((field) => ({ name: field.name, value: oneLine(decodeWords(field.value)) })),
    size,
    receivedAt: facts.receivedAt,
    folder: facts.folder,
    uid: facts.uid,
    flags: facts.flags,
    connection: facts.connection,
    auth: readAuth(fields),
    isAutoReply: isAutoReply(fields),
    isBounce: bounced,
    bounce: bounced || complaint ? readBounce(fields, from.address, text, kept, complaint) : null,
    invite,
    isList: isList(fields),
    ambiguousSender: fromAll.length > 1 || ['from', 'sender', 'reply-to'].some((key) => fields.filter((field) => field.key === key).length > 1),
    truncated,
  }
}

/** Message-IDs (RFC 5322 section 3.6.4) without their angle brackets; bare ones are taken where no bracket stands. */
function readIds(value: string): string[] {
  const bracketed = [...value.matchAll(/<([^<>\s]+)>/g)].map((found) => found[1] ?? '')
  return bracketed.length > 0 ? bracketed : value.split(/[\s,<>]+/).filter((word) => word.includes('@'))
}

function listAttachments(parts: readonly AttachedPart[], mailId: string): MailAttachment[] {
  const taken = new Set<string>()
  return parts.map(({ name, type, size, disposition, cid, sha256 }, index) => ({
    name: safeFileName(name, type, index + 1, taken), type, size, disposition, cid: oneLine(cid), sha256, ref: `mail:${mailId}/${index}`,
  }))
}
