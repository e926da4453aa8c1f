/** Choosing among the mails of the outbox, and what its address bar asks for. */
import { expect, test } from 'vitest'
import { nothingChosen, toggle, toggleShown } from '#editor/outbox/choice.ts'
import { readFilter } from '#editor/outbox/outbox-filters.tsx'
import { decisions, editable, mayDecide } from '#shared/outbox.ts'
import { sayRefusal } from '#shared/refusal.ts'
import type { Recipient, RecipientState } from '#shared/run.ts'

const shown = ['a', 'b', 'c', 'd', 'e']
const chosen = (choice: typeof nothingChosen): string => [...choice.ids].toSorted().join('')

test('[ED160] one is chosen and let go; Shift takes all from the one touched last, up or down; the head takes all or none', () => {
  const one = toggle(nothingChosen, 'd', shown, false)
  expect(chosen(one)).toBe('d')
  const range = toggle(one, 'b', shown, true)
  expect(chosen(range)).toBe('bcd')
  expect(chosen(toggle(range, 'c', shown, false))).toBe('bd')
  expect(chosen(toggle(toggle(range, 'b', shown, false), 'c', shown, true))).toBe('d')
  expect(chosen(toggle(nothingChosen, 'c', shown, true))).toBe('c')
  // The one touched last has left the list meanwhile.
  expect(chosen(toggle(one, 'b', ['a', 'b', 'c'], true))).toBe('bd')
  expect(chosen(toggleShown(range, shown))).toBe('abcde')
  expect(chosen(toggleShown(toggleShown(range, shown), shown))).toBe('')
})

test('[ED161] the address bar names state, flow, connection, words and age; what makes no sense is left out', () => {
  const now = new Date(2026, 10, 20, 14, 30)
  const filter = (query: string) => readFilter(new URLSearchParams(query), now)
  expect(filter('')).toEqual({})
  expect(filter('state=refused&flow=orders&connection=outbox&q=%20bill%20&mail=x&run=y')).toEqual({ state: 'refused', flow: 'orders', connection: 'outbox', text: 'bill' })
  expect(filter('state=exploded&days=4&q=%20')).toEqual({})
  expect(filter('days=7')).toEqual({ since: new Date(2026, 10, 13).toISOString() })
})

test('[ED162] what is offered for a mail is what can be done with its recipients', () => {
  const of = (...states: readonly RecipientState[]): readonly Recipient[] => states.map((state, index) => ({ address: `${index}@x.example`, state, answer: '' }))
  const offered = (...states: readonly RecipientState[]) => decisions.filter((decision) => mayDecide(decision, { recipients: of(...states) }))
  expect(offered('refused', 'sent')).toEqual(['retry', 'give-up'])
  expect(offered('ready')).toEqual(['send-now', 'cancel'])
  expect(offered('deferred')).toEqual(['retry', 'give-up', 'cancel'])
  expect(offered('unknown')).toEqual(['resend', 'was-sent', 'give-up'])
  expect(offered('held')).toEqual(['approve', 'discard'])
  expect([offered('sent'), offered('sending'), offered('given-up', 'replaced')]).toEqual([[], [], []])
  expect(decisions.filter((decision) => mayDecide(decision, { recipients: of('refused'), dropped: true }))).toEqual(['give-up'])
  expect(editable(of('sent', 'refused', 'bounced', 'deferred', 'ready')).map(({ address }) => address)).toEqual(['1@x.example', '2@x.example', '3@x.example', '4@x.example'])
  expect([editable(of('refused', 'unknown')), editable(of('refused', 'sending')), editable(of('held'))]).toEqual([[], [], []])
})

test.each([
  ['550 5.1.1 <bob@x.example>: Recipient address rejected', 'There is no such mailbox.'],
  ['550-5.7.26 This mail has been blocked because the sender is unauthenticated.', 'The sender could not be proved (SPF, DKIM or DMARC).'],
  ['452 4.2.2 Over quota', 'The mailbox is full.'],
  ['556 5.1.10 Recipient address has null MX', 'This domain takes no mail at all.'],
  ['552 too much', 'The mailbox is full, or the mail too large.'],
  ['Not accepted within 120 hours; the last answer was: 451 4.2.2 mailbox full', 'The mailbox is full.'],
  ['550 No', ''], ['', ''], ['call 550 5551.1.1', ''],
])('[ED163] "%s" in plain words: "%s"', (answer, words) => {
  expect(sayRefusal(answer)).toBe(words)
})
