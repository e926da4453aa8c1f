/** The text of Outlook's compressed RTF (MS-OXRTFCP): decompressed within a bound, then read without its formatting. */
import { tnefMost } from '#runtime/limits.ts'
import { decodeText } from './charset.ts'

/** '' when it can't be read. Never throws. */
export function readRtf(bytes: Buffer): string {
  const rtf = decompress(bytes)
  return rtf === null ? '' : textOf(rtf.toString('latin1'))
}

/** What the window holds at the beginning (MS-OXRTFCP section 2.1.2.1). */
const dictionary = Buffer.from('{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx', 'latin1')
const windowBytes = 4096
const compressed = 0x75465a4c
const stored = 0x414c454d

function decompress(bytes: Buffer): Buffer | null {
  if (bytes.length < 16) return null
  const size = bytes.readUInt32LE(4)
  const kind = bytes.readUInt32LE(8)
  if (size > tnefMost.rtfBytes) return null
  if (kind === stored) return bytes.subarray(16, 16 + size)
  if (kind !== compressed) return null
  const window = Buffer.alloc(windowBytes, ' ')
  dictionary.copy(window)
  const out = Buffer.alloc(size)
  let write = dictionary.length
  let length = 0
  const put = (byte: number) => {
    window[write % windowBytes] = byte
    write += 1
    if (length < size) out[length] = byte
    length += 1
  }
  for (let at = 16; at < bytes.length && length < size; ) {
    const flags = bytes[at] ?? 0
    at += 1
    for (let bit = 0; bit < 8 && at < bytes.length && length < size; bit += 1) {
      if ((flags & (1 << bit)) === 0) {
        put(bytes[at] ?? 0)
        at += 1
        continue
      }
      const token = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
      at += 2
      const from = token >> 4
      // A copy from where is being written says that this is the end.
      if (from === write % windowBytes) return out.subarray(0, length)
      for (let index = 0; index < (token & 15) + 2; index += 1) put(window[(from + index) % windowBytes] ?? 0)
    }
  }
  return out.subarray(0, Math.min(length, size))
}

/** Groups that hold no text of the mail. */
const silent = new Set(['fonttbl', 'colortbl', 'stylesheet', 'info', 'pict', 'object', 'header', 'footer', 'htmltag', 'mhtmltag'])
const letters: Readonly<Record<string, string>> = { par: '\n', line: '\n', row: '\n', sect: '\n', page: '\n', tab: '\t', cell: '\t', emdash: '\u2014', endash: '\u2013', lquote: '\u2018', rquote: '\u2019', ldblquote: '\u201c', rdblquote: '\u201d', bullet: '\u2022' }
const token = /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)/gi

function textOf(rtf: string): string {
  let text = ''
  let page = 'windows-1252'
  /** Of each open group: whether it is silent. */
  const groups: boolean[] = []
  let quiet = false
  /** Between \htmlrtf and \htmlrtf0 stands what only RTF readers show. */
  let rtfOnly = false
  let skip = 0
  let bytes: number[] = []
  const flush = () => {
    if (bytes.length > 0) text += decodeText(Buffer.from(bytes), page)
    bytes = []
  }
  for (const [, word, number, hex, symbol, brace, plain] of rtf.matchAll(token)) {
    const shown = !quiet && !rtfOnly
    if (hex !== undefined) {
      if (skip > 0) skip -= 1
      else if (shown) bytes.push(Number.parseInt(hex, 16))
      continue
    }
    flush()
    if (brace === '{') groups.push(quiet)
    else if (brace === '}') quiet = groups.pop() ?? false
    else if (plain !== undefined) {
      if (shown) text += plain.slice(skip)
      skip = Math.max(0, skip - plain.length)
    } else if (symbol !== undefined) {
      if (symbol === '*') quiet = true
      else if (shown && /[\\{}]/.test(symbol)) text += symbol
      else if (shown && symbol === '~') text += ' '
    } else if (word !== undefined) {
      if (silent.has(word)) quiet = true
      else if (word === 'htmlrtf') rtfOnly = number !== '0'
      else if (word === 'ansicpg' && number !== undefined) page = `windows-${number}`
      else if (word === 'u' && shown) {
        text += String.fromCharCode(Number(number ?? 63) & 0xffff)
        skip = 1
      } else if (shown && Object.hasOwn(letters, word)) text += letters[word] ?? ''
    }
  }
  flush()
  return text.toWellFormed().trim()
}
