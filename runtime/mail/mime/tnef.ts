/**
 * Opens winmail.dat, the wrapper that Outlook puts around attachments (MS-OXTNEF): the files in it, and the text where
 * the mail has none. Files are views of the bytes given, so nothing grows; a length that lies makes the whole unreadable.
 */
import { mime, tnefMost } from '#runtime/limits.ts'
import { decodeText } from './charset.ts'
import { readRtf } from './rtf.ts'

export interface TnefFile {
  readonly name: string
  /** '' when it says none. */
  readonly type: string
  readonly cid: string
  readonly bytes: Buffer
}
export interface Tnef {
  readonly files: readonly TnefFile[]
  readonly text: string
  readonly html: string
}

const signature = Buffer.from([0x78, 0x9f, 0x3e, 0x22])
export const isTnef = (bytes: Buffer): boolean => bytes.subarray(0, 4).equals(signature)

/** null: cut off, or its lengths do not fit. Never throws. */
export function readTnef(bytes: Buffer): Tnef | null {
  try {
    return isTnef(bytes) ? readAttributes(makeReader(bytes.subarray(6))) : null
  } catch (error) {
    if (error instanceof Unfit) return null
    throw error
  }
}

/** Section 2.1.3: attribute ids (the low half; the high half is a type). */
const renderData = 0x9002
const messageProperties = 0x9003
const attachmentProperties = 0x9005
const codePageAttribute = 0x9007
const bodyAttribute = 0x800c
const dataAttribute = 0x800f
const titleAttribute = 0x8010

function readAttributes(reader: Reader): Tnef {
  const open: Draft[] = []
  let message: Properties = new Map()
  let page = ''
  let plain: Buffer | null = null
  for (let count = 0; reader.left() > 0; count += 1) {
    if (count >= tnefMost.attributes) throw new Unfit()
    const level = reader.u8()
    const id = reader.u32() & 0xffff
    const data = reader.take(reader.u32())
    // The checksum: writers get it wrong, and the lengths say enough.
    reader.u16()
    if (level === 1) {
      if (id === codePageAttribute) page = charsetOf(makeReader(data).u32())
      else if (id === messageProperties) message = readProperties(makeReader(data))
      else if (id === bodyAttribute) plain = data
      continue
    }
    if (id === renderData) {
      if (open.length >= tnefMost.files) throw new Unfit()
      open.push({ title: null, data: null, properties: new Map() })
    }
    const last = open.at(-1)
    if (!last) continue
    if (id === titleAttribute) last.title = data
    else if (id === dataAttribute) last.data = data
    else if (id === attachmentProperties) last.properties = readProperties(makeReader(data))
  }
  return { files: open.flatMap((draft) => fileOf(draft, page)), ...bodyOf(message, plain, page) }
}

interface Draft {
  title: Buffer | null
  data: Buffer | null
  properties: Properties
}

/** MS-OXPROPS: the properties that are read. */
const property = { body: 0x1000, rtf: 0x1009, html: 0x1013, displayName: 0x3001, data: 0x3701, shortName: 0x3704, longName: 0x3707, type: 0x370e, cid: 0x3712, codePage: 0x3fde } as const

function fileOf({ title, data, properties }: Draft, page: string): TnefFile[] {
  const held = properties.get(property.data)
  // An object begins with the id of its interface (section 2.1.3.4.2.3).
  const bytes = data ?? (held?.type === objectType ? held.bytes.subarray(16) : held?.bytes)
  if (!bytes) return []
  const words = (id: number): string => textOf(properties.get(id), page)
  const name = words(property.longName) || words(property.shortName) || (title ? cutAtZero(decodeText(title, page)) : '') || words(property.displayName)
  const type = words(property.type).toLowerCase()
  const whole = isTnef(bytes) ? { name: `${name || 'message'}.dat`, type: 'application/ms-tnef' } : { name, type: /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(type) ? type : '' }
  return [{ ...whole, cid: words(property.cid).replace(/^<|>$/g, ''), bytes }]
}

function bodyOf(message: Properties, plain: Buffer | null, page: string): Pick<Tnef, 'text' | 'html'> {
  const number = message.get(property.codePage)?.bytes
  const own = (number && number.length >= 4 && charsetOf(number.readUInt32LE(0))) || page
  const html = textOf(message.get(property.html), own)
  const text = textOf(message.get(property.body), page) || (plain ? cutAtZero(decodeText(bounded(plain), page)) : '')
  const rtf = message.get(property.rtf)
  return { html, text: text === '' && html === '' && rtf ? readRtf(rtf.bytes) : text }
}

interface Property {
  readonly type: number
  readonly bytes: Buffer
}
type Properties = Map<number, Property>

/** Value types of MS-OXCDATA section 2.11.1; the others are numbers of the sizes below. */
const objectType = 0x0d
const text8Type = 0x1e
const text16Type = 0x1f
const binaryType = 0x102
const sizes: Readonly<Record<number, number>> = { 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0a: 4, 0x0b: 4, 0x14: 8, 0x40: 8, 0x48: 16 }

/** Section 2.1.3.4: counted; named ones carry their name, texts and binaries their length, all is padded to four bytes. */
function readProperties(reader: Reader): Properties {
  const found: Properties = new Map()
  const count = reader.u32()
  if (count > tnefMost.properties) throw new Unfit()
  for (let index = 0; index < count; index += 1) {
    const type = reader.u16()
    const id = reader.u16()
    if (id >= 0x8000) skipName(reader)
    const many = (type & 0x1000) !== 0
    const base = type & 0xefff
    const long = base === objectType || base === text8Type || base === text16Type || base === binaryType
    const values = many || long ? reader.u32() : 1
    if (values > tnefMost.properties) throw new Unfit()
    for (let value = 0; value < values; value += 1) {
      const size = long ? reader.u32() : sizes[base]
      // A type nobody knows has a length nobody knows.
      if (size === undefined) throw new Unfit()
      const bytes = reader.take(size)
      reader.pad(size)
      if (value === 0 && id < 0x8000) found.set(id, { type: base, bytes })
    }
  }
  return found
}

function skipName(reader: Reader): void {
  reader.take(16)
  if (reader.u32() === 0) {
    reader.u32()
    return
  }
  const size = reader.u32()
  reader.take(size)
  reader.pad(size)
}

function textOf(found: Property | undefined, page: string): string {
  if (!found) return ''
  if (found.type === text16Type) return cutAtZero(bounded(found.bytes).toString('utf16le').toWellFormed())
  return found.type === text8Type || found.type === binaryType ? cutAtZero(decodeText(bounded(found.bytes), page)) : ''
}
/** As with every other text of a mail: none is gathered whole beyond the limit. */
const bounded = (bytes: Buffer): Buffer => bytes.subarray(0, mime.bodyBytes)
const cutAtZero = (text: string): string => {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

/** Windows' numbers of charsets. */
function charsetOf(page: number): string {
  const named: Readonly<Record<number, string>> = { 437: 'windows-1252', 850: 'windows-1252', 866: 'ibm866', 874: 'windows-874', 932: 'shift_jis', 936: 'gbk', 949: 'euc-kr', 950: 'big5', 20127: 'us-ascii', 20866: 'koi8-r', 21866: 'koi8-u', 50220: 'iso-2022-jp', 51932: 'euc-jp', 54936: 'gb18030', 65001: 'utf-8' }
  if (page >= 1250 && page <= 1258) return `windows-${page}`
  if (page >= 28591 && page <= 28605) return `iso-8859-${page - 28590}`
  return named[page] ?? ''
}

class Unfit extends Error {}

interface Reader {
  u8(): number
  u16(): number
  u32(): number
  take(length: number): Buffer
  /** To the next multiple of four behind a value of this length; the end may lack its padding. */
  pad(length: number): void
  left(): number
}
function makeReader(bytes: Buffer): Reader {
  let at = 0
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw new Unfit()
    at += length
    return bytes.subarray(at - length, at)
  }
  return {
    take,
    u8: () => take(1).readUInt8(0),
    u16: () => take(2).readUInt16LE(0),
    u32: () => take(4).readUInt32LE(0),
    pad: (length) => { at = Math.min(bytes.length, at + ((4 - (length % 4)) % 4)) },
    left: () => bytes.length - at,
  }
}
