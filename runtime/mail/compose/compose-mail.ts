/**
 * Writes the bytes of an outgoing mail (RFC 5322, RFC 2045 to 2049). The same outgoing, run and clock give the same
 * bytes, so a run computed again sends the same mail; attachments stream through, so size costs no memory.
 */
import { hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { importanceHeaders } from '#shared/sending/importance.ts'
import { ownMessageId } from '../message-id.ts'
import { makeByteSink, type ByteTaker } from '../byte-sink.ts'
import { flowHeader, type Passed, passedHeader } from '../mime/flows-passed.ts'
import { safeFileName } from '../mime/file-name.ts'
import type { Raw } from '#runtime/raw.ts'
import { base64LineBytes, encodeBase64, encodeBody } from './encode-text.ts'
import { addressField, idsField, linksField, parameter, stripControls, textField } from './encode-header.ts'
import type { Outgoing, OutgoingAttachment } from './outgoing.ts'

export interface ComposeContext {
  readonly run: string
  readonly node: string
  readonly flow: string
  /** The run's frozen clock, ISO. */
  readonly at: string
  readonly spool: { readonly folder: string; readonly inlineLimit: number }
  readonly isAnswer?: boolean
  /** Flows that the mail behind this one went through, oldest first. */
  readonly passed?: readonly Passed[]
}
export interface AttachedBytes extends OutgoingAttachment {
  /** What it was called before its step gave it a name. */
  readonly was?: string
  readonly raw: Raw
}
export interface ComposedMail {
  readonly messageId: string
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  readonly raw: Raw
}

export function composeMail(outgoing: Outgoing, attached: readonly AttachedBytes[], context: ComposeContext): ComposedMail {
  const unique = hash('sha256', `${context.run}\n${context.node}`).slice(0, 32)
  const messageId = ownMessageId(context.run, context.node, outgoing.from.domain)
  const sink = makeByteSink(context.spool.folder, context.spool.inlineLimit)
  const taker = sink.begin()
  try {
    taker.write(Buffer.from(`${headerSection(outgoing, messageId, context)}MIME-Version: 1.0\r\n`))
    const whole = writePart(buildBody(outgoing, attached), taker, makeBoundaries(unique))
    if (!whole) taker.write(Buffer.from('\r\n'))
    const { raw } = taker.end()
    if (!raw) throw new Error('a sink with a folder keeps its bytes')
    const recipients = [...outgoing.to, ...outgoing.cc, ...outgoing.bcc].map(({ address }) => address)
    return { messageId, envelope: { from: outgoing.returnPath, to: [...new Set(recipients)] }, raw }
  } catch (error) {
    sink.discard()
    throw error
  }
}

function headerSection(outgoing: Outgoing, messageId: string, { at, flow, isAnswer = false, passed = [] }: ComposeContext): string {
  const { from, sender, to, cc, replyTo, subject, inReplyTo, references, importance, unsubscribe, headers } = outgoing
  const fields = [
    `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}\r\n`,
    addressField('From', [from]),
    sender === null ? '' : addressField('Sender', [sender]),
    to.length > 0 ? addressField('To', to) : '',
    cc.length > 0 ? addressField('Cc', cc) : '',
    replyTo.length > 0 ? addressField('Reply-To', replyTo) : '',
    subject === '' ? '' : textField('Subject', subject),
    `Message-ID: ${messageId}\r\n`,
    inReplyTo === '' ? '' : idsField('In-Reply-To', [inReplyTo]),
    references.length > 0 ? idsField('References', references) : '',
    // RFC 3834 section 5: who answers automatically sees from this that nobody wrote this mail by hand.
    `Auto-Submitted: ${isAnswer ? 'auto-replied' : 'auto-generated'}\r\n`,
    `${flowHeader}: ${flow}\r\n`,
    passed.length > 0 ? textField(passedHeader, passed.map((one) => (one.run === '' ? one.flow : `${one.flow}/${one.run}`)).join(' ')) : '',
    ...importanceHeaders[importance].map(({ name, value }) => textField(name, value)),
    unsubscribe.links.length > 0 ? linksField('List-Unsubscribe', unsubscribe.links) : '',
    unsubscribe.oneClick ? 'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n' : '',
    ...headers.map(({ name, value }) => textField(name, value)),
  ]
  return fields.join('')
}

type Part =
  | { readonly kind: 'text'; readonly subtype: 'plain' | 'html'; readonly text: string }
  | { readonly kind: 'multi'; readonly subtype: 'alternative' | 'related' | 'mixed'; readonly parts: readonly Part[] }
  | { readonly kind: 'file'; readonly head: string; readonly raw: Raw; /** As they are, without an encoding. */ readonly asIs: boolean }

function buildBody({ text, html }: Outgoing, attached: readonly AttachedBytes[]): Part {
  const plain: Part = { kind: 'text', subtype: 'plain', text }
  const rich: Part = { kind: 'text', subtype: 'html', text: html }
  const words: Part = html === '' ? plain : text === '' ? rich : { kind: 'multi', subtype: 'alternative', parts: [plain, rich] }
  const taken = new Set<string>()
  const shownIds = attached.length === 0 ? new Set<string>() : readShownIds(html)
  const files = attached.map((file, index) => ({ shown: isShown(file, shownIds), part: filePart(file, isShown(file, shownIds), index + 1, taken) }))
  const inline = files.filter((file) => file.shown).map((file) => file.part)
  const others = files.filter((file) => !file.shown).map((file) => file.part)
  const page: Part = inline.length > 0 ? { kind: 'multi', subtype: 'related', parts: [words, ...inline] } : words
  return others.length > 0 ? { kind: 'multi', subtype: 'mixed', parts: [page, ...others] } : page
}

/** An image that the HTML shows by its Content-ID must stand beside it (RFC 2387), also where its sender called it an attachment. */
export const isShown = ({ disposition, type, cid }: OutgoingAttachment, shownIds: ReadonlySet<string>): boolean =>
  (disposition === 'inline' || type.startsWith('image/')) && /^[\x21-\x3b\x3d\x3f-\x7e]{1,200}$/.test(cid) && shownIds.has(cid)

/** The Content-IDs that a HTML names, as they are and as URLs write them (RFC 2392). */
export function readShownIds(html: string): ReadonlySet<string> {
  const written = [...html.matchAll(/cid:((?:(?!&quot;|&#39;)[^\s"'<>)]){1,600})/gi)].map(([, id = '']) => id.replaceAll('&amp;', '&'))
  return new Set(written.flatMap((id) => [id, id.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))]))
}

function filePart(file: AttachedBytes, shown: boolean, number: number, taken: Set<string>): Part {
  const asIs = file.type === 'message/rfc822' && isSevenBit(file.raw)
  const type = asIs || /^(?!message\/|multipart\/)[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(file.type) ? file.type : 'application/octet-stream'
  const name = safeFileName(stripControls(file.name), type, number, taken)
  const id = shown ? `Content-ID: <${file.cid}>\r\n` : ''
  return { kind: 'file', raw: file.raw, asIs, head: `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${asIs ? '7bit' : 'base64'}\r\nContent-Disposition: ${shown ? 'inline' : 'attachment'}${parameter('filename', name)}\r\n${id}\r\n` }
}

/** RFC 5322 section 2.1.1, without the line's end. */
const longestPlainLine = 998

/**
 * Whether a mail can lie in another as message/rfc822 byte for byte: base64 is not allowed there (RFC 2046 section
 * 5.2.1), and "8bit" only where every server on the way offers 8BITMIME (RFC 6152), which nobody knows beforehand. What
 * is not ASCII in lines of at most 998 octets, each with its CRLF, goes as a file in base64; its name says what it is.
 */
function isSevenBit(raw: Raw): boolean {
  let line = 0
  let last = 0
  for (const piece of readPieces(raw)) {
    for (const byte of piece) {
      if (byte === 0 || byte > 127 || (byte === 0x0a) !== (last === 0x0d)) return false
      line = byte === 0x0a ? 0 : byte === 0x0d ? line : line + 1
      if (line > longestPlainLine) return false
      last = byte
    }
  }
  return last !== 0x0d
}

/** `=_` never occurs in quoted-printable or base64, and nobody outside knows the hash beforehand. */
function makeBoundaries(hash: string): () => string {
  let count = 0
  return () => {
    count += 1
    return `=_${hash}_${count}`
  }
}

/** Returns whether the last line written has its end. */
function writePart(part: Part, taker: ByteTaker, nextBoundary: () => string): boolean {
  if (part.kind === 'text') {
    const { encoding, bytes } = encodeBody(part.text)
    taker.write(Buffer.from(`Content-Type: text/${part.subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`))
    taker.write(bytes)
    return bytes.length === 0 || bytes.at(-1) === 0x0a
  }
  if (part.kind === 'file') {
    taker.write(Buffer.from(part.head))
    // A piece from a file lies in a buffer that the next one is read into.
    for (const piece of readPieces(part.raw)) taker.write(part.asIs ? Buffer.from(piece) : encodeBase64(piece))
    return !part.asIs
  }
  const boundary = nextBoundary()
  taker.write(Buffer.from(`Content-Type: multipart/${part.subtype};\r\n boundary="${boundary}"\r\n\r\n`))
  for (const child of part.parts) {
    taker.write(Buffer.from(`--${boundary}\r\n`))
    writePart(child, taker, nextBoundary)
    // The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1), so it always comes on top.
    taker.write(Buffer.from('\r\n'))
  }
  taker.write(Buffer.from(`--${boundary}--`))
  return false
}

const pieceBytes = base64LineBytes * 1024

function* readPieces(raw: Raw): Generator<Buffer> {
  if (raw.kind === 'bytes') {
    for (let at = 0; at < raw.bytes.byteLength; at += pieceBytes) {
      yield Buffer.from(raw.bytes.buffer, raw.bytes.byteOffset + at, Math.min(pieceBytes, raw.bytes.byteLength - at))
    }
    return
  }
  const file = openSync(raw.path, 'r')
  try {
    const piece = Buffer.allocUnsafe(pieceBytes)
    for (let at = 0; at < raw.size; ) {
      const length = readSync(file, piece, 0, pieceBytes, at)
      if (length === 0) return
      yield piece.subarray(0, length)
      at += length
    }
  } finally {
    closeSync(file)
  }
}
