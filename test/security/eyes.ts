/** Two pairs of eyes on a mail's head: our parser and Python's. */
import { mime } from '#runtime/limits.ts'
import { readHeaderFields } from '#runtime/mail/mime/header-fields.ts'
import { readHeadsByPython, type PythonHead } from '../python.ts'

export interface Sent { readonly envelope: { readonly from: string; readonly to: readonly string[] }; readonly bytes: Buffer }
export interface Read { readonly envelope: Sent['envelope']; readonly ours: readonly (readonly [string, string])[]; readonly python: PythonHead }
export async function readAll(mails: readonly Sent[]): Promise<readonly Read[]> {
  const heads = mails.map(({ bytes }) => bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4))
  const python = await readHeadsByPython(heads)
  return mails.map(({ envelope, bytes }, index) => {
    const ours = readHeaderFields(bytes, mime.headerBytes).fields.map(({ name, value }) => [name, value] as const)
    return { envelope, ours, python: python[index] ?? { fields: [], people: { from: [], sender: [], to: [], cc: [], bcc: [], 'reply-to': [] }, rest: 0, defects: ['none'] } }
  })
}

const flat = (pairs: Iterable<readonly [string, string]>): readonly string[] => [...pairs].map(([name, value]) => `${name}: ${value.replace(/\s+/g, ' ').trim()}`)

/** Headers but those named that differ from the usual ones, for either reader; and a head that ends early or says a thing twice. */
export function foreignHeaders(mail: Read, usual: Read, own: ReadonlySet<string>): readonly string[] {
  const others = (all: readonly (readonly [string, string])[]) => flat(all.filter(([name]) => !own.has(name)))
  const found: string[] = []
  const same = (what: string, is: readonly string[], was: readonly string[]) => {
    if (is.join('\n') !== was.join('\n')) found.push(`${what}: ${is.filter((one) => !was.includes(one)).join(' | ')} instead of ${was.filter((one) => !is.includes(one)).join(' | ')}`)
  }
  same('other headers (ours)', others(mail.ours), others(usual.ours))
  same('other headers (Python)', others(mail.python.fields), others(usual.python.fields))
  const names = mail.python.fields.map(([name]) => name.toLowerCase())
  if (new Set(names).size !== names.length) found.push('a header twice')
  if (mail.python.rest > 0 || mail.python.defects.length > 0) found.push(`the head ends early: ${mail.python.defects.join()}`)
  return found
}
