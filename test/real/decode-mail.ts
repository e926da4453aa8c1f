/** Reads a well-formed mail by the letter of the RFCs, knowing nothing of the product: a second opinion on what it sent. */
import { hash } from 'node:crypto'

export interface Decoded {
  readonly subject: string
  /** The Reply-To header's display name and address. */
  readonly replyTo: { readonly name: string; readonly address: string }
  readonly text: string
  readonly html: string
  readonly attachments: readonly { readonly name: string; readonly sha256: string }[]
}
interface Leaf { readonly type: string; readonly parameters: ReadonlyMap<string, string>; readonly fileName: string; readonly isFile: boolean; readonly bytes: Buffer }

export function decodeMail(bytes: Buffer): Decoded {
  const { head, body } = split(bytes.toString('latin1'))
  const leaves = leavesOf(head, body)
  const replyTo = /^(?:"?(.*?)"?\s*)<(.*)>$/s.exec(decodeWords(valueOf(head, 'Reply-To')))
  const textOf = (type: string): string => {
    const leaf = leaves.find((one) => one.type === type && !one.isFile)
    return leaf ? new TextDecoder(leaf.parameters.get('charset') ?? 'us-ascii', { fatal: true }).decode(leaf.bytes).replaceAll('\r\n', '\n').trimEnd() : ''
  }
  return {
    subject: decodeWords(valueOf(head, 'Subject')),
    replyTo: { name: (replyTo?.[1] ?? '').replaceAll(/\\(.)/g, '$1'), address: replyTo?.[2] ?? '' },
    text: textOf('text/plain'), html: textOf('text/html'),
    attachments: leaves.filter((leaf) => leaf.isFile).map((leaf) => ({ name: leaf.fileName, sha256: hash('sha256', leaf.bytes) })),
  }
}

function split(text: string): { readonly head: string; readonly body: string } {
  const at = text.indexOf('\r\n\r\n')
  // Unfolding, RFC 5322 section 2.2.3: only the line break goes.
  return { head: text.slice(0, at).replaceAll(/\r\n(?=[ \t])/g, ''), body: text.slice(at + 4) }
}
const valueOf = (head: string, name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''

function leavesOf(head: string, body: string): readonly Leaf[] {
  const type = valueOf(head, 'Content-Type') || 'text/plain; charset=us-ascii'
  const parameters = parametersOf(type)
  const media = (type.split(';')[0] ?? '').trim().toLowerCase()
  if (media.startsWith('multipart/')) {
    const pieces = `\r\n${body}`.split(`\r\n--${parameters.get('boundary') ?? ''}`)
    // Before the first delimiter stands the preamble, behind the closing one the epilogue.
    return pieces.slice(1).filter((piece) => !piece.startsWith('--')).flatMap((piece) => {
      const inner = split(piece.replace(/^[ \t]*\r\n/, ''))
      return leavesOf(inner.head, inner.body)
    })
  }
  const disposition = valueOf(head, 'Content-Disposition')
  return [{ type: media, parameters, isFile: /^attachment/i.test(disposition), fileName: parametersOf(disposition).get('filename') ?? '', bytes: decodeBody(valueOf(head, 'Content-Transfer-Encoding').toLowerCase(), body) }]
}

function decodeBody(encoding: string, body: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64')
  if (encoding === 'quoted-printable') return Buffer.from(body.replaceAll(/=\r\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))), 'latin1')
  return Buffer.from(body, 'latin1')
}

/** Parameters with RFC 2231's pieces and charsets. */
function parametersOf(value: string): ReadonlyMap<string, string> {
  const plain = new Map<string, string>()
  const pieces = new Map<string, string[]>()
  for (const [, name = '', number, star = '', inQuotes, bare] of value.matchAll(/;\s*([a-z-]+)(?:\*(\d+))?(\*)?=(?:"((?:\\.|[^"\\])*)"|([^;\s]*))/gi)) {
    const text = inQuotes?.replaceAll(/\\(.)/g, '$1') ?? bare ?? ''
    if (number === undefined && star === '') plain.set(name.toLowerCase(), text)
    else {
      const list = pieces.get(name.toLowerCase()) ?? []
      list[Number(number ?? 0)] = star === '' ? text : decodeURIComponent(text.replace(/^utf-8'[^']*'/i, ''))
      pieces.set(name.toLowerCase(), list)
    }
  }
  return new Map([...plain].map(([name, text]): [string, string] => [name, decodeWords(text)]).concat([...pieces].map(([name, list]): [string, string] => [name, list.join('')])))
}

/** RFC 2047: words side by side belong together; raw UTF-8 (RFC 6532) stays what it is. */
function decodeWords(value: string): string {
  const joined = value.replaceAll(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?)/gi, '$1')
  const octets = joined.replaceAll(/=\?([^?\s]+)\?([bq])\?([^?\s]*)\?=/gi, (_, charset: string, how: string, text: string) => {
    if (charset.toLowerCase() !== 'utf-8') throw new Error(`not expected here: ${charset}`)
    return how.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString('latin1') : text.replaceAll('_', ' ').replaceAll(/=([0-9A-F]{2})/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  })
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(octets, 'latin1'))
}
