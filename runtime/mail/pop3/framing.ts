/**
 * The end of a multi-line answer found while its bytes stream by (RFC 1939 section 3): stuffed dots are taken off,
 * every other byte is handed on as it came, however the network cut it. Only CRLF ends a line, so a bare LF stays.
 */

export interface Unstuffer {
  /**
   * Hands the mail's bytes of this chunk to `keep`, as views into it. Returns where the answer ended in the chunk (the
   * first byte behind it), or -1 while it goes on.
   */
  take(chunk: Buffer, keep: (piece: Buffer) => void): number
}

const lf = 10, cr = 13, dot = 46
const lineThenDot = Buffer.from('\r\n.')
const heldCr = Buffer.from('\r')

/** `dot`: a line began with a dot, which was left out. `dot-cr`: and a CR followed, which is the end or belongs to the mail. */
type State = 'line-start' | 'dot' | 'dot-cr' | 'within' | 'cr'

export function makeUnstuffer(): Unstuffer {
  let state: State = 'line-start'
  return {
    take: (chunk, keep) => {
      let from = 0
      let at = 0
      const hand = (end: number): void => { if (end > from) keep(chunk.subarray(from, end)) }
      while (at < chunk.length) {
        const byte = chunk[at]
        switch (state) {
          case 'line-start':
            if (byte === dot) { hand(at); from = at += 1; state = 'dot' } else state = 'within'
            break
          case 'dot':
            if (byte === cr) { from = at += 1; state = 'dot-cr' } else state = 'within'
            break
          case 'dot-cr':
            if (byte === lf) return at + 1
            keep(heldCr)
            state = 'within'
            break
          case 'cr':
            if (byte === lf) { at += 1; state = 'line-start' } else state = 'within'
            break
          case 'within': {
            const next = chunk.indexOf(lineThenDot, at)
            if (next >= 0) { at = next + 2; state = 'line-start' } else { at = chunk.length; state = endOf(chunk) }
          }
        }
      }
      hand(chunk.length)
      return -1
    },
  }
}

function endOf(chunk: Buffer): State {
  const last = chunk.at(-1)
  if (last === cr) return 'cr'
  return last === lf && chunk.at(-2) === cr ? 'line-start' : 'within'
}
