/** A name server on loopback that answers each question as told: with SRV or TXT records, with "no such name", with a failure, or not at all. */
import { createSocket } from 'node:dgram'
import { onTestFinished } from 'vitest'

export type DnsAnswer = readonly (readonly [target: string, port: number])[] | { readonly texts: readonly (readonly string[])[] } | 'no such name' | 'no record' | 'failure' | 'silence'

/** Its address, as Node's resolver takes it. */
export async function dnsServer(answerTo: (name: string) => DnsAnswer): Promise<string> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { name, end } = readName(query)
    const answer = answerTo(name)
    if (answer === 'silence') return
    const records = typeof answer === 'string' ? [] : 'texts' in answer ? answer.texts.map(textRecord) : answer.map(([target, port]) => serviceRecord(target, port))
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180 | (answer === 'no such name' ? 3 : answer === 'failure' ? 2 : 0), 2)
    for (const [at, count] of [[4, 1], [6, records.length], [8, 0], [10, 0]] as const) header.writeUInt16BE(count, at)
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...records]), from.port, from.address)
  })
  await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve) })
  onTestFinished(() => { socket.close() })
  return `127.0.0.1:${socket.address().port}`
}

/** RFC 1035 section 4.1.2: labels with their lengths, up to the root. */
function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.'), end: at + 1 }
}

/** RFC 2782, for the name that was asked (a pointer to byte 12). */
function serviceRecord(target: string, port: number): Buffer {
  const name = Buffer.concat([...target.split('.').filter((label) => label !== '').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')), Buffer.from([0])])
  const head = Buffer.alloc(18)
  for (const [value, at] of [[0xc00c, 0], [33, 2], [1, 4], [60, 8], [6 + name.length, 10], [10, 12], [5, 14], [port, 16]] as const) head.writeUInt16BE(value, at)
  return Buffer.concat([head, name])
}

/** RFC 1035 section 3.3.14: strings with their lengths. */
function textRecord(strings: readonly string[]): Buffer {
  const data = Buffer.concat(strings.map((text) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])))
  const head = Buffer.alloc(12)
  for (const [value, at] of [[0xc00c, 0], [16, 2], [1, 4], [60, 8], [data.length, 10]] as const) head.writeUInt16BE(value, at)
  return Buffer.concat([head, data])
}
