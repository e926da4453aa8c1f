/** The process dies at each commit edge of a mail's way, is started again, and the mail ends as the failure table says. */
import { afterEach, expect, test } from 'vitest'
import { type FaultPoint, faultPoints } from '#runtime/faults.ts'
import { letter, mailWorld, messageIds, type World } from '../world.ts'
import { until } from '../until.ts'

let world: World | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})

/** From here to the outcome's commit nobody can know whether the mail went out. */
const unknownFrom: readonly FaultPoint[] = ['after-mark-sending', 'smtp-connected', 'smtp-mail', 'smtp-rcpt', 'smtp-data', 'smtp-body', 'smtp-data-sent', 'after-smtp-answer']
/** The server has the mail, and the process dies before it has written that down: the one window that cannot be closed. */
const acceptedUnwritten: readonly FaultPoint[] = ['after-smtp-answer']

test.each(faultPoints)('[RN10] killed at %s: the mail arrives, and a double only where the outbox said that it may be out', async (point) => {
  world = await mailWorld({ inbox: [letter('Invoice 7')], crashAt: point })
  expect(await world.product.ended).toBe('SIGKILL')
  await world.startAgain()
  const [run] = await world.settled(1)
  expect(run?.state).toBe('done')
  expect(new Set(world.subjects())).toEqual(new Set(['Fwd: Invoice 7']))
  // A second copy, where there is one, is the very same mail.
  expect(messageIds(world.smtp).size).toBe(1)
  const detail = await world.product.run(run?.id ?? '')
  const said = detail.sends.flatMap((send) => send.history.map((event) => event.what))
  if (unknownFrom.includes(point)) expect(said).toEqual(['unknown', 'resent'])
  else {
    expect(said).toEqual(['sent'])
    expect(world.smtp.accepted).toHaveLength(1)
  }
  if (acceptedUnwritten.includes(point)) expect(world.smtp.accepted).toHaveLength(2)
  // Settled last, and for good.
  const { imap, product } = world
  await until(() => imap.store.folder('u0', 'INBOX')?.mails.every((mail) => mail.flags.has('\\Seen')))
  await until(async () => (await product.run(run?.id ?? '')).settle.state, (state) => state === 'done')
})

test('[RN8] park: a mail that may be out is held for a person, who decides', async () => {
  world = await mailWorld({ inbox: [letter('Invoice 8')], crashAt: 'after-smtp-answer', send: { onUnknown: 'park' } })
  await world.startAgain()
  const [run] = await world.settled(1)
  expect(run).toMatchObject({ state: 'unknown', problem: { code: 'SEND_UNKNOWN' } })
  expect(world.smtp.accepted).toHaveLength(1)
  const { sends: [held] } = await world.product.outbox('state=unknown')
  await world.product.api('POST', `/api/outbox/${held?.id}/decide`, { do: 'was-sent' })
  const [ended] = await world.settled(1)
  expect(ended?.state).toBe('done')
  expect(world.smtp.accepted).toHaveLength(1)
})

test('[RN8] park: sent again when the person says so', async () => {
  world = await mailWorld({ inbox: [letter('Invoice 9')], crashAt: 'after-mark-sending', send: { onUnknown: 'park' } })
  await world.startAgain()
  await until(() => world?.product.runs(), (runs) => runs?.[0]?.state === 'unknown')
  const { sends: [held] } = await world.product.outbox('state=unknown')
  await world.product.api('POST', `/api/outbox/${held?.id}/decide`, { do: 'resend' })
  await until(() => world?.product.runs(), (runs) => runs?.[0]?.state === 'done')
  expect(world.subjects()).toEqual(['Fwd: Invoice 9'])
})

test('[RN8] probe: found in the folder, it counts as sent; not found, it is sent', async () => {
  const probe = { onUnknown: 'probe', probe: { connection: 'inbox', folder: 'Sent', forSeconds: 1 } }
  world = await mailWorld({ inbox: [letter('Invoice 10')], crashAt: 'after-smtp-answer', send: probe })
  await world.product.ended
  const copy = world.smtp.accepted[0]?.bytes
  if (!copy) throw new Error('the server should have the mail')
  world.imap.store.deliver('u0', copy, { folder: 'Sent' })
  await world.startAgain({ MAILWEAVE_FAULT: 'after-mark-sending' })
  const [run] = await world.settled(1)
  expect(run?.state).toBe('done')
  expect(world.smtp.accepted).toHaveLength(1)
  world.arrive(letter('Invoice 11'))
  await world.startAgain()
  await world.settled(2)
  expect(world.subjects()).toEqual(['Fwd: Invoice 10', 'Fwd: Invoice 11'])
})
