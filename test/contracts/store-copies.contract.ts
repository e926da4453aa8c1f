/** Copies of sent mail in any ledger: wanted with the outcome that ends the sending, and never before. */
import { expect, test } from 'vitest'
import type { Store } from '#runtime/store/store.ts'
import type { RecipientState, SendEvent } from '#shared/run.ts'
import { bytesOf, inbox, nobody, outcome, outbox, takeIn, time, wantToSend } from './store-world.ts'

const [b, c] = ['b@example.org', 'c@example.org']
const copy = { connection: inbox, folder: 'Sent' } as const

export function copiesContract(ledger: () => Store, reopen: () => Promise<void>): void {
  const begin = async (uid: number) => {
    const run = await takeIn(ledger(), uid)
    return { run, row: await wantToSend(ledger(), run, [b, c]) }
  }
  const ends = (row: Awaited<ReturnType<typeof begin>>['row'], states: Readonly<Record<string, RecipientState>>, what: SendEvent['what'] = 'sent') => ledger().recordOutcome(outcome(row, states, what, { copy, nextAttemptAt: time('10:07') }))
  const dueAt = (at: string) => ledger().dueCopy(at, nobody)

  test('[SX170] a copy is due once nobody is left to be tried and somebody has the mail, with the very bytes that were sent', async () => {
    const { run, row } = await begin(1)
    await ledger().markSending([row], time('10:01'))
    await ends(row, { [b]: 'sent', [c]: 'deferred' })
    expect(await dueAt(time('12:00'))).toBeNull()
    expect((await ledger().send(row))?.copy).toBeNull()
    await ends(row, { [c]: 'refused' }, 'refused')
    expect(await dueAt(time('10:02'))).toEqual({ send: row, messageId: `<${run}@mailweave>`, ...copy, since: time('10:02'), tries: 0, raw: bytesOf(`out ${run}`) })
    expect((await ledger().send(row))?.copy).toEqual({ state: 'waiting', ...copy, at: time('10:02'), say: '' })
    expect(await ledger().dueCopy(time('12:00'), new Set([inbox]))).toBeNull()
    expect(await ledger().dueCopy(time('12:00'), new Set([outbox]))).toMatchObject({ send: row })
  })

  test('[SX170] a mail that nobody took has no copy', async () => {
    const { row } = await begin(1)
    await ledger().markSending([row], time('10:01'))
    await ends(row, { [b]: 'refused', [c]: 'refused' }, 'refused')
    expect(await dueAt(time('12:00'))).toBeNull()
  })

  test('[SX171] a try in vain comes back at its time, over a restart; one that is over does not', async () => {
    const { row } = await begin(1)
    await ledger().markSending([row], time('10:01'))
    await ends(row, { [b]: 'sent', [c]: 'sent' })
    await ledger().recordCopy({ send: row, state: 'waiting', say: 'No answer.', dueAt: time('10:05') })
    await reopen()
    expect(await dueAt(time('10:04'))).toBeNull()
    expect(await ledger().nextCopyAt(time('10:04'))).toBe(time('10:05'))
    expect(await dueAt(time('10:05'))).toMatchObject({ send: row, tries: 1 })
    expect((await ledger().send(row))?.copy).toMatchObject({ state: 'waiting', say: 'No answer.', at: time('10:05') })
    await ledger().recordCopy({ send: row, state: 'done', say: 'INBOX.Sent', dueAt: time('10:06') })
    expect((await ledger().send(row))?.copy).toEqual({ state: 'done', connection: inbox, folder: 'INBOX.Sent', at: time('10:06'), say: '' })
    expect([await dueAt(time('23:00')), await ledger().nextCopyAt(time('09:00'))]).toEqual([null, null])
    // An outcome told twice brings no second copy.
    await ends(row, { [b]: 'sent' })
    expect(await dueAt(time('23:00'))).toBeNull()
  })
}
