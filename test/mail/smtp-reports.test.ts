/** Delivery reports (RFC 3461): asked for where the server offers them, told where it does not, written in xtext. */
import { afterEach, expect, test } from 'vitest'
import type { ReportWish } from '#runtime/mail/smtp/sender.ts'
import { checkFlow } from '#shared/flow-check.ts'
import { flowThrough, letter as arrived, mailWorld, rowsTo, type World } from '../world.ts'
import { letter, senderTo, server, to } from './smtp-world.ts'

let world: World | null = null
afterEach(async () => {
  await world?.stop()
  world = null
})
const wish = (more: Partial<ReportWish> = {}): ReportWish => ({ notify: ['success', 'failure', 'delay'], returned: 'headers', envelopeId: 'run+1=a b-send', ...more })
const line = (commands: readonly string[], begin: string): readonly string[] => commands.filter((command) => command.startsWith(begin))

test('[SX86] what is wished for goes out with MAIL and each RCPT, the id in xtext', async () => {
  const smtp = await server({ extensions: ['DSN', 'PIPELINING'] })
  const delivery = await senderTo(smtp.port).deliver({ ...to('b@example.org', 'c@example.org'), reports: wish() }, letter())
  expect(line(smtp.commands, 'MAIL')).toEqual(['MAIL FROM:<a@example.org> RET=HDRS ENVID=run+2B1+3Da+20b-send'])
  expect(line(smtp.commands, 'RCPT')).toEqual(['RCPT TO:<b@example.org> NOTIFY=SUCCESS,FAILURE,DELAY', 'RCPT TO:<c@example.org> NOTIFY=SUCCESS,FAILURE,DELAY'])
  expect(delivery.noReports).toBeUndefined()
  await senderTo(smtp.port).deliver({ ...to(), reports: wish({ notify: ['never'], returned: 'usual', envelopeId: 'x' }) }, letter())
  await senderTo(smtp.port).deliver({ ...to(), reports: wish({ notify: [], returned: 'full', envelopeId: 'y' }) }, letter())
  expect(line(smtp.commands, 'MAIL').slice(1)).toEqual(['MAIL FROM:<a@example.org> ENVID=x', 'MAIL FROM:<a@example.org> RET=FULL ENVID=y'])
  expect(line(smtp.commands, 'RCPT').slice(2)).toEqual(['RCPT TO:<b@example.org> NOTIFY=NEVER', 'RCPT TO:<b@example.org>'])
})

test('[SX86] a server without reports gets the mail without a word of them, and that is told', async () => {
  const smtp = await server({ extensions: [] })
  expect(await senderTo(smtp.port).deliver({ ...to(), reports: wish() }, letter())).toMatchObject({ noReports: true, recipients: [{ state: 'sent' }] })
  expect([...line(smtp.commands, 'MAIL'), ...line(smtp.commands, 'RCPT')]).toEqual(['MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.org>'])
  expect(await senderTo(smtp.port).deliver(to(), letter())).not.toHaveProperty('noReports')
})

test('[SX84, SX86] through a flow: bounces to nobody, reports under the name of the send, and what the server can\'t do in the step\'s output', async () => {
  world = await mailWorld({ smtp: { extensions: ['DSN'] } })
  await world.product.deploy(flowThrough('forward', rowsTo('tickets@dest.example', 'Fwd: '), {}, { bouncesTo: 'nobody', notify: ['failure'] }))
  world.arrive(arrived('Order 1'))
  const [run] = await world.settled(1)
  const { sends, steps } = await world.product.run(run?.id ?? '')
  expect(line(world.smtp.commands, 'MAIL')).toEqual([`MAIL FROM:<> ENVID=${sends[0]?.id}`])
  expect(line(world.smtp.commands, 'RCPT')).toEqual(['RCPT TO:<tickets@dest.example> NOTIFY=FAILURE'])
  expect(steps.at(-1)?.output).not.toMatchObject({ answer: expect.stringContaining('reports') })
  await world.stop()
  world = await mailWorld({ smtp: { extensions: [] } })
  await world.product.deploy(flowThrough('forward', rowsTo('tickets@dest.example', 'Fwd: '), {}, { notify: ['failure'] }))
  world.arrive(arrived('Order 2'))
  const [other] = await world.settled(1)
  expect((await world.product.run(other?.id ?? '')).steps.at(-1)?.output).toMatchObject({ answer: expect.stringContaining('No delivery reports: this server does not offer them.') })
})

test('[SX86] nothing at all can\'t be asked for beside something', () => {
  const send = (notify: readonly string[]) => ({ format: 1, id: 'f', name: 'F', edges: [{ from: 'r', to: 's' }], nodes: [{ id: 'r', kind: 'receive-email', config: { connection: 'in' } }, { id: 's', kind: 'send-email', config: { connection: 'out', from: 'a@example.org', to: 'b@example.org', notify } }] })
  const problems = (notify: readonly string[]) => checkFlow(send(notify), { connections: [{ id: 'in', kind: 'imap' }, { id: 'out', kind: 'smtp' }] }).problems.map(({ field }) => field)
  expect([problems(['never']), problems(['success', 'delay']), problems(['never', 'failure'])]).toEqual([[], [], ['notify']])
})
