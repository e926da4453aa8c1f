/** Bounces that are only text: qmail, Exim, Exchange and Sendmail of old, read line by line. */
import type { BounceRecipient } from '#shared/mail.ts'
import { reportRecipients } from '#runtime/limits.ts'
import { readAddresses } from './addresses.ts'
import { firstValue, type HeaderField } from './header-fields.ts'

export interface BounceText {
  readonly kind: 'failed' | 'delayed'
  readonly recipients: readonly BounceRecipient[]
  readonly messageId: string
}

/** Servers explain themselves on the first page; behind it lies the mail that came back. */
const readLines = 300
const readChars = 64 * 1024

export function readBounceText(fields: readonly HeaderField[], text: string): BounceText {
  const shown = text.slice(0, readChars)
  const copy = copyMark.exec(shown)
  const lines = shown.slice(0, copy?.index ?? shown.length).split('\n', readLines)
  const said = new Map<string, string>()
  // Exim names them in a header.
  for (const { address } of readAddresses(firstValue(fields, 'x-failed-recipients'), reportRecipients)) said.set(address, '')
  const named = said.size > 0
  for (let at = 0; at < lines.length && said.size < reportRecipients; at += 1) {
    const line = (lines[at] ?? '').slice(0, 1000)
    const found = recipientLine.exec(line) ?? recipientWords.exec(line)
    const address = found && readAddresses(found[1] ?? '', 1)[0]?.address
    if (!address || (named && !said.has(address)) || said.get(address)) continue
    said.set(address, [found[2] ?? '', ...reasonBelow(lines, at + 1)].join(' ').replace(/\s+/g, ' ').trim().slice(0, 1000))
  }
  const kind = late.test(lines.join('\n')) ? 'delayed' : 'failed'
  const recipients = [...said].map(([address, diagnostic]) => ({ address, action: kind, status: /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])/.exec(diagnostic)?.[0] ?? '', diagnostic, remote: '' }))
  return { kind, recipients, messageId: /^message-id:\s{0,5}<([^<>\s]{1,998})>/im.exec(shown)?.[1] ?? '' }
}

/** `<jane@example.org>:` (qmail, Sendmail), `jane@example.org` alone on an indented line (Exim), `'jane@example.org' on 1/2/2026` (Exchange). */
const recipientLine = /^\s{0,12}(?:[*-]{1,2} )?[<'"]?([^\s<>'"@:,;()]{1,64}@[^\s<>'"@:,;()]{1,255})[>'"]?(?:(?:\s*:|\.{3}| on )\s*(.*))?\s*$/
/** `Invalid final delivery userid: jane@example.org`, `There was an error delivering your mail to <jane@example.org>.` */
const recipientWords = /\b(?:unknown user|userid|undeliverable (?:to|address)|failed \d{1,4} attempts|(?:your|deliver) (?:mail|message) to|mailbox is full|recipient)\s{0,3}:?\s{0,3}[<[]?(?:smtp:)?([^\s<>'"@:,;()[\]]{1,64}@[a-z0-9.-]{1,253}[a-z0-9])[>\].]{0,2}(.*)$/i
const copyMark = /^[ \t>]*-{2,}[^\n]{0,80}(?:copy of (?:the|your) message|original message|message header|unsent message|returned message)|^(?:original )?message (?:headers )?follows?\b|^original message headers:/im
const late = /\b(?:delayed|not yet been delivered|has not been delivered yet|still (?:trying|undelivered)|(?:will|shall) (?:continue|keep) (?:to try|trying|on trying)|will be retried)\b/i

/** Up to the next empty line; a text that goes on below it is about something else. */
function reasonBelow(lines: readonly string[], from: number): string[] {
  const reason: string[] = []
  for (let at = from; at < from + 8; at += 1) {
    const line = (lines[at] ?? '').trim()
    if (line === '' || recipientLine.test(line.slice(0, 1000))) break
    reason.push(line)
  }
  return reason
}
