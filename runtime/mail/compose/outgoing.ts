/**
 * Decides what will be sent: the mapped value and the form of Send Email put together field by field, every address
 * checked and none repaired. What is not plainly right is refused with a fault that names the field.
 */
import { isAddress, parseAddress, parseAddresses } from '#shared/address.ts'
import { fault } from '#shared/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts'
import type { MailAddress } from '#shared/mail.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import { type Giver, saysNothing, type Side, sideOf } from '#shared/outgoing.ts'
import { nobody, typedReturnPath } from '#shared/sending/addressing.ts'
import { readImportance, type Importance } from '#shared/sending/importance.ts'
import { headersOfMarks } from '#shared/sending/marks.ts'
import { shortenReferences } from '#shared/sending/threading.ts'
import { isPage, readUnsubscribe } from '#shared/sending/unsubscribe.ts'
import { stripControls } from './encode-header.ts'
import { asText, readOwnHeaders, type Header } from './own-headers.ts'

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
  /** Only where it is not the "From" address (RFC 5322 section 3.6.2). */
  readonly sender: MailAddress | null
  /** For MAIL FROM; '' for nobody. */
  readonly returnPath: string
  readonly importance: Importance
  readonly unsubscribe: { readonly links: readonly string[]; readonly oneClick: boolean }
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly inReplyTo: string
  readonly references: readonly string[]
  readonly headers: readonly Header[]
  readonly attachments: readonly OutgoingAttachment[]
  /** Who gave each field that is filled. */
  readonly won: Readonly<Record<string, Giver>>
}

const addressFields = ['to', 'cc', 'bcc', 'replyTo'] as const
const titles: Readonly<Record<string, string>> = { to: '"To"', cc: '"Cc"', bcc: '"Bcc"', replyTo: '"Reply to"', from: '"From"', sender: '"Sender"', returnPath: '"Address for bounces"' }

/** What is typed into Send Email: texts, and lists of addresses where holes were filled. */
type TypedField = (typeof addressFields)[number] | 'from' | 'sender' | 'returnPath' | 'listUnsubscribe' | 'subject' | 'text' | 'html'
export type TypedForm = Readonly<Partial<Record<TypedField, Json>>> & Pick<SendEmailConfig, 'priority' | 'importance' | 'oneClick' | 'bouncesTo' | 'headers'>

/**
 * @param mapped what the mapping left, {} when there is none
 * @param priorities of single rows, by field
 * @param complete what an answer fills by itself
 */
export function decideOutgoing(mapped: JsonObject, form: TypedForm, priorities: Readonly<Record<string, Side>>, complete: (said: Outgoing) => Outgoing = (said) => said): Outgoing {
  const won: Record<string, Giver> = {}
  const pick = (field: TypedField | 'importance', typed: Json = form[field] ?? '', given: Json = own(mapped, field)): Json => {
    const sides: Readonly<Record<Side, Json>> = { mapped: given, form: typed }
    const side = sideOf(sides, priorities[field] ?? form.priority)
    if (side === null) return null
    won[field] = side
    return sides[side]
  }
  const [to, cc, bcc, replyTo] = addressFields.map((field) => readAddressList(pick(field), field, won[field] === 'form'))
  const from = readOne(pick('from'), 'from')
  if (!from) throw fault('SEND_NO_FROM', {}, 'from')
  const sender = readOne(pick('sender'), 'sender')
  const returnPath = pick('returnPath', typedReturnPath(form.bouncesTo, form.returnPath ?? ''))
  // What a mapping calls importance and is none gives way, as a blank side does.
  const importance = readImportance(pick('importance', form.importance === 'normal' ? null : form.importance, readImportance(own(mapped, 'importance')))) ?? 'normal'
  const unsubscribe = readLinks(pick('listUnsubscribe'), form.oneClick)
  const headers = readOwnHeaders(form.headers, own(mapped, 'headers'), (name) => priorities[`headers.${name}`] ?? form.priority, new Set(headersOfMarks(importance, unsubscribe.links, unsubscribe.oneClick)))
  const said: Outgoing = {
    from, to: to ?? [], cc: cc ?? [], bcc: bcc ?? [], replyTo: replyTo ?? [],
    sender: sender !== null && sender.address !== from.address ? sender : null,
    returnPath: returnPath === nobody ? '' : readOne(returnPath, 'returnPath')?.address ?? from.address, importance, unsubscribe,
    subject: stripControls(asText(pick('subject'))), text: asText(pick('text')), html: asText(pick('html')),
    inReplyTo: readIds(own(mapped, 'inReplyTo')).at(0) ?? '', references: shortenReferences(readIds(own(mapped, 'references'))),
    headers, attachments: readAttachments(own(mapped, 'attachments')), won,
  }
  if (headers.length > 0) won['headers'] = saysNothing(own(mapped, 'headers')) ? 'form' : 'mapped'
  for (const field of ['inReplyTo', 'references', 'attachments'] as const) if (!saysNothing(own(mapped, field))) won[field] = 'mapped'
  const outgoing = complete(said)
  if (outgoing.to.length + outgoing.cc.length + outgoing.bcc.length === 0) throw fault('SEND_NO_RECIPIENT', {}, 'to')
  return outgoing
}

const own = (object: JsonObject, key: string): Json => (Object.hasOwn(object, key) ? (object[key] ?? null) : null)

/** `typed`: a text is a list as people type them. What is mapped is a list only as a list, each item one address, or somebody smuggles recipients in. */
function readAddressList(value: Json, field: string, typed: boolean): readonly MailAddress[] {
  const items = Array.isArray(value) ? value : [value]
  return items.filter((item: Json) => !saysNothing(item)).flatMap((item: Json) => readAddressItem(item, field, typed && !Array.isArray(value)))
}

function readAddressItem(item: Json, field: string, mayBeList: boolean): readonly MailAddress[] {
  const refuse = (address: string) => fault('SEND_BAD_ADDRESS', { address: stripControls(address).slice(0, 200), field: titles[field] ?? field }, field)
  if (typeof item === 'string') {
    if (mayBeList) {
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

function readOne(value: Json, field: string): MailAddress | null {
  const [first, ...more] = readAddressList(value, field, true)
  if (more.length > 0) throw fault('SEND_BAD_ADDRESS', { address: stripControls(Array.isArray(value) ? value.map(shown).join(', ') : shown(value)).slice(0, 200), field: titles[field] ?? field }, field)
  return first ?? null
}

/** One click only where there is a page that takes it (RFC 8058 section 3.1). */
function readLinks(value: Json, oneClick: boolean): Outgoing['unsubscribe'] {
  const { links, bad } = readUnsubscribe(Array.isArray(value) ? value.map(asText).join('\n') : asText(value))
  if (bad !== null) throw fault('SEND_BAD_LINK', { link: stripControls(bad).slice(0, 200) }, 'listUnsubscribe')
  return { links, oneClick: oneClick && links.some(isPage) }
}

const shown = (value: Json): string => (isJsonObject(value) ? asText(own(value, 'address')) : asText(value))

function readIds(value: Json): string[] {
  const words = (Array.isArray(value) ? value : [value]).flatMap((item: Json) => asText(item).split(/[\s,<>]+/))
  // eslint-disable-next-line no-control-regex
  return words.filter((word: string) => /^[\x21-\x7e]{1,500}$/.test(word))
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
