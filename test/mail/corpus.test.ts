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
