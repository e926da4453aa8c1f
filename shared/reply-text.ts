/** Splits a mail's text into what its writer wrote, what is quoted, and the signature; linear, line by line. */

export interface SplitText {
  readonly replyText: string
  readonly quotedText: string
  readonly signature: string
}

/** Lines longer than this are prose, never a line that a mail program wrote above a quote. */
const longestMark = 400

/** No person wrote a longer one, and eight million line ends would be eight million strings. */
const longestText = 1_000_000

export function splitReply(text: string): SplitText {
  if (text.length > longestText) return { replyText: text, quotedText: '', signature: '' }
  const lines = text.split('\n')
  const own: string[] = []
  const quoted: string[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ''
    if (line.startsWith('>')) {
      quoted.push(line)
      at += 1
      continue
    }
    const length = attributionLength(lines, at)
    if (length > 0) {
      // "On … wrote:" is followed by marked lines, between which the writer may answer, or by an unmarked copy to the end.
      const marked = (lines[nextFilled(lines, at + length)] ?? '').startsWith('>')
      const end = marked ? at + length : lines.length
      quoted.push(...sliced(lines, at, end))
      at = end
      continue
    }
    if (startsForwardedCopy(lines, at)) {
      quoted.push(...sliced(lines, at, lines.length))
      break
    }
    own.push(line)
    at += 1
  }
  const cut = signatureLine(own)
  return {
    replyText: joined(cut < 0 ? own : own.slice(0, cut)),
    quotedText: joined(quoted),
    signature: cut < 0 ? '' : joined(own.slice(cut + 1)),
  }
}

function* sliced(lines: readonly string[], from: number, to: number): Generator<string> {
  for (let at = from; at < to; at += 1) yield lines[at] ?? ''
}
const joined = (lines: readonly string[]): string => lines.join('\n').replace(/^\n+/, '').trimEnd()

/** RFC 3676 section 4.3; many programs lose the space. The last one counts: text may hold others. */
const signatureLine = (lines: readonly string[]): number => Math.max(lines.lastIndexOf('-- '), lines.lastIndexOf('--'))

function nextFilled(lines: readonly string[], from: number): number {
  let at = from
  // A quote stands at most two empty lines below its mark; a bound keeps the whole linear.
  while (at < from + 3 && (lines[at] ?? '').trim() === '') at += 1
  return at
}

/** First words and last words of the line above a quote, by language of the mail program. */
const attributions: readonly (readonly [start: string, end: string])[] = [
  ['On ', 'wrote:'], ['Am ', ':'], ['Le ', 'a écrit :'], ['Le ', 'a écrit:'], ['El ', 'escribió:'], ['Il ', 'ha scritto:'], ['Op ', ':'], ['Em ', 'escreveu:'],
  ['Den ', ':'], ['W dniu ', 'napisał:'], ['W dniu ', 'napisał(a):'], ['Dne ', 'napsal(a):'],
]
/** Where the end alone says too little, one of these must stand in between. */
const verbs: Readonly<Record<string, string>> = { 'Am ': ' schrieb', 'Op ': ' schreef', 'Den ': ' skrev' }

/** How many lines (they wrap) the attribution at `at` takes, 0 when there is none. */
function attributionLength(lines: readonly string[], at: number): number {
  const first = (lines[at] ?? '').trim()
  if (first.length > longestMark || !attributions.some(([start]) => first.startsWith(start))) return 0
  let whole = first
  for (let length = 1; length <= 3; length += 1) {
    if (attributions.some(([start, end]) => whole.startsWith(start) && whole.endsWith(end) && whole.includes(verbs[start] ?? ''))) return length
    const next = (lines[at + length] ?? '').trim()
    if (next === '' || whole.length + next.length > longestMark) return 0
    whole = `${whole} ${next}`
  }
  return 0
}

const copyMarks = new Set([
  'original message', 'ursprüngliche nachricht', 'message d\'origine', 'mensaje original', 'messaggio originale', 'oorspronkelijk bericht', 'mensagem original',
  'original-nachricht', 'forwarded message', 'weitergeleitete nachricht', 'original appointment', 'reply message',
])
const headerNames = /^\*?(?:From|Von|De|Da|Van|Sent|Gesendet|Date|Datum|Envoyé|Enviado|To|An|À|Para|Subject|Betreff|Objet|Asunto)\s?:\*?/

/** "-----Original Message-----", or the header block that Outlook puts above its copy. */
function startsForwardedCopy(lines: readonly string[], at: number): boolean {
  const line = (lines[at] ?? '').trim()
  if (line.length > longestMark) return false
  if (line.startsWith('--')) return copyMarks.has(line.replace(/^-+/, '').replace(/-+$/, '').trim().toLowerCase())
  const from = /^_{10,}$/.test(line) ? at + 1 : at
  if (from === at && !/^\*?(?:From|Von|De|Da|Van)\s?:/.test(line)) return false
  const block = lines.slice(from, from + 5).filter((candidate) => headerNames.test(candidate.slice(0, 20).trim()))
  return block.length >= 3
}
