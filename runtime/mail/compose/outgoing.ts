/**
 * Decides what will be sent: the mapped value and the form of Send Email put together field by field, every address
 * checked and none repaired. What is not plainly right is refused with a fault that names the field.
 */
import { isAddress, parseAddress, parseAddresses } from '#shared/address.ts'
import { fault } from '#shared/errors.ts'
import { headerRefusal } from '#shared/header-names.ts'
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts'
import type { MailAddress } from '#shared/mail.ts'
import { saysNothing, type Side, sideOf } from '#shared/outgoing.ts'
import { stripControls } from './encode-header.ts'

export interface OutgoingAttachment {
  readonly name: string
  readonly type: string
  readonly disposition: 'attachment' | 'inline'
  readonly cid: string
  readonly ref: string
}
export interface Outgoing {
  readonly from: MailAddress
  readonly to: readonly MailAddress[]
  readonly cc: readonly MailAddress[]
  readonly bcc: readonly MailAddress[]
  readonly replyTo: readonly MailAddress[]
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly inReplyTo: string
  readonly references: readonly string[]
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly attachments: readonly OutgoingAttachment[]
  /** Which side gave each field that is filled. */
  readonly won: Readonly<Record<string, Side>>
}

const addressFields = ['to', 'cc', 'bcc', 'replyTo'] as const
const titles: Readonly<Record<string, string>> = { to: '"To"', cc: '"Cc"', bcc: '"Bcc"', replyTo: '"Reply to"', from: '"From"' }

/** What is typed into Send Email: texts, and lists of addresses where holes were filled. */
export type TypedForm = Readonly<Partial<Record<(typeof addressFields)[number] | 'from' | 'subject' | 'text' | 'html', Json>>> & { readonly priority: Side }

/**
 * @param mapped what the mapping left, {} when there is none
 * @param priorities of single rows, by field
 */
export function decideOutgoing(mapped: JsonObject, form: TypedForm, priorities: Readonly<Record<string, Side>>): Outgoing {
  const won: Record<string, Side> = {}
  const pick = (field: Exclude<keyof TypedForm, 'priority'>): Json => {
    const sides: Readonly<Record<Side, Json>> = { mapped: own(mapped, field), form: form[field] ?? '' }
    const side = sideOf(sides, priorities[field] ?? form.priority)
    if (side === null) return null
    won[field] = side
    return sides[side]
  }
  const [to, cc, bcc, replyTo] = addressFields.map((field) => readAddressList(pick(field), field))
  const from = readAddressList(pick('from'), 'from')
  const [sender] = from
  if (!sender) throw fault('SEND_NO_FROM', {}, 'from')
  if (from.length > 1) throw fault('SEND_BAD_ADDRESS', { address: shown(own(mapped, 'from')), field: '"From"' }, 'from')
  const outgoing: Outgoing = {
    from: sender, to: to ?? [], cc: cc ?? [], bcc: bcc ?? [], replyTo: replyTo ?? [],
    subject: stripControls(asText(pick('subject'))), text: asText(pick('text')), html: asText(pick('html')),
    inReplyTo: readIds(own(mapped, 'inReplyTo')).at(0) ?? '', references: readIds(own(mapped, 'references')).slice(-keptReferences),
    headers: readHeaders(own(mapped, 'headers')), attachments: readAttachments(own(mapped, 'attachments')), won,
  }
  for (const field of ['inReplyTo', 'references', 'headers', 'attachments'] as const) if (!saysNothing(own(mapped, field))) won[field] = 'mapped'
  if (outgoing.to.length + outgoing.cc.length + outgoing.bcc.length === 0) throw fault('SEND_NO_RECIPIENT', {}, 'to')
  return outgoing
}

const own = (object: JsonObject, key: string): Json => (Object.hasOwn(object, key) ? (object[key] ?? null) : null)

function asText(value: Json): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function readAddressList(value: Json, field: string): readonly MailAddress[] {
  const items = Array.isArray(value) ? value : [value]
  return items.filter((item: Json) => !saysNothing(item)).flatMap((item: Json) => readAddressItem(item, field, !Array.isArray(value)))
}

/** A text alone may be a list as people type it; an item of a list is one address, or somebody smuggles recipients in. */
function readAddressItem(item: Json, field: string, alone: boolean): readonly MailAddress[] {
  const refuse = (address: string) => fault('SEND_BAD_ADDRESS', { address: stripControls(address).slice(0, 200), field: titles[field] ?? field }, field)
  if (typeof item === 'string') {
    if (alone) {
      const { addresses, bad } = parseAddresses(item)
      const [wrong] = bad
      if (wrong !== undefined) throw refuse(wrong)
      return addresses
    }
    const address = parseAddress(item)
    if (!address) throw refuse(item)
    return [address]
  }
  const address = isJsonObject(item) ? own(item, 'address') : null
  if (!isJsonObject(item) || typeof address !== 'string' || !isAddress(address)) throw refuse(shown(item))
  const checked = parseAddress(address)
  if (!checked) throw refuse(address)
  return [{ ...checked, name: asText(own(item, 'name')) }]
}

const shown = (value: Json): string => (isJsonObject(value) ? asText(own(value, 'address')) : asText(value))

/** Threads stay together by the last ids; RFC 5322 section 3.6.4 lets a program shorten the list. */
const keptReferences = 50
function readIds(value: Json): string[] {
  const words = (Array.isArray(value) ? value : [value]).flatMap((item: Json) => asText(item).split(/[\s,<>]+/))
  // eslint-disable-next-line no-control-regex
  return words.filter((word: string) => /^[\x21-\x7e]{1,500}$/.test(word))
}

/** Long enough for any ticket data; a header of more makes relays refuse the mail. */
const longestHeader = 4000

function readHeaders(value: Json): Outgoing['headers'] {
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([name, item]) => {
    if (headerRefusal(name) !== null) throw fault('SEND_BAD_HEADER', { name: stripControls(name).slice(0, 80) }, 'headers')
    const text = stripControls(asText(item)).slice(0, longestHeader).toWellFormed()
    return text === '' ? [] : [{ name, value: text }]
  })
}

function readAttachments(value: Json): readonly OutgoingAttachment[] {
  return (Array.isArray(value) ? value : [value]).filter((item: Json) => !saysNothing(item)).map((item: Json) => {
    if (!isJsonObject(item)) throw fault('SEND_ATTACHMENT_MISSING', { name: stripControls(asText(item)).slice(0, 80) }, 'attachments')
    return {
      name: asText(own(item, 'name')), type: asText(own(item, 'type')).toLowerCase(), cid: asText(own(item, 'cid')), ref: asText(own(item, 'ref')),
      disposition: own(item, 'disposition') === 'inline' ? 'inline' : 'attachment',
    }
  })
}
