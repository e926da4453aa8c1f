/** Splits a mail's text into what its writer wrote, what is quoted, and the signature; linear, line by line. No filled line is lost or changed. */
import { attributionLength, isDeviceLine, nextFilled, startsCopy } from './reply-marks.ts'

export interface SplitText {
  readonly replyText: string
  readonly quotedText: string
  readonly signature: string
}

/** No person wrote a longer one, and eight million line ends would be eight million strings. */
const longestText = 1_000_000

export function splitReply(text: string): SplitText {
  if (text.length > longestText) return { replyText: text, quotedText: '', signature: '' }
  const lines = text.split('\n')
  const own: string[] = []
  const quoted: string[] = []
  const quoteAt = (from: number): boolean => isQuoted(lines[nextFilled(lines, from)] ?? '')
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ''
    if (isQuoted(line)) {
      quoted.push(line)
      at += 1
      continue
    }
    if (mayBeMark(lines, at)) {
      const length = attributionLength(lines, at, quoteAt)
      if (length > 0) {
        // "On … wrote:" is followed by marked lines, between which the writer may answer, or by an unmarked copy to the end.
        const end = quoteAt(at + length) ? at + length : lines.length
        quoted.push(...sliced(lines, at, end))
        at = end
        continue
      }
      if (startsCopy(lines, at)) {
        quoted.push(...sliced(lines, at, lines.length))
        break
      }
    }
    own.push(line)
    at += 1
  }
  const [end, from] = findSignature(own)
  return { replyText: joined(own.slice(0, end)), quotedText: joined(quoted), signature: joined(own.slice(from)) }
}

/** Files of mails write ">From" for a line that begins with "From". */
const isQuoted = (line: string): boolean => line.startsWith('>') && !line.startsWith('>From ')

/** Cheap, for every line: a mark has a colon at the end of one of its lines, or holds a rule. */
function mayBeMark(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? ''
  if (line.includes(':') || line.includes('：') || line.includes('--') || line.includes('___') || line.includes('—')) return true
  return endsInColon(lines[at + 1] ?? '') || endsInColon(lines[at + 2] ?? '')
}
function endsInColon(line: string): boolean {
  let at = line.length - 1
  for (let blanks = 0; blanks < 4 && line.charCodeAt(at) === 0x20; blanks += 1) at -= 1
  const last = line.charCodeAt(at)
  return last === 0x3a || last === 0xff1a
}

function* sliced(lines: readonly string[], from: number, to: number): Generator<string> {
  for (let at = from; at < to; at += 1) yield lines[at] ?? ''
}
const joined = (lines: readonly string[]): string => lines.join('\n').replace(/^\n+/, '').trimEnd()

/** Filled lines that may stand below what a telephone wrote: a second such line, or a provider's. */
const belowDevice = 2

/**
 * Where the reply ends and the signature begins: below the last "-- " (RFC 3676 section 4.3; many programs lose the
 * space), or with the line that a telephone or a mail program writes at the end.
 */
function findSignature(own: readonly string[]): readonly [end: number, from: number] {
  const mark = Math.max(own.lastIndexOf('-- '), own.lastIndexOf('--'))
  let filled = 0
  let device = -1
  for (let at = own.length - 1; at > mark && filled <= belowDevice; at -= 1) {
    const line = own[at] ?? ''
    if (line.trim() === '') continue
    if (isDeviceLine(line)) device = at
    filled += 1
  }
  // A telephone's line below a signature belongs to it.
  if (mark >= 0) return [mark, mark + 1]
  return device < 0 ? [own.length, own.length] : [device, device]
}
