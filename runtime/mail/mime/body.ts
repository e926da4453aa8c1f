/**
 * Takes a mail's body apart with mailparser's stream, which knows the transfer encodings, charsets and nesting; what
 * the parts mean for a Mail is decided by our own code. Header fields are not shown to it, save those that say how
 * the body is built.
 */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { AttachmentStream } from 'mailparser'
import type MailParser from 'mailparser/lib/mail-parser'
import type { mime } from '#runtime/limits.ts'
import type { ByteSink, TakenBytes } from '../byte-sink.ts'
import { makePaddingStripper } from './delimiter-padding.ts'
import { firstValue, type HeaderField } from './header-fields.ts'
import { makePartKeepers, type KeptPart } from './kept-parts.ts'

export interface TextPart {
  readonly html: boolean
  readonly text: string
  /** Inside multipart/alternative: another part says the same. */
  readonly alternative: boolean
}
export interface AttachedPart extends TakenBytes {
  readonly name: string
  readonly type: string
  readonly disposition: 'attachment' | 'inline'
  readonly cid: string
  readonly kept: KeptPart | null
}
export interface Body {
  /** The texts end early, at the limit. */
  readonly cut?: boolean
  readonly texts: readonly TextPart[]
  readonly attached: readonly AttachedPart[]
}
/** Where the body's bytes are. */
export type BodySource = { readonly bytes: Buffer } | { readonly path: string; readonly start: number }

/** Thrown when the body exceeds a bound; `what` goes into the mail's `truncated`. */
export class BodyLimit extends Error {
  readonly what: string
  constructor(what: string) {
    super(`over the limit: ${what}`)
    this.what = what
  }
}

export async function readBody(fields: readonly HeaderField[], source: BodySource, limits: typeof mime, sink: ByteSink): Promise<Body> {
  // Loaded at the first mail that needs it: it weighs 13 MB of heap, and a flow of simple mails never does.
  const { default: Parser } = await import('mailparser/lib/mail-parser')
  const parser = new Parser({
    skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true,
    // Reports and attached mails are attachments like any other; digests of ours are SHA-256.
    keepDeliveryStatus: true, ignoreEmbedded: true, checksumAlgo: false, maxChildNodes: limits.parts,
  })
  return new Promise((resolve, reject) => {
    const attached: AttachedPart[] = []
    const keeperFor = makePartKeepers()
    const stream = 'path' in source ? createReadStream(source.path, { start: source.start }) : Readable.from(cutPieces(source.bytes), { objectMode: false })
    const isCut = limitTexts(parser, limits.bodyBytes)
    const fail = (error: unknown) => {
      stream.destroy()
      parser.destroy()
      reject(error instanceof Error && 'code' in error && error.code === 'EMAXLEN' ? new BodyLimit(error.message.includes('child') ? 'parts' : 'headers') : error)
    }
    // A throw inside a stream's event would end the worker.
    const attempt = (step: () => void) => {
      try {
        step()
      } catch (error) {
        fail(error)
      }
    }
    parser.on('error', fail)
    parser.on('data', (part) => {
      if (part.type !== 'attachment') return
      const taking = sink.begin()
      const described = describePart(part)
      const keeper = keeperFor(described.type, described.name)
      part.content.on('data', (chunk: Buffer) => {
        attempt(() => {
          taking.write(chunk)
          keeper.write(chunk)
        })
      })
      part.content.on('error', fail)
      part.content.on('end', () => {
        attempt(() => {
          attached.push({ ...taking.end(), ...described, kept: keeper.end() })
          part.release?.()
        })
      })
    })
    parser.on('end', () => {
      attempt(() => { resolve({ texts: collectTexts(treeOf(parser), limits.depth), attached, cut: isCut() }) })
    })
    parser.write(bodyHead(fields))
    const stripper = makePaddingStripper(firstValue(fields, 'content-type'))
    stripper.on('error', fail).pipe(parser)
    stream.on('error', fail).pipe(stripper)
  })
}

/** Small pieces, so that no step on the way makes one string of a whole mail. */
function* cutPieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}
const pieceBytes = 64 * 1024

/**
 * Lets no more than `limit` encoded bytes of text parts through. mailparser gathers a text part whole, and a string of
 * 90 MB at the worker's heap limit ends the process, not the worker. Its types leave `processChunk` and `curnode` out;
 * RX48 fails when they change.
 */
function limitTexts(parser: MailParser, limit: number): () => boolean {
  const inner = parser as unknown as { processChunk(data: { type: string; value?: Buffer }, done: () => void): void; readonly curnode?: { isAttachment?: boolean } | false }
  const process = inner.processChunk.bind(parser)
  let length = 0
  inner.processChunk = (data, done) => {
    if (data.type !== 'body' || !data.value || !inner.curnode || inner.curnode.isAttachment === true) {
      process(data, done)
      return
    }
    const left = Math.max(0, limit - length)
    length += data.value.length
    if (left === 0) setImmediate(done)
    else process(data.value.length > left ? { ...data, value: data.value.subarray(0, left) } : data, done)
  }
  return () => length > limit
}

function describePart(part: AttachmentStream): Pick<AttachedPart, 'name' | 'type' | 'disposition' | 'cid'> {
  // Its types promise text; a part with an unreadable Content-Type has `false`.
  const type: unknown = part.contentType
  const inline = part.contentDisposition === 'inline' || (part.contentDisposition === undefined && part.related === true)
  return { name: part.filename ?? '', type: typeof type === 'string' ? type.toLowerCase() : 'application/octet-stream', cid: part.cid ?? '', disposition: inline ? 'inline' : 'attachment' }
}

/** The fields that say how the body is built; the first of each counts, as for every other field. */
function bodyHead(fields: readonly HeaderField[]): Buffer {
  const lines = ['content-type', 'content-transfer-encoding', 'content-disposition'].flatMap((key) => {
    const value = firstValue(fields, key)
    return value === '' ? [] : [`${key}: ${value}\r\n`]
  })
  return Buffer.from(`${lines.join('')}\r\n`)
}

/** What mailparser (pinned exactly) keeps of each part; its own merged text loses which part was an alternative of which. */
interface Node {
  readonly contentType?: unknown
  readonly textContent?: unknown
  readonly children?: readonly Node[]
}
function treeOf(parser: MailParser): Node | null {
  // Its types leave `tree` out; `false` before the first part, and the tests read nested mails through it.
  const { tree } = parser as unknown as { readonly tree?: Node | false }
  return tree === undefined || tree === false ? null : tree
}

function collectTexts(root: Node | null, deepest: number): TextPart[] {
  const texts: TextPart[] = []
  const open: { readonly node: Node; readonly depth: number; readonly alternative: boolean }[] = root ? [{ node: root, depth: 1, alternative: false }] : []
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, depth } = next
    if (depth > deepest) throw new BodyLimit('depth')
    if (typeof node.textContent === 'string' && node.textContent !== '') texts.push({ html: node.contentType === 'text/html', text: node.textContent, alternative: next.alternative })
    const alternative = next.alternative || node.contentType === 'multipart/alternative'
    for (const child of (node.children ?? []).toReversed()) open.push({ node: child, depth: depth + 1, alternative })
  }
  return texts
}
