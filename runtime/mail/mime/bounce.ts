/**
 * What a bounce says: whom the mail did not reach and why (RFC 3464, RFC 6533), or who complained (RFC 5965). Servers
 * that write no report are read from their text, as far as that is plain.
 */
import type { BounceRecipient, MailBounce } from '#shared/mail.ts'
import { reportRecipients } from '#runtime/limits.ts'
import { readAddresses } from './addresses.ts'
import { readBounceText } from './bounce-text.ts'
import { decodeWords } from './encoded-words.ts'
import { firstValue, oneLine, readHeaderFields, type HeaderField } from './header-fields.ts'
import type { KeptPart } from './kept-parts.ts'
import { readDate } from './mail-date.ts'

/** A server's reason is a line or two; some paste a whole session. */
const longestWords = 1000

/** @param complaint the mail says it is one; else it is a bounce */
export function readBounce(fields: readonly HeaderField[], from: string, text: string, kept: readonly KeptPart[], complaint: boolean): MailBounce {
  const report = kept.find((part) => part.kind === 'report')
  const original = kept.find((part) => part.kind === 'original')
  const messageId = original ? idOf(firstValue(readHeaderFields(original.bytes, original.bytes.length).fields, 'message-id')) : ''
  const blocks = report ? readBlocks(report.bytes) : []
  if (complaint) return readComplaint(blocks, messageId)
  const [about = [], ...people] = blocks
  // Some servers leave the blank line out between the mail's fields and the first recipient's.
  const recipients = (firstValue(about, 'final-recipient') === '' ? people : blocks).flatMap(readRecipient).slice(0, reportRecipients)
  if (recipients.length > 0) {
    return { kind: worstOf(recipients), recipients, messageId, arrivedAt: readDate(firstValue(about, 'arrival-date')), reporter: afterType(firstValue(about, 'reporting-mta')) || from }
  }
  const told = readBounceText(fields, text)
  return { kind: told.kind, recipients: told.recipients, messageId: messageId || told.messageId, arrivedAt: readDate(firstValue(about, 'arrival-date')), reporter: afterType(firstValue(about, 'reporting-mta')) || from }
}

function readComplaint(blocks: readonly (readonly HeaderField[])[], messageId: string): MailBounce {
  const all = blocks.flat()
  const what = words(firstValue(all, 'feedback-type')).toLowerCase()
  const addresses = all.filter((field) => field.key === 'original-rcpt-to').slice(0, reportRecipients)
  const recipients = addresses.flatMap(({ value }) => readAddresses(value, 1)).map(({ address }) => ({ address, action: what, status: '', diagnostic: '', remote: '' }))
  const arrived = firstValue(all, 'arrival-date') || firstValue(all, 'received-date')
  return { kind: 'complaint', recipients, messageId, arrivedAt: readDate(arrived), reporter: afterType(firstValue(all, 'reporting-mta')) || words(firstValue(all, 'user-agent')) }
}

/** Groups of fields with blank lines between. */
function readBlocks(bytes: Buffer): readonly HeaderField[][] {
  const blocks: HeaderField[][] = []
  for (let at = 0; at < bytes.length && blocks.length <= reportRecipients; ) {
    const { fields, bodyAt } = readHeaderFields(bytes.subarray(at), bytes.length)
    if (fields.length > 0) blocks.push([...fields])
    at += Math.max(1, bodyAt)
  }
  return blocks
}

function readRecipient(fields: readonly HeaderField[]): BounceRecipient[] {
  // The address that the mail was sent to; the final one may be where somebody forwards it.
  const [address] = ['original-recipient', 'final-recipient'].flatMap((key) => readAddresses(afterType(firstValue(fields, key)), 1)).filter((one) => one.address.includes('@'))
  const action = words(firstValue(fields, 'action')).toLowerCase()
  if (!address && action === '') return []
  const diagnostic = afterType(firstValue(fields, 'diagnostic-code'))
  const status = statusIn(firstValue(fields, 'status')) || statusIn(diagnostic)
  const known = actions.find((one) => action.startsWith(one)) ?? (status.startsWith('4') ? 'delayed' : status.startsWith('2') ? 'delivered' : 'failed')
  return [{ address: address?.address ?? '', action: known, status, diagnostic, remote: afterType(firstValue(fields, 'remote-mta')) }]
}

/** From bad to good: the report as a whole is as its worst part. */
const actions = ['failed', 'delayed', 'expanded', 'relayed', 'delivered'] as const
const worstOf = (recipients: readonly BounceRecipient[]): (typeof actions)[number] => actions.find((action) => recipients.some((one) => one.action === action)) ?? 'failed'

/** RFC 3463: `5.1.1`. */
const statusIn = (text: string): string => /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])/.exec(text)?.[0] ?? ''

const words = (text: string): string => oneLine(decodeWords(text.slice(0, longestWords)))
/** `rfc822; jane@example.org`, `dns; mx.example.org`, and RFC 6533's `\x{e4}` for letters beyond ASCII. */
const afterType = (text: string): string => words(text).replace(/^[\w-]{1,40}\s*;\s*/, '').replace(/\\x\{([0-9a-f]{2,6})\}/gi, letterOf).slice(0, longestWords)
function letterOf(whole: string, hex: string): string {
  const code = Number.parseInt(hex, 16)
  return code < 0x20 || code > 0x10_ff_ff || (code >= 0xd8_00 && code <= 0xdf_ff) ? whole : String.fromCodePoint(code)
}
const idOf = (value: string): string => /<([^<>\s]+)>/.exec(value)?.[1] ?? value.trim()
