/** A mail that a real Postfix can't deliver comes back to a mailbox of a real Dovecot: the run that sent it is bounced, the copy lies in Sent. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { dovecot, hasDovecot, type Dovecot } from '../servers/dovecot.ts'
import { hasPostfix, postfix, type Postfix } from '../servers/postfix.ts'
import { smtpServer, type ScriptedSmtp } from '../servers/smtp-server.ts'
import { until } from '../until.ts'
import { flowThrough, letter, rowsTo } from '../world.ts'

describe.skipIf(!hasDovecot() || !hasPostfix())('a bounce of Postfix', () => {
  const opened: (() => Promise<unknown>)[] = []
  let inbox: Dovecot
  let relay: Postfix
  let sink: ScriptedSmtp
  let product: Product
  beforeAll(async () => {
    inbox = await dovecot()
    opened.push(() => inbox.stop())
    // The server behind Postfix: it does not know one of the receivers, and offers no delivery reports.
    sink = await smtpServer({ extensions: ['PIPELINING', '8BITMIME', 'SIZE 52428800'], rcpt: (to) => (to.includes('former@') ? '550 5.1.1 No such user here' : undefined) })
    opened.push(() => sink.stop())
    relay = await postfix({ relayTo: sink.port, sasl: inbox.sasl })
    opened.push(() => relay.stop())
    await inbox.addUser('u0')
    await inbox.put('u0', letter('Order 1'))
    const folder = await makeFolder()
    opened.push(() => dropFolder(folder))
    product = await startProduct(folder)
    opened.push(() => product.kill('SIGTERM'))
  })
  afterAll(async () => {
    for (const stop of opened.toReversed()) await stop()
  })

  test('[SX161, SX162, SX170] its failure report marks the run and the receiver, its delivery report leaves a note, and the copy lies in Sent', async () => {
    const login = { user: 'u0', password: inbox.password, host: 'localhost' }
    await product.api('PUT', '/api/connections/inbox', { ...login, id: 'inbox', name: 'Inbox', kind: 'imap', port: inbox.imaps, security: 'tls', certificate: inbox.ca })
    await product.api('PUT', '/api/connections/outbox', { ...login, id: 'outbox', name: 'Outbox', kind: 'smtp', port: relay.smtp, security: 'starttls', certificate: relay.ca })
    await product.deploy(flowThrough('pass-on', rowsTo('tickets@dest.example, former@dest.example', 'Ticket: '), { bounces: 'note' }, { notify: ['success', 'failure'], copy: 'add', copyTo: { connection: 'inbox', folder: 'Sent' } }))
    // Postfix sends its reports to the return path; whoever serves that files them there.
    const reports = await until(() => sink.accepted.filter(({ from, to }) => from === '' && to.includes('desk@example.org')), (all) => all.length === 2)
    for (const { bytes } of reports) await inbox.put('u0', bytes)
    const [sent] = await until(() => product.runs('state=bounced'), (runs) => runs.length === 1)
    expect(sent?.problem?.say).toContain('former@dest.example: 550 5.1.1 No such user here')
    const { sends: [send] } = await until(() => product.run(sent?.id ?? ''), ({ sends }) => sends[0]?.history.length === 3 && sends[0].copy?.state === 'done')
    expect(send?.recipients.map(({ address, state }) => `${address} ${state}`)).toEqual(['tickets@dest.example sent', 'former@dest.example bounced'])
    expect(send?.history.map(({ what }) => what).toSorted()).toEqual(['bounced', 'delivered', 'sent'])
    expect(await inbox.flagsOf('u0', 'Sent')).toEqual([['\\Seen']])
    // The reports themselves started nothing.
    expect(sink.accepted.filter(({ from }) => from !== '')).toHaveLength(1)
  })
})
