/** Multi-line answers taken apart however the network cuts them. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeUnstuffer } from '#runtime/mail/pop3/framing.ts'
import { stuffed } from '#runtime/sandbox/pop3-lines.ts'

const next = Buffer.from('+OK the answer after it\r\n')
/** Feeds the wire in these chunks; what came out, and what was left for the next answer. */
function feed(chunks: readonly Buffer[]): { readonly bytes: Buffer; readonly rest: Buffer; readonly ended: boolean } {
  const unstuffer = makeUnstuffer()
  const kept: Buffer[] = []
  for (const [index, chunk] of chunks.entries()) {
    const end = unstuffer.take(chunk, (piece) => { kept.push(Buffer.from(piece)) })
    if (end >= 0) return { bytes: Buffer.concat(kept), rest: Buffer.concat([chunk.subarray(end), ...chunks.slice(index + 1)]), ended: true }
  }
  return { bytes: Buffer.concat(kept), rest: Buffer.alloc(0), ended: false }
}
const cut = (bytes: Buffer, at: readonly number[]): readonly Buffer[] =>
  [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length))
/** What a server adds to a mail without an end of its last line. */
const withEnd = (mail: Buffer): Buffer => (mail.length === 0 || mail.subarray(-2).equals(Buffer.from('\r\n')) ? mail : Buffer.concat([mail, Buffer.from('\r\n')]))

/** Made of the bytes that matter, so that every border between them is met. */
const nasty = fc.array(fc.constantFrom('.', '\r', '\n', '\r\n', '\r\n.', '..', '\r\n..\r\n', '\n.\r\n', '\n.\n', 'x', '\xff', '\0'), { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''), 'latin1'))

test('[PO1] any mail comes out byte for byte, cut at every single byte', () => {
  fc.assert(fc.property(nasty, (mail) => {
    const wire = Buffer.concat([...stuffed(mail), next])
    for (let at = 0; at <= wire.length; at += 1) {
      const { bytes, rest } = feed(cut(wire, [at]))
      expect(bytes.equals(withEnd(mail))).toBe(true)
      expect(rest.equals(next)).toBe(true)
    }
  }), { numRuns: 300 })
})

test('[PO1] any bytes come out byte for byte, cut anywhere, and one byte at a time', () => {
  fc.assert(fc.property(fc.oneof(nasty, fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes))), fc.array(fc.nat({ max: 500 }), { maxLength: 12 }), (mail, cuts) => {
    const wire = Buffer.concat([...stuffed(mail), next])
    const at = [...new Set(cuts.filter((cutAt) => cutAt < wire.length))].toSorted((a, b) => a - b)
    expect(feed(cut(wire, at)).bytes.equals(withEnd(mail))).toBe(true)
    const single = feed(Array.from(wire, (byte) => Buffer.from([byte])))
    expect(single.bytes.equals(withEnd(mail))).toBe(true)
    expect(single.rest.equals(next)).toBe(true)
  }), { numRuns: 1000 })
})

test.each([
  ['a dot after a bare LF', 'a\n.\r\nb\r\n.\r\n', 'a\n.\r\nb\r\n'],
  ['a dot before a bare LF', '.\nb\r\n.\r\n', '\nb\r\n'],
  ['a dot and a bare CR', '.\rb\r\n.\r\n', '\rb\r\n'],
  ['a line that a careless server did not stuff', '.careless\r\n.\r\n', 'careless\r\n'],
  ['nothing at all', '.\r\n', ''],
])('[PO1] only CRLF and a dot alone on its line end an answer: %s', (_, wire, mail) => {
  for (let at = 0; at <= wire.length; at += 1) expect(feed(cut(Buffer.from(wire), [at]))).toMatchObject({ ended: true, bytes: Buffer.from(mail) })
})

test('[PO1] an answer without its end does not end', () => {
  fc.assert(fc.property(nasty, (mail) => { expect(feed([Buffer.concat(stuffed(mail)).subarray(0, -1)]).ended).toBe(false) }))
})
