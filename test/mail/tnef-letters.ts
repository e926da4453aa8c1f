/** winmail.dat written byte by byte (MS-OXTNEF), for the reader's tests. */
const u16 = (value: number): Buffer => Buffer.from([value & 255, (value >> 8) & 255])
export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
const sum = (bytes: Buffer): number => bytes.reduce((total, byte) => total + byte, 0)

export const attribute = (level: 1 | 2, id: number, data: Buffer): Buffer => Buffer.concat([Buffer.from([level]), u32(0x60000 | id), u32(data.length), data, u16(sum(data))])
export const tnefOf = (...attributes: readonly Buffer[]): Buffer => Buffer.concat([u32(0x223e9f78), u16(1), attribute(1, 0x9006, u32(0x10000)), attribute(1, 0x9007, Buffer.concat([u32(1252), u32(0)])), ...attributes])

/** [type, id, value] with the value's own bytes; texts and binaries get their counts. */
export type PropertyOf = readonly [type: number, id: number, value: Buffer]
export function propertiesOf(...all: readonly PropertyOf[]): Buffer {
  const counted = new Set([0x0d, 0x1e, 0x1f, 0x102])
  return Buffer.concat([u32(all.length), ...all.map(([type, id, value]) => Buffer.concat([u16(type), u16(id), counted.has(type) ? Buffer.concat([u32(1), u32(value.length), padded(value)]) : padded(value)]))])
}
/** A property with a name of its own (id from 0x8000), as every real file has dozens. */
export const named = (name: string): Buffer => {
  const words = Buffer.from(`${name}\0`, 'utf16le')
  return Buffer.concat([u16(3), u16(0x8001), Buffer.alloc(16, 7), u32(1), u32(words.length), padded(words), u32(42)])
}
export const wide = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le')
export const narrow = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1')

export const fileIn = (title: string, data: Buffer, ...properties: readonly PropertyOf[]): Buffer =>
  Buffer.concat([attribute(2, 0x9002, Buffer.alloc(14, 1)), attribute(2, 0x8010, narrow(title)), attribute(2, 0x800f, data), ...(properties.length > 0 ? [attribute(2, 0x9005, propertiesOf(...properties))] : [])])
