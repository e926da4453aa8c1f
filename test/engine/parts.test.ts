/** The engine's small parts: rhythm, outcomes, endings, and what is in hand. */
import { expect, test } from 'vitest'
import { connectionId, flowId, nodeId, runId, sendId } from '#shared/ids.ts'
import { defaultRetry } from '#shared/nodes/send-email.ts'
import { reconnectDelayMs } from '#runtime/backoff.ts'
import { endingOf, type SendResult } from '#runtime/engine/finish.ts'
import { makeHand } from '#runtime/engine/hand.ts'
import { outcomeOf } from '#runtime/engine/outcome.ts'
import { retryDelayMs } from '#runtime/engine/retry.ts'
import type { RecipientOutcome } from '#runtime/mail/smtp/sender.ts'
import type { ClaimedSend } from '#runtime/store/store.ts'

const at = '2026-11-20T12:00:00.000Z'
const send: ClaimedSend = {
  id: sendId('s'), run: runId('r'), flow: flowId('f'), version: 1, node: nodeId('send'), connection: connectionId('out'), messageId: '<m@x>', from: 'a@example.org',
  recipients: ['b@example.org'], attempts: 0, createdAt: at, giveUpAt: '2026-11-25T12:00:00.000Z', unknown: false, looks: 0, raw: { kind: 'bytes', bytes: new Uint8Array() },
}
const answered = (state: RecipientOutcome['state'], answer = 'said so'): RecipientOutcome => ({ address: 'b@example.org', state, answer })
const outcome = (recipients: readonly RecipientOutcome[], over: Partial<ClaimedSend> = {}, now = at) =>
  outcomeOf({ send: { ...send, ...over }, recipients, retry: defaultRetry, at: now, random: 0.5 })

test('[RN7] a 4xx answer is tried again after 5 minutes, then 10, up to 67, until it is given up after 5 days', () => {
  const minutes = [1, 2, 3, 4, 5, 6].map((attempts) => Math.round(retryDelayMs(defaultRetry, attempts, 0.5) / 60_000))
  expect(minutes).toEqual([5, 10, 20, 40, 67, 67])
  expect(outcome([answered('deferred')]).nextAttemptAt).toBe('2026-11-20T12:05:00.000Z')
  // Whatever it waited for before: the first "later" of its server is never the last.
  expect(outcome([answered('deferred')], {}, send.giveUpAt).nextAttemptAt).not.toBeNull()
  const last = outcome([answered('deferred', '451 busy')], { attempts: 111 }, send.giveUpAt)
  expect(last).toMatchObject({ nextAttemptAt: null, recipients: [{ state: 'refused' }] })
  expect(last.recipients[0]?.answer).toContain('451 busy')
})

test('[RN8] a person who is to decide, or a folder, is asked at once; another choice waits its turn', () => {
  const judged = (choiceIsOpen: boolean, ...states: readonly RecipientOutcome['state'][]) =>
    outcomeOf({ send, recipients: states.map((state) => answered(state)), retry: defaultRetry, choiceIsOpen, at, random: 0.5 }).nextAttemptAt
  expect(judged(true, 'unknown', 'sent')).toBe(at)
  expect(judged(true, 'unknown', 'deferred')).toBe('2026-11-20T12:05:00.000Z')
  expect(judged(false, 'unknown')).toBe('2026-11-20T12:05:00.000Z')
})

test('[RN7] jitter stays within a tenth either way', () => {
  for (const random of [0, 0.25, 0.75, 0.999]) {
    const ms = retryDelayMs(defaultRetry, 1, random)
    expect(ms).toBeGreaterThanOrEqual(270_000)
    expect(ms).toBeLessThanOrEqual(330_000)
  }
})

test('[RN7] accepted and refused recipients are closed, the deferred one alone comes back', () => {
  const mixed = outcome([answered('sent'), { ...answered('refused'), address: 'c@example.org' }, { ...answered('deferred'), address: 'd@example.org' }])
  expect(mixed.recipients.map((recipient) => recipient.state)).toEqual(['sent', 'refused', 'deferred'])
  expect(mixed.nextAttemptAt).not.toBeNull()
})

test('[RN8] a send made again after an unknown outcome says so', () => {
  expect(outcome([answered('sent')]).event.what).toBe('sent')
  expect(outcome([answered('sent')], { unknown: true }).event).toMatchObject({ what: 'resent', say: expect.stringContaining('same Message-ID') as string })
  expect(outcome([answered('unknown')])).toMatchObject({ event: { what: 'unknown' }, nextAttemptAt: '2026-11-20T12:05:00.000Z' })
})

const result = (states: readonly RecipientOutcome['state'][], parked = false): SendResult =>
  ({ messageId: '<m@x>', createdAt: at, parked, recipients: states.map((state, index) => ({ address: `${index}@example.org`, state, answer: `answer ${index}` })) })

test('[RN2] what the sends came to decides the run', () => {
  expect(endingOf([result(['sent', 'sent'])])).toEqual({ state: 'done', problem: null })
  expect(endingOf([result(['sent']), result(['deferred'])]).state).toBe('waiting')
  expect(endingOf([result(['unknown'])])).toMatchObject({ state: 'waiting', problem: { code: 'SEND_UNKNOWN' } })
  expect(endingOf([result(['unknown'], true), result(['deferred'])]).state).toBe('unknown')
  expect(endingOf([result(['refused'])])).toMatchObject({ state: 'failed', problem: { code: 'SEND_REFUSED', say: 'The server refused the mail: answer 0' } })
  expect(endingOf([result(['sent', 'refused'])])).toMatchObject({ state: 'failed', problem: { code: 'SEND_RECIPIENTS_REFUSED' } })
  expect(endingOf([])).toEqual({ state: 'done', problem: null })
})

test('[RN13] the wait between connection tries doubles up to five minutes, a quarter either way', () => {
  expect([1, 2, 3, 9, 10, 50].map((failures) => reconnectDelayMs(failures, 0.5))).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000])
  expect(reconnectDelayMs(1, 0)).toBe(750)
  expect(reconnectDelayMs(1, 0.999)).toBeLessThanOrEqual(1250)
})

test('[RN16] whoever brings work waits while the hand is full, by runs or by bytes', async () => {
  const hand = makeHand({ runs: 2, bytes: 100 })
  hand.take(10)
  hand.take(10)
  let got = 0
  const waiting = [hand.room(1), hand.room(1)].map((room) => room.then((leave) => { got += 1; return leave }))
  await Promise.resolve()
  expect(got).toBe(0)
  hand.release(10)
  const leave = await waiting[0]
  expect(got).toBe(1)
  leave?.()
  ;(await waiting[1])?.()
  expect(got).toBe(2)
  const off = new AbortController()
  hand.take(95)
  const calledOff = hand.room(1, off.signal)
  off.abort()
  ;(await calledOff)()
  hand.release(95)
  hand.take(95)
  expect(hand.hasRoom()).toBe(false)
  hand.release(95)
  hand.release(10)
  await hand.empty()
  expect(hand.count()).toBe(0)
})
