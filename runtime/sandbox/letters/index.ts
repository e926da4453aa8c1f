/** Six letters a newcomer can have sent to the sandbox: what real mail is like, from a plain question to a bounce. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Letter { readonly id: string; readonly title: string; readonly from: string; readonly subject: string; readonly file: string }
export interface LetterAddress { readonly to: string; /** ISO. */ readonly date: string; /** Without angle brackets. */ readonly messageId: string }

export const letters: readonly Letter[] = [
  { id: 'support-request', title: 'A question from a customer', from: 'Jörg Müller', subject: 'Frage zu meiner Bestellung 4711: größere Größe möglich?', file: 'support-request.eml' },
  { id: 'html-order', title: 'An order with a picture', from: 'Paper Boat Shop', subject: 'Your order A-2041', file: 'html-order.eml' },
  { id: 'invoice', title: 'An invoice as PDF', from: 'Nova Consulting', subject: 'Invoice 2026-117', file: 'invoice.eml' },
  { id: 'japanese', title: 'A mail in Japanese', from: '佐藤 花子', subject: '打ち合わせの時間について', file: 'japanese.eml' },
  { id: 'bounce', title: 'A mail that came back', from: 'Mail Delivery System', subject: 'Undelivered Mail Returned to Sender', file: 'bounce.eml' },
  { id: 'newsletter', title: 'A newsletter', from: 'Harbour Weekly', subject: 'Harbour Weekly #12 — what is new at the docks', file: 'newsletter.eml' },
]

/** The letter's bytes, addressed and dated as told; the same address gives the same bytes. Unknown ids throw. */
export function readLetter(id: string, address: LetterAddress): Buffer {
  const letter = letters.find((one) => one.id === id)
  if (letter === undefined) throw new Error(`There is no letter ${id}`)
  const holes: Readonly<Record<string, string>> = { to: address.to, date: writeMailDate(address.date), messageId: `<${address.messageId}>` }
  // The files keep plain line ends for readable differences; mail has CRLF (RFC 5322 section 2.1).
  const text = readFileSync(join(import.meta.dirname, letter.file), 'latin1').replace(/\r?\n/g, '\r\n')
  const headEnd = text.indexOf('\r\n\r\n')
  const head = text.slice(0, headEnd).replace(/\{(\w+)\}$/gm, (hole, name: string) => holes[name] ?? hole)
  return Buffer.from(head + text.slice(headEnd), 'latin1')
}

/** RFC 5322 section 3.3, in UTC. */
const writeMailDate = (iso: string): string => new Date(iso).toUTCString().replace('GMT', '+0000')
