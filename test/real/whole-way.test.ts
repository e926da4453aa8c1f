/** The whole way between real servers: 2,000 mails of many kinds from Dovecot through a flow and Postfix, each arriving once and as it was. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { read } from '../mail/mime-letters.ts'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { dovecot, hasDovecot, type Dovecot } from '../servers/dovecot.ts'
import { hasPostfix, postfix, type Postfix } from '../servers/postfix.ts'
import { smtpServer, type ScriptedSmtp } from '../servers/smtp-server.ts'
import { until } from '../until.ts'
import { flowThrough, rowsTo } from '../world.ts'
import { decodeMail } from './decode-mail.ts'
import { letterOf } from './letters.ts'

const mails = 2000
const flow = flowThrough('pass-on', [...rowsTo('tickets@dest.example', 'Ticket: '), { to: 'html', from: ['receive.html'] }, { to: 'replyTo', from: ['receive.from'] }])

describe.skipIf(!hasDovecot() || !hasPostfix())('from Dovecot through Postfix', () => {
  const opened: (() => Promise<unknown>)[] = []
  let inbox: Dovecot
  let relay: Postfix
  let sink: ScriptedSmtp
  let product: Product
  beforeAll(async () => {
    inbox = await dovecot()
    opened.push(() => inbox.stop())
    sink = await smtpServer({ extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 52428800'] })
    opened.push(() => sink.stop())
    relay = await postfix({ relayTo: sink.port, sasl: inbox.sasl })
    opened.push(() => relay.stop())
    await inbox.addUser('u0')
    for (let n = 0; n < mails; n += 1) await inbox.put('u0', letterOf(n).bytes)
    const folder = await makeFolder()
    opened.push(() => dropFolder(folder))
    product = await startProduct(folder)
    opened.push(() => product.kill('SIGTERM'))
  })
  afterAll(async () => {
    for (const stop of opened.toReversed()) await stop()
  })

  test('[RN1, RN2] 2,000 waiting mails arrive once each, with subject, reply address, texts and attachments as sent, and are marked as read', async () => {
    const login = { user: 'u0', password: inbox.password, host: 'localhost' }
    await product.api('PUT', '/api/connections/inbox', { ...login, id: 'inbox', name: 'Inbox', kind: 'imap', port: inbox.imaps, security: 'tls', certificate: inbox.ca })
    await product.api('PUT', '/api/connections/outbox', { ...login, id: 'outbox', name: 'Outbox', kind: 'smtp', port: relay.smtp, security: 'starttls', certificate: relay.ca })
    const begunMs = performance.now()
    await product.deploy(flow)
    await sink.untilDots(mails)
    console.log(`figure: 2,000 mails from Dovecot (TLS) through Postfix (STARTTLS, login) in ${Math.round((performance.now() - begunMs) / 1000)} s`)

    const arrived = new Map(sink.accepted.map((mail) => [numberOf(decodeMail(mail.bytes).subject), mail]))
    expect(sink.accepted.length).toBe(mails)
    expect([...arrived.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: mails }, (_, n) => n))
    for (const [n, mail] of arrived) {
      const sent = letterOf(n)
      expect(mail.to).toEqual(['tickets@dest.example'])
      const wanted = {
        subject: `Ticket: ${sent.subject}`, replyTo: { name: sent.sender, address: `sender${n}@client.example` },
        text: sent.text, html: sent.html, attachments: sent.attachments,
      }
      expect(decodeMail(mail.bytes)).toEqual(wanted)
      const own = await read(mail.bytes)
      expect({
        subject: own.subject, replyTo: own.replyTo.map(({ name, address }) => ({ name, address }))[0], text: own.text.trimEnd(), html: own.html.trimEnd(),
        attachments: own.attachments.map(({ name, sha256 }) => ({ name, sha256 })),
      }).toEqual(wanted)
    }

    const runs = await until(() => product.runs(), (all) => all.every((run) => run.state === 'done'))
    expect(runs.length).toBe(mails)
    expect(runs.every((run) => run.resent === 0)).toBe(true)
    await until(async () => (await inbox.flagsOf('u0')).filter((flags) => flags.includes('\\Seen')).length, (seen) => seen === mails)
    // Nothing came after the last one.
    expect(sink.accepted.length).toBe(mails)
  })
})

const numberOf = (subject: string): number => Number(/(\d+)$/.exec(subject)?.[1])
