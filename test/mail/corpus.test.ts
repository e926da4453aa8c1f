/** The corpus of real and broken mails, where it is: none is lost, none is read in two ways. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { mime } from '#runtime/limits.ts'
import { makeByteSink } from '#runtime/mail/byte-sink.ts'
import { readBody } from '#runtime/mail/mime/body.ts'
import { readHeaderFields } from '#runtime/mail/mime/header-fields.ts'
import { readSimpleBody } from '#runtime/mail/mime/simple-body.ts'
import { read } from './mime-letters.ts'

const folder = path.resolve(import.meta.dirname, '../../../shared/corpus')
const isThere = existsSync(path.join(folder, 'MANIFEST.tsv'))
const missing = !isThere && !process.env['CI']
if (missing) console.warn(`corpus tests are skipped: there is no ${folder}`)
const names = isThere ? readFileSync(path.join(folder, 'MANIFEST.tsv'), 'utf8').split('\n').slice(1).flatMap((line) => line.split('\t')[0] || []) : []
const mailOf = (name: string): Buffer => readFileSync(path.join(folder, name))

test.skipIf(missing)('[RX54] every mail of the corpus is read, twice alike', async () => {
  expect(names.length).toBe(1991)
  const broken: unknown[] = []
  for (const name of names) {
    const bytes = mailOf(name)
    const once = await read(bytes)
    const again = await read(Buffer.from(bytes))
    if (JSON.stringify(once) !== JSON.stringify(again) || once.truncated.length > 0) broken.push([name, once.truncated])
  }
  expect(broken).toEqual([])
})

test.skipIf(missing)('[RX53] the short way reads the simple mails of the corpus as the long way does', async () => {
  const different: unknown[] = []
  let short = 0
  for (const name of names) {
    const bytes = mailOf(name)
    const { fields, bodyAt } = readHeaderFields(bytes, mime.headerBytes)
    const simple = readSimpleBody(fields, bytes.subarray(bodyAt), mime.headerBytes)
    if (!simple) continue
    short += 1
    const long = await readBody(fields, { bytes: bytes.subarray(bodyAt) }, mime, makeByteSink(null, 0))
    if (JSON.stringify(simple) !== JSON.stringify(long.texts) || long.attached.length > 0) different.push(name)
  }
  expect(different).toEqual([])
  expect(short).toBeGreaterThan(500)
})

/** What another parser's own tests expect of these mails (its JSON, by part): the fields that both models have. */
interface Expected { readonly parts: readonly { readonly headers: readonly { readonly name: string; readonly value: ExpectedValue }[] }[] }
interface ExpectedValue {
  readonly Text?: string
  readonly Address?: { readonly List?: readonly { readonly address?: string }[]; readonly Group?: readonly { readonly addresses?: readonly { readonly address?: string }[] }[] }
  readonly DateTime?: { readonly year: number; readonly month: number; readonly day: number; readonly hour: number; readonly minute: number; readonly second: number; readonly tz_before_gmt: boolean; readonly tz_hour: number; readonly tz_minute: number }
}
/** Where we mean to differ: bare words as addresses, raw Latin-1 in a subject, a date cut off in its minutes. */
const ours = new Set(['004-e25ebb5c13.eml from', '004-e25ebb5c13.eml to', '010-8febe22630.eml subject', '019-b436f63021.eml date'])

test.skipIf(missing)('[RX54] senders, recipients, subjects and dates are those that another parser\'s tests expect', async () => {
  const different: unknown[] = []
  let compared = 0
  for (const line of readFileSync(path.join(folder, 'MANIFEST.tsv'), 'utf8').split('\n')) {
    const [name = '', , , source = ''] = line.split('\t')
    const file = path.join(folder, 'expected/stalwart', `${/resources\/eml\/(.+)\.eml$/.exec(source)?.[1] ?? '-'}.json`)
    if (!existsSync(file)) continue
    const expected = JSON.parse(readFileSync(file, 'utf8')) as Expected
    const value = (key: string) => expected.parts[0]?.headers.find((header) => header.name === key)?.value
    const addresses = (key: string) => [...(value(key)?.Address?.List ?? []), ...(value(key)?.Address?.Group ?? []).flatMap((group) => group.addresses ?? [])].flatMap(({ address }) => address?.toLowerCase() ?? [])
    const mail = await read(mailOf(name))
    const date = value('date')?.DateTime
    const pairs: readonly (readonly [string, unknown, unknown])[] = [
      ['from', mail.fromAll.map(({ address }) => address.toLowerCase()), addresses('from')], ['to', mail.to.map(({ address }) => address.toLowerCase()), addresses('to')],
      ['subject', mail.subject, value('subject')?.Text ?? ''], ['date', date ? mail.date : null, date ? isoOf(date) : null],
    ]
    for (const [what, got, wanted] of pairs) {
      const where = `${path.basename(name)} ${what}`
      compared += 1
      if (JSON.stringify(got) !== JSON.stringify(wanted) && !ours.has(where)) different.push([where, got, wanted])
    }
  }
  expect(different).toEqual([])
  expect(compared).toBe(71 * 4)
})

function isoOf(date: NonNullable<ExpectedValue['DateTime']>): string {
  const offset = (date.tz_before_gmt ? -1 : 1) * (date.tz_hour * 60 + date.tz_minute)
  return new Date(Date.UTC(date.year, date.month - 1, date.day, date.hour, date.minute, date.second) - offset * 60_000).toISOString()
}
