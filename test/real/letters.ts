/** Mails as many programs write them, each with what it holds, so that what arrives can be held against it. */
import { createHash, hash } from 'node:crypto'

export interface SentAttachment { readonly name: string; readonly sha256: string }
export interface SentLetter {
  readonly bytes: Buffer
  readonly subject: string
  readonly sender: string
  readonly text: string
  /** '' when it has none of its own. */
  readonly html: string
  readonly attachments: readonly SentAttachment[]
}

const base64Lines = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/(.{76})(?=.)/g, '$1\r\n')
const hex = (byte: number): string => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`

/** RFC 2045 section 6.7, breaking lines at 70. */
function quoted(text: string): string {
  const line = (words: string): string => {
    const pieces = [...Buffer.from(words)].map((byte, at, all) => (byte === 61 || byte < 32 || byte > 126 || (byte === 32 && at === all.length - 1) ? hex(byte) : String.fromCharCode(byte)))
    const lines: string[] = ['']
    for (const piece of pieces) {
      if ((lines.at(-1) ?? '').length + piece.length > 70) lines.push('')
      lines[lines.length - 1] += piece
    }
    return lines.join('=\r\n')
  }
  return text.split('\n').map(line).join('\r\n')
}

/** RFC 2047, few enough letters a word that each stays below 75 characters, cut between letters. */
function encodedWords(text: string, how: 'B' | 'Q'): string {
  const letters = Array.from(text)
  const words = Array.from({ length: Math.ceil(letters.length / 9) }, (_, at) => letters.slice(at * 9, at * 9 + 9).join(''))
  const encode = (word: string): string => (how === 'B' ? Buffer.from(word).toString('base64') : [...Buffer.from(word)].map((byte) => (byte === 32 ? '_' : /[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hex(byte))).join(''))
  return words.map((word) => `=?utf-8?${how}?${encode(word)}?=`).join('\r\n ')
}

/** RFC 2231 section 3 and 4: a name in pieces, the charset named in the first. */
function nameInPieces(name: string): string {
  const letters = Array.from(name)
  const half = Math.ceil(letters.length / 2)
  const pieces = [letters.slice(0, half), letters.slice(half)].map((piece) => encodeURIComponent(piece.join('')))
  return `filename*0*=UTF-8''${pieces[0] ?? ''};\r\n filename*1*=${pieces[1] ?? ''}`
}

const subjects = ['Invoice', 'Grüße aus Köln, schöne Übersicht', '請求書についてのお知らせとご確認のお願い', 'Party 🎉🎂 on 👩‍👩‍👧 Friday', 'مرحبا بكم في الفاتورة', 'Ελληνικά και Русский текст вместе', 'Żółć = 50% _off_?', 'Fünf ½ Stück']
const senders = ['Ana Pereira', 'Jürgen Groß', '山田太郎', 'Zoë 🐝', 'أحمد علي', 'Ирина', 'Łukasz, Żak', 'Åke']
const attachmentNames = ['Rechnung Übergröße.pdf', '請求書.txt', 'فاتورة.bin', 'plan 🗺.dat', 'résumé final.doc']

function attachmentOf(n: number, which: number): { readonly name: string; readonly bytes: Buffer } {
  const size = 100 + ((n * 37 + which * 911) % 4000)
  const bytes = Buffer.concat(Array.from({ length: Math.ceil(size / 64) }, (_, at) => createHash('sha512').update(`${n} ${which} ${at}`).digest())).subarray(0, size)
  return { name: `${n}-${which} ${attachmentNames[(n + which) % attachmentNames.length] ?? ''}`, bytes }
}

const textOf = (n: number): string => [
  `Mail ${n} says: Grüße, 你好, שלום, 🎈.`, '.', '..two dots begin this line', 'From here on it is prose.', '', 'A long line: ' + 'word and wörd '.repeat(1 + (n % 90)) + 'end', '-- end',
].join('\n')
const asciiOf = (n: number): string => [`Mail ${n} is plain.`, '.', 'From here on it is prose.', '', '> quoted', 'end'].join('\n')
const htmlOf = (n: number): string => `<p>Mail ${n}: <b>Grüße</b> &amp; 你好</p>`

const crlf = (text: string): string => text.replaceAll('\n', '\r\n')
const part = (type: string, encoding: string, body: string): string => `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`
const multi = (kind: string, boundary: string, parts: readonly string[]): string =>
  `Content-Type: multipart/${kind};\r\n boundary="${boundary}"\r\n\r\nA preamble nobody reads.\r\n${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')}--${boundary}--\r\nAn epilogue.`
const filePart = (file: { readonly name: string; readonly bytes: Buffer }, name: string): string =>
  `Content-Type: application/octet-stream\r\nContent-Disposition: attachment;\r\n ${name}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(file.bytes)}`

/** The n-th letter; eight kinds take turns. */
export function letterOf(n: number): SentLetter {
  const kind = n % 8
  const subject = `${subjects[(n >> 3) % subjects.length] ?? ''} ${n}`
  const sender = senders[(n >> 3) % senders.length] ?? ''
  const how = n % 2 === 0 ? 'B' : 'Q'
  const text = kind === 0 ? asciiOf(n) : kind === 7 ? `Latin ${n}: Grüße, naïve façade\nend` : textOf(n)
  const files = kind === 5 ? [attachmentOf(n, 0)] : kind === 6 ? [attachmentOf(n, 0), attachmentOf(n, 1)] : []
  const alternative = multi('alternative', `alt=_${n}`, [part('text/plain; charset=utf-8', 'quoted-printable', quoted(text)), part('text/html; charset="UTF-8"', 'base64', base64Lines(Buffer.from(htmlOf(n))))])
  const body = [
    () => part('text/plain', '7bit', crlf(text)),
    () => part('text/plain; charset=utf-8', 'quoted-printable', quoted(text)),
    () => part('text/plain; charset="utf-8"; format=fixed', 'base64', base64Lines(Buffer.from(crlf(text)))),
    () => part('text/plain; charset=UTF-8', '8bit', crlf(text)),
    () => alternative,
    () => multi('mixed', `mix-${n}`, [part('text/plain; charset=utf-8', '8bit', crlf(text)), ...files.map((file) => filePart(file, `filename*=utf-8''${encodeURIComponent(file.name)}`))]),
    () => multi('mixed', `mix-${n}`, [alternative, ...files.map((file) => filePart(file, nameInPieces(file.name)))]),
    () => part('text/plain; charset=iso-8859-1', '8bit', crlf(text)),
  ][kind]?.() ?? ''
  const head = [
    `From: ${encodedWords(sender, how)}\r\n <sender${n}@client.example>`, 'To: support@example.org', `Subject: ${encodedWords(subject, how)}`,
    `Message-ID: <${n}@client.example>`, 'Date: Fri, 20 Nov 2026 10:00:00 +0100', 'MIME-Version: 1.0',
  ].join('\r\n')
  return {
    // Only the Latin-1 kind has octets beyond UTF-8.
    bytes: Buffer.from(`${head}\r\n${body}\r\n`, kind === 7 ? 'latin1' : 'utf8'),
    subject, sender, text, html: kind === 4 || kind === 6 ? htmlOf(n) : '', attachments: files.map(({ name, bytes }) => ({ name, sha256: hash('sha256', bytes) })),
  }
}
