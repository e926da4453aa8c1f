/** Relaxed canonical form (RFC 6376 section 3.4): what of a mail's bytes a signature vouches for, whatever blanks a relay adds or takes. */
import { createHash } from 'node:crypto'

/** `name:value`, without its line end. */
export function canonicalField(field: string): string {
  const at = field.indexOf(':')
  const value = field.slice(at + 1).replace(/\r\n/g, '').replace(/[ \t]+/g, ' ')
  return `${field.slice(0, at).trim().toLowerCase()}:${value.trim()}`
}

/** Line ends as SMTP sends them: a bare CR or LF becomes CRLF on the wire, so it counts as one here. */
export const wireLines = (text: string): string => (/\r(?!\n)|(?<!\r)\n/.test(text) ? text.replace(/\r\n|\r|\n/g, '\r\n') : text)

export interface BodyHash {
  update(chunk: Uint8Array): void
  /** SHA-256 in base64. */
  digest(): string
}

/** Takes the body piece by piece; holds back the unfinished last line and the empty ones that may turn out to be the end. */
export function makeBodyHash(): BodyHash {
  const hash = createHash('sha256')
  let rest = ''
  let emptyLines = 0
  let began = false
  const add = (lines: string): void => {
    const relaxed = lines.replace(/[ \t]+/g, ' ').replaceAll(' \r\n', '\r\n')
    let end = relaxed.length
    while (end > 0 && relaxed.startsWith('\r\n', end - 2) && (end === 2 || relaxed.startsWith('\r\n', end - 4))) end -= 2
    if (end > 0) {
      hash.update('\r\n'.repeat(emptyLines))
      hash.update(relaxed.slice(0, end), 'latin1')
      emptyLines = 0
      began = true
    }
    emptyLines += (relaxed.length - end) / 2
  }
  return {
    update: (chunk) => {
      const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
      // A CR at the end may be half a line end.
      const whole = Math.max(text.lastIndexOf('\n'), text.slice(0, -1).lastIndexOf('\r')) + 1
      rest = text.slice(whole)
      if (whole > 0) add(wireLines(text.slice(0, whole)))
    },
    digest: () => {
      if (rest !== '') add(wireLines(/[\r\n]$/.test(rest) ? rest : `${rest}\r\n`))
      rest = ''
      // Without a line at all the body is empty, also where it is all empty lines (section 3.4.4).
      return began ? hash.digest('base64') : createHash('sha256').digest('base64')
    },
  }
}
