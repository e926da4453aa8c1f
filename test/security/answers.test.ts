/** Answers and forwarded mails are made of what a stranger wrote: hostile names, subjects and ids stay in their headers, and nobody new gets the mail. */
import { describe, expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import type { JsonObject } from '#shared/json.ts'
import { flowOf, jobOf, step } from '../engine/compute-jobs.ts'
import { hasPython } from '../python.ts'
import { foreignHeaders, readAll, type Sent } from './eyes.ts'
import { payloads } from './payloads.ts'

const word = (text: string): string => `=?utf-8?B?${Buffer.from(text.slice(0, 300)).toString('base64')}?=`
const places = ['subject', 'from', 'replyTo', 'to', 'cc', 'messageId', 'references', 'file'] as const
type Place = (typeof places)[number]

/** In encoded words, where a line of its own would end the header; every third time also as it is, on one line. */
function strangersMail(place: Place | null, payload: string, raw: boolean): Buffer {
  const line = payload.replace(/[\r\n]+/g, ' ')
  const of = (own: Place, usual: string): string => (place === own ? (raw ? line : word(payload)) : usual)
  const name = (own: Place): string => (place === own ? (raw ? `"${line.replace(/["\\]/g, '')}"` : word(payload)) : 'Name')
  const id = (own: Place, usual: string): string => (place === own ? `<${usual}${line.replace(/[\s<>]/g, '')}@client.example>` : `<${usual}@client.example>`)
  return Buffer.from([
    `From: ${name('from')} <guest@client.example>`, `Reply-To: ${name('replyTo')} <answers@client.example>`, `To: ${name('to')} <desk@example.org>, Second <second@client.example>`, `Cc: ${name('cc')} <third@client.example>`,
    `Subject: ${of('subject', 'Order 7')}`, `Message-ID: ${id('messageId', 'own')}`, `References: <first@client.example> ${id('references', 'second')}`, 'Date: Tue, 03 Mar 2026 10:00:00 +0000', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', '',
    '--b', 'Content-Type: text/plain; charset=utf-8', '', 'Hello', '--b', 'Content-Type: text/plain', `Content-Disposition: attachment; filename="${of('file', 'order.txt').replace(/["\\\u2028\u2029]/g, '')}"`, '', 'x', '--b--', '',
  ].join('\r\n'))
}

/** Headers that may tell of the place. */
const told: Readonly<Record<Place, readonly string[]>> = { subject: ['Subject'], from: ['To', 'Cc'], replyTo: ['To', 'Cc'], to: ['To', 'Cc'], cc: ['To', 'Cc'], messageId: ['In-Reply-To', 'References'], references: ['References'], file: [] }
const modes: Readonly<Record<string, JsonObject>> = {
  reply: { mode: 'reply' }, 'reply-all': { mode: 'reply-all', quote: 'inline' }, forward: { mode: 'forward', to: 'boss@example.org' }, 'forward as a file': { mode: 'forward', forwardAs: 'attachment', to: 'boss@example.org' },
}

describe.skipIf(!hasPython())('answers', () => {
  test('[SX88] hostile names, subjects and ids in an answered or forwarded mail change no other header and nobody who gets it', async () => {
    const guilty: string[] = []
    let sent = 0
    for (const [mode, config] of Object.entries(modes)) {
      const flow = flowOf([step('receive-email', { connection: 'inbox' }, 'receive'), step('send-email', { connection: 'outbox', from: 'Desk <desk@example.org>', text: 'Thank you', ...config }, 'send')])
      const answer = async (mail: Buffer): Promise<Sent | null> => {
        const [send] = (await computeFlow(jobOf(flow, mail, { explain: false }))).sends
        return send ? { envelope: send.envelope, bytes: Buffer.from(send.raw.kind === 'bytes' ? send.raw.bytes : '') } : null
      }
      const plain = await answer(strangersMail(null, '', false))
      if (!plain) throw new Error(`${mode}: the plain mail is answered`)
      const cases = places.flatMap((place, at) => payloads.flatMap((payload, index) => (index % 4 === at % 4 ? [{ place, payload, raw: index % 3 === 0 }] : [])))
      const answers: { readonly place: Place; readonly payload: string; readonly mail: Sent }[] = []
      for (const { place, payload, raw } of cases) {
        const mail = await answer(strangersMail(place, payload, raw))
        if (mail) answers.push({ place, payload, mail })
      }
      const [usual, ...reads] = await readAll([plain, ...answers.map(({ mail }) => mail)])
      if (!usual) throw new Error('the plain mail was read')
      for (const [at, read] of reads.entries()) {
        const { place, payload } = answers[at] ?? { place: 'subject', payload: '' }
        // The quote tells of names and subjects, so the text may need another encoding; which are known.
        const found = [...foreignHeaders(read, usual, new Set([...told[place], 'Content-Transfer-Encoding']))]
        const encoding = read.python.fields.find(([name]) => name === 'Content-Transfer-Encoding')?.[1].trim()
        if (encoding !== undefined && !['7bit', 'quoted-printable', 'base64'].includes(encoding)) found.push(`encoded as ${encoding}`)
        if (JSON.stringify(read.envelope) !== JSON.stringify(usual.envelope)) found.push(`goes to ${read.envelope.to.join(' ')}`)
        guilty.push(...found.map((what) => `${mode}, ${place} ${JSON.stringify(payload).slice(0, 80)}: ${what.slice(0, 200)}`))
      }
      expect([mode, answers.length > cases.length * 0.9]).toEqual([mode, true])
      sent += answers.length
    }
    expect(guilty.slice(0, 20)).toEqual([])
    console.log(`figure: ${sent} answers and forwarded mails made of hostile ones, 0 beyond their header`)
  })
})
