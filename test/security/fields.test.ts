/**
 * No value reaches beyond its field: hostile values in every field of Send Email, through mapping and composing to what a
 * server heard, the heads read by our parser and by Python's. A composer that lets something through is caught by the same eyes.
 */
import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { composeMail } from '#runtime/mail/compose/compose-mail.ts'
import { decideOutgoing } from '#runtime/mail/compose/outgoing.ts'
import type { Raw } from '#runtime/raw.ts'
import { Fault } from '#shared/errors.ts'
import { isJsonObject, textOr, type Json, type JsonObject } from '#shared/json.ts'
import { compileMapping, evaluateMapping } from '#shared/mapping/evaluate.ts'
import { outgoingShape } from '#shared/shape.ts'
import { sendConfig } from '../engine/compute-jobs.ts'
import { senderTo, server } from '../mail/smtp-world.ts'
import { hasPython } from '../python.ts'
import { foreignHeaders, readAll, type Read, type Sent } from './eyes.ts'
import { payloads, shapes } from './payloads.ts'

const form = sendConfig({
  from: 'Desk <desk@example.org>', to: 'to@example.org', cc: 'cc@example.org', bcc: 'bcc@example.org', replyTo: 're@example.org', sender: 'robot@example.org', bouncesTo: 'address', returnPath: 'bounces@example.org',
  importance: 'high', listUnsubscribe: 'https://example.org/leave', oneClick: true, headers: [{ name: 'X-Fixed', value: 'fixed' }], subject: 'Subject', text: 'Text', html: '<p>Text</p>',
})
/** Each field, and the headers that may tell of it. */
const fields: Readonly<Record<string, readonly string[]>> = {
  from: ['From', 'Message-ID', 'Sender'], to: ['To'], cc: ['Cc'], bcc: [], replyTo: ['Reply-To'], sender: ['Sender'], returnPath: [], importance: ['X-Priority', 'Importance', 'Priority'], listUnsubscribe: ['List-Unsubscribe', 'List-Unsubscribe-Post'],
  subject: ['Subject'], text: [], html: [], inReplyTo: ['In-Reply-To'], references: ['References'], 'headers.X-Own': ['X-Own'], attachments: ['Content-Type'],
}
const recipients: Readonly<Record<string, string>> = { to: 'to@example.org', cc: 'cc@example.org', bcc: 'bcc@example.org' }

interface Case { readonly id: string; readonly field: string; readonly payload: string; readonly declared: number; readonly mapped: JsonObject }

/** Raw, as a step in front might leave it; and through a mapping row, as a mail's field comes. */
async function casesOf(field: string, at: number): Promise<readonly Case[]> {
  const cases = await Promise.all(payloads.map(async (payload, index): Promise<readonly Case[]> => {
    const shape = shapes[(index + at * 7) % shapes.length] ?? shapes[0]
    const { value, declared } = shape?.(payload) ?? { value: payload, declared: 1 }
    const told = { field, payload, declared }
    const [outer = '', inner] = field.split('.')
    const raw = { ...told, id: `${field} ${index} raw`, mapped: { [outer]: inner === undefined ? value : { [inner]: value } } }
    const row = await evaluateMapping(compileMapping([{ to: field, from: ['receive.data'] }], outgoingShape, { receive: { kind: 'any', title: 'Mail' } }), { receive: { data: value } })
    return row.problem ? [raw] : [raw, { ...told, id: `${field} ${index} row`, mapped: row.value }]
  }))
  return cases.flat()
}

function compose(mapped: JsonObject): { readonly envelope: Sent['envelope']; readonly raw: Raw } | null {
  try {
    return composeMail(decideOutgoing(mapped, form, {}), [], { run: 'run-1', node: 'send', flow: 'tickets', at: '2026-03-04T05:06:07.000Z', spool: { folder: '/nowhere', inlineLimit: 10_000_000 } })
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

const onePath = /^(?:"[^"\\\r\n]+"|[^\s"(),:;<>@[\\\]]+)@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/u

/** What somebody got in, in words; empty when the value stayed in its field. */
function trespasses({ field, declared }: Pick<Case, 'field' | 'declared'>, mail: Read, usual: Read): readonly string[] {
  const found = [...foreignHeaders(mail, usual, new Set(fields[field]))]
  const [place] = [recipients[field]]
  const kept = usual.envelope.to.filter((address) => address !== place)
  const added = mail.envelope.to.filter((address) => !kept.includes(address))
  if (mail.envelope.to.length - added.length !== kept.length) found.push('a recipient is gone')
  if (added.length > (place === undefined ? 0 : declared)) found.push(`${added.length} recipients: ${added.join(' ')}`)
  if (field !== 'returnPath' && mail.envelope.from !== usual.envelope.from) found.push('another return path')
  for (const path of [mail.envelope.from, ...mail.envelope.to]) if (!onePath.test(path)) found.push(`no plain path: ${path}`)
  // The header names whom the envelope has: nobody is shown who gets nothing, nobody gets it unshown but by Bcc.
  const { to, cc, bcc } = mail.python.people
  const shown = [...to, ...cc].map((address) => address.toLowerCase())
  if (bcc.length > 0 || mail.envelope.to.some((address) => !shown.includes(address.toLowerCase()) && field !== 'bcc' && address !== recipients['bcc'])) found.push(`To and Cc say ${shown.join(' ')}, the envelope ${mail.envelope.to.join(' ')}`)
  return found
}

describe.skipIf(!hasPython())('fields keep their values', () => {
  test('[SX88] 500 hostile values in every field: the envelope has the declared recipients, and no other header differs', async () => {
    expect(payloads.length).toBeGreaterThan(500)
    // A new field can't be forgotten here.
    expect(new Set(Object.keys(fields).map((field) => field.split('.')[0]))).toEqual(new Set(Object.keys(outgoingShape.fields ?? {})))
    const smtp = await server({ extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'DSN'] })
    const sender = senderTo(smtp.port, { maxConnections: 8 })
    const put = async (envelope: Sent['envelope'], raw: Raw, envelopeId: string): Promise<void> => {
      const { recipients: told } = await sender.deliver({ ...envelope, reports: { notify: ['failure'], returned: 'headers', envelopeId } }, raw)
      expect(told.filter(({ state }) => state !== 'sent')).toEqual([])
    }
    const plain = compose({})
    if (!plain) throw new Error('the plain mail is fine')
    await put(plain.envelope, plain.raw, 'case-0')
    const cases = (await Promise.all(Object.keys(fields).map(casesOf))).flat()
    const passed = cases.flatMap((one) => {
      const composed = compose(one.mapped)
      return composed ? [{ one, composed }] : []
    })
    // Many values come to the same mail (an attachment that is none); each mail is sent once.
    const keyOf = (field: string, { envelope, raw }: { readonly envelope: Sent['envelope']; readonly raw: Raw }): string => JSON.stringify([field, envelope, raw.kind === 'bytes' ? hash('sha256', raw.bytes) : raw.path])
    const sent = [...new Map(passed.map((mail) => [keyOf(mail.one.field, mail.composed), mail])).values()]
    let next = 0
    const work = async (): Promise<void> => {
      for (let at = (next += 1) - 1; at < sent.length; at = (next += 1) - 1) {
        const { composed } = sent[at] ?? { composed: plain }
        await put(composed.envelope, composed.raw, `case-${at + 1}`)
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    // What a mail wrote is no command: as many of each as there are mails, and nothing else.
    expect(smtp.commands.filter((line) => !/^(?:EHLO|QUIT$|RSET$|DATA$|MAIL FROM:<[^\s<>]*>(?: SMTPUTF8)?(?: BODY=8BITMIME)? RET=HDRS ENVID=case-\d+$|RCPT TO:<[^<>]*> NOTIFY=FAILURE$)/.test(line))).toEqual([])
    expect(smtp.commands.filter((line) => line === 'DATA').length).toBe(sent.length + 1)
    const begun = smtp.commands.filter((line) => line.startsWith('MAIL')).map((line) => Number(/ENVID=case-(\d+)$/.exec(line)?.[1]))
    expect(new Set(begun).size).toBe(sent.length + 1)
    const byMail = new Map(smtp.accepted.map((mail) => [`${mail.from}\n${mail.to.join('\n')}\n${mail.bytes.toString('latin1')}`, mail]))
    const bytesOf = (raw: Raw): Buffer => Buffer.from(raw.kind === 'bytes' ? raw.bytes : '')
    const [usual, ...reads] = await readAll([plain, ...sent.map(({ composed }) => composed)].map(({ envelope, raw }) => {
      const heard = byMail.get(`${envelope.from}\n${envelope.to.join('\n')}\n${bytesOf(raw).toString('latin1')}`)
      // As the server saw it; a mail that it did not see like this has an envelope of nobody.
      return { envelope: heard ?? { from: '', to: [] }, bytes: heard?.bytes ?? Buffer.from('\r\n\r\n') }
    }))
    if (!usual) throw new Error('the plain mail was read')
    expect(usual.envelope.to).toEqual(['to@example.org', 'cc@example.org', 'bcc@example.org'])
    const guilty = reads.flatMap((read, at) => {
      const one = sent[at]?.one
      return one ? trespasses(one, read, usual).map((what) => `${one.id} ${JSON.stringify(one.payload).slice(0, 80)}: ${what.slice(0, 200)}`) : []
    })
    expect(guilty.slice(0, 20)).toEqual([])
    // Refusing everything would pass as well: each field let a good part of the values through, as text or as a name.
    const through = Object.fromEntries(Object.keys(fields).map((field) => [field, passed.filter(({ one }) => one.field === field).length]))
    for (const [field, count] of Object.entries(through)) if (field !== 'attachments') expect([field, count > 40]).toEqual([field, true])
    console.log(`figure: ${payloads.length} values x ${Object.keys(fields).length} fields, ${cases.length} mails tried, ${cases.length - passed.length} refused, ${sent.length} different ones sent, 0 beyond their field`)
  })

  test('[SX88] the same eyes catch a composer that joins lines and splits lists', async () => {
    const naive = (mapped: JsonObject): Sent => {
      const text = (value: Json | undefined, otherwise: string): string => (typeof value === 'string' ? value : isJsonObject(value) ? `${textOr(value['name'], '')} <${textOr(value['address'], '')}>` : otherwise)
      const to = text(mapped['to'], 'to@example.org')
      return {
        envelope: { from: 'bounces@example.org', to: [...to.split(/[,;]/).map((one) => one.replace(/^.*<|>.*$/gs, '').trim()), 'cc@example.org', 'bcc@example.org'] },
        bytes: Buffer.from(`From: desk@example.org\r\nTo: ${to}\r\nCc: cc@example.org\r\nSubject: ${text(mapped['subject'], 'Subject')}\r\nX-Fixed: fixed\r\n\r\nText`),
      }
    }
    const tried = (await Promise.all(['to', 'subject'].map(casesOf))).flat().filter(({ id }) => id.endsWith('raw'))
    const [usual, ...reads] = await readAll([naive({}), ...tried.map(({ mapped }) => naive(mapped))])
    if (!usual) throw new Error('the plain mail was read')
    expect(trespasses({ field: 'subject', declared: 1 }, usual, usual)).toEqual([])
    const caught = reads.flatMap((read, at) => trespasses(tried[at] ?? { field: '', declared: 0 }, read, usual))
    for (const what of [/^other headers \(ours\): .*evil/, /^other headers \(Python\): .*evil/, /^the head ends early/, /^\d+ recipients: .*e@evil\.test/, /^no plain path/, /the envelope/]) expect([what, caught.filter((one) => what.test(one)).length > 5]).toEqual([what, true])
  })
})
