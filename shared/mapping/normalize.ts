/** A mapped value made what its target takes. Never repaired: what does not fit is a problem, and the mail is not sent. */
import { parseAddresses } from '../address.ts'
import { fault, problemOf, type Problem } from '../errors.ts'
import { htmlToText } from '../html-text.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { MailAddress } from '../mail.ts'
import type { Shape } from '../shape.ts'
import { toTime, writeTime } from './dates.ts'
import { textToHtml } from './html.ts'
import { isAddressLike, isBlank, isForbiddenKey, isTrue, toFlatList, toNumber, toText } from './values.ts'

export interface Normalized { readonly value: Json; readonly problem: Problem | null }
/** What the value is made of; decides whether it is escaped in HTML, and taken out of HTML for a text. */
export type Writing = 'text' | 'html'

/** @param written texts that the flow's author wrote: only these may be a list of addresses, any other text is one address at most */
export function normalizeValue(value: Json, shape: Shape, writing: Writing, field: string, written: ReadonlySet<string> = nothingWritten): Normalized {
  switch (shape.kind) {
    case 'text': return fits(writeText(value, shape, writing))
    case 'html': return fits(writing === 'html' ? toText(value) : textToHtml(toText(value)))
    case 'number': return fits(toNumber(value))
    case 'boolean': return fits(isTrue(value))
    case 'date': return fits(writeDate(value))
    case 'address': return readAddress(value, shape, field, written)
    case 'list': return readList(value, shape, writing, field, written)
    case 'attachment': return readAttachment(value, shape, field)
    case 'object': return isBlank(value) || isJsonObject(value) ? fits(writeFields(value)) : unfit(shape, field)
    case 'any': return fits(value)
  }
}

const nothingWritten: ReadonlySet<string> = new Set()
const fits = (value: Json): Normalized => ({ value, problem: null })
const unfit = (shape: Shape, field: string): Normalized =>
  ({ value: null, problem: problemOf(fault('RUN_STEP_FAILED', { reason: `"${shape.title}" got a value that does not fit.` }, field)) })

function writeText(value: Json, shape: Shape, writing: Writing): string {
  const text = writing === 'html' ? htmlToText(toText(value)) : toText(value)
  return shape.multiline ? text : oneLine(text)
}

/** A header holds one line: a line break in a subject or a name would begin the next header (RFC 5322 section 2.2). */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

/** Fields of any name, each a line of text: the outgoing mail's own headers. */
function writeFields(value: Json): JsonObject {
  const fields = isJsonObject(value) ? Object.entries(value) : []
  return Object.fromEntries(fields.filter(([name]) => !isForbiddenKey(name)).map(([name, item]) => [name, oneLine(toText(item))]))
}

function writeDate(value: Json): string | null {
  const ms = toTime(value)
  return ms === null ? null : writeTime(ms)
}

function readList(value: Json, shape: Shape, writing: Writing, field: string, written: ReadonlySet<string>): Normalized {
  const of = shape.of ?? { kind: 'any', title: shape.title }
  if (of.kind === 'address') return readAddresses(value, shape, field, written)
  const items = toFlatList(value).map((item) => normalizeValue(item, of, writing, field))
  return { value: items.map((item) => item.value).filter((item) => !isBlank(item)), problem: items.find((item) => item.problem)?.problem ?? null }
}

function readAddress(value: Json, shape: Shape, field: string, written: ReadonlySet<string>): Normalized {
  const { value: list, problem } = readAddresses(value, shape, field, written)
  return { value: Array.isArray(list) ? (list[0] ?? null) : null, problem }
}

function readAddresses(value: Json, shape: Shape, field: string, written: ReadonlySet<string>): Normalized {
  const read = toFlatList(value).map((item) => readOne(item, written))
  const [bad] = read.flatMap((one) => one.bad)
  return {
    value: read.flatMap((one) => one.addresses.map(plainAddress)),
    problem: bad === undefined ? null : problemOf(fault(read.some((one) => one.several === true) ? 'SEND_SEVERAL_ADDRESSES' : 'SEND_BAD_ADDRESS', { address: oneLine(bad).slice(0, 200), field: shape.title }, field)),
  }
}

interface ReadAddresses { readonly addresses: readonly MailAddress[]; readonly bad: readonly string[]; readonly several?: boolean }

/** An address that came with a mail is judged like a typed one: its sender may have written anything. */
function readOne(value: Json, written: ReadonlySet<string>): ReadAddresses {
  if (!isJsonObject(value)) {
    const text = toText(value)
    const read = parseAddresses(text)
    return read.addresses.length + read.bad.length > 1 && !written.has(text) ? { addresses: [], bad: [text], several: read.bad.length === 0 } : read
  }
  if (!isAddressLike(value)) return { addresses: [], bad: [toText(value)] }
  const { addresses, bad } = parseAddresses(value.address)
  const [only, ...more] = addresses
  if (!only || more.length > 0 || bad.length > 0 || only.name !== '') return { addresses: [], bad: [value.address] }
  return { addresses: [{ ...only, name: oneLine(value.name) }], bad: [] }
}

const plainAddress = ({ name, address, domain }: MailAddress): JsonObject => ({ name, address, domain })

/** Only an attachment of a mail, as the mail model lists it, can be sent on; its bytes are found by its `ref`. */
function readAttachment(value: Json, shape: Shape, field: string): Normalized {
  return isJsonObject(value) && typeof value['ref'] === 'string' && typeof value['name'] === 'string' ? fits(value) : unfit(shape, field)
}
