/** Bytes into text: no charset, however wrong or unknown, ever loses a mail. */
import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

/** Names that mail programs write and the WHATWG list lacks. UTF-7 is no charset here: it can hide markup from filters. */
const aliases: Readonly<Record<string, string>> = {
  cp932: 'shift_jis', ms932: 'shift_jis', cp936: 'gbk', cp949: 'euc-kr', cp950: 'big5', utf8mb4: 'utf-8', 'utf_8': 'utf-8', ansi: 'windows-1252',
  'iso-8859-8-e': 'iso-8859-8', 'iso8859-1': 'iso-8859-1', latin: 'iso-8859-1', 'unicode-1-1-utf-8': 'utf-8', 'iso-2022-jp-ms': 'iso-2022-jp', 'ks_c_5601': 'euc-kr',
}
const utf8Names = new Set(['', 'utf-8', 'utf8', 'us-ascii', 'ascii', 'unknown-8bit', 'unknown', 'default', 'utf-7', 'unicode-1-1-utf-7', 'x-unknown'])
const decoders = new Map<string, TextDecoder | null>()
/** Hostile mails may name any number of charsets; the real ones are about forty. */
const keptDecoders = 100

/** Declared ASCII and UTF-8 are believed only when the bytes agree; else what Western mail programs write: Windows-1252. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  const name = charset.trim().toLowerCase().replace(/^["']|["']$/g, '')
  if (utf8Names.has(name)) return decodeUnlabelled(bytes, name === 'utf-8' || name === 'utf8')
  const decoder = decoderFor(aliases[name] ?? name)
  return decoder ? decoder.decode(bytes) : decodeUnlabelled(bytes, false)
}

function decodeUnlabelled(bytes: Uint8Array, declaredUtf8: boolean): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (declaredUtf8 || isUtf8(buffer)) return buffer.toString('utf8')
  return decoderFor('windows-1252')?.decode(buffer) ?? buffer.toString('latin1')
}

function decoderFor(name: string): TextDecoder | null {
  const known = decoders.get(name)
  if (known !== undefined) return known
  if (decoders.size >= keptDecoders) decoders.clear()
  const decoder = makeDecoder(name)
  decoders.set(name, decoder)
  return decoder
}

function makeDecoder(name: string): TextDecoder | null {
  try {
    return new TextDecoder(name, { ignoreBOM: true })
  } catch {
    return null
  }
}
