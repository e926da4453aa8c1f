/** A look that asks only what changed sees what a whole look sees, whatever this and other programs do to the folder. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MailChange } from '#shared/mailbox-action.ts'
import type { Account, LookFilter, LookMark, OpenMailbox } from '#runtime/mail/mailbox.ts'
import { all, letter, type MailboxBed } from './mailbox.contract.ts'

const never = new AbortController().signal
const unread: LookFilter = { ...all, unseenOnly: true }
const flagged: LookFilter = { ...all, search: { unseen: false, from: '', to: '', subject: '', since: '', flagged: true, keyword: '', largerThan: 0, header: null } }
/** The oldest mails, read before the first look: they match only when somebody changes them, and are changed most. */
const readBefore = 8

type Act =
  | { readonly kind: 'arrive' }
  | { readonly kind: 'change'; readonly by: 'us' | 'others'; readonly at: number; readonly count: number; readonly change: MailChange }
  | { readonly kind: 'look'; readonly judged: boolean }

const changes: readonly MailChange[] = [
  { do: 'mark-seen' }, { do: 'mark-unseen' }, { do: 'mark-unseen' }, { do: 'flag' }, { do: 'add-keyword', keyword: 'Later' }, { do: 'delete' },
  { do: 'move', folder: 'Archive' }, { do: 'copy', folder: 'Archive' },
]
const acts: fc.Arbitrary<readonly Act[]> = fc.array(fc.oneof(
  fc.record({ kind: fc.constant('arrive' as const) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('change' as const), by: fc.constantFrom('us' as const, 'others' as const), at: fc.nat(readBefore - 1), count: fc.integer({ min: 1, max: 4 }), change: fc.constantFrom(...changes) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look' as const), judged: fc.boolean() }) },
), { minLength: 4, maxLength: 24 })

/** `already`: so many unread mails lie in the folder first. */
export function lookOnContract(name: string, start: () => Promise<MailboxBed>, already: number): void {
  describe(`looking on over ${name}`, () => {
    let bed: MailboxBed
    beforeAll(async () => { bed = await start() })
    afterAll(() => bed.stop())

    async function within(work: (mailbox: LookingOn, others: OpenMailbox, account: Account) => Promise<void>): Promise<void> {
      const account = bed.account()
      for (let count = 0; count < already; count += 1) await bed.put(account, letter(`Before ${count}`))
      const open = [await bed.adapter.open(account, 'INBOX', never), await bed.adapter.open(account, 'INBOX', never)] as const
      try {
        await work(lookingOn(open[0]), open[1], account)
      } finally {
        for (const one of open) await one.close()
      }
    }

    test('[RN42] a folder where nothing changed is asked for what changed, and names nothing', () => within(async (mailbox, _, account) => {
      const first = await mailbox.lookOn(unread, null)
      expect([first.uids.length, first.whole]).toEqual([already, true])
      await mailbox.refresh()
      const second = await mailbox.lookOn(unread, first.mark)
      expect([second.uids, second.whole]).toEqual([[], false])
      await bed.put(account, letter('New'))
      await mailbox.refresh()
      expect((await mailbox.lookOn(unread, second.mark)).uids).toHaveLength(1)
    }))

    test('[RN42] a mark says nothing about another filter, an earlier start or another opened mailbox', () => within(async (mailbox, others) => {
      const { uids, mark } = await mailbox.lookOn({ ...unread, firstUid: '3' }, null)
      expect(uids).toHaveLength(already - 2)
      expect((await mailbox.lookOn({ ...unread, firstUid: '4' }, mark)).uids).toEqual([])
      for (const filter of [{ ...unread, firstUid: '2' }, { ...all, firstUid: '3' }]) expect((await mailbox.lookOn(filter, mark)).whole).toBe(true)
      expect((await lookingOn(others).lookOn({ ...unread, firstUid: '3' }, mark)).uids).toHaveLength(already - 2)
    }))

    test('[RN43] whatever happens to a folder, looking on leaves out no mail that a whole look would take', () => fc.assert(fc.asyncProperty(acts, fc.constantFrom(unread, unread, flagged, all), (history, filter) => within(async (mailbox, others, account) => {
      await others.settle((await others.look(all)).slice(0, readBefore), { do: 'mark-seen' })
      const judged = new Set<string>()
      let mark: LookMark | null = null
      let arrived = 0
      for (const act of [{ kind: 'look' as const, judged: true }, ...history, { kind: 'look' as const, judged: true }]) {
        if (act.kind === 'arrive') await bed.put(account, letter(`Later ${arrived++}`))
        if (act.kind === 'change') {
          await others.refresh()
          const there = await others.look(all)
          const from = there.length === 0 ? 0 : act.at % there.length
          await (act.by === 'us' ? mailbox : others).settle(there.slice(from, from + act.count), act.change)
        }
        if (act.kind !== 'look') continue
        await mailbox.refresh()
        const whole = await mailbox.look(filter)
        const looked = await mailbox.lookOn(filter, mark)
        const named: ReadonlySet<string> = new Set(looked.uids)
        expect(whole.filter((uid) => !named.has(uid) && !judged.has(uid))).toEqual([])
        const after = new Set(await mailbox.look(filter))
        expect(looked.uids.filter((uid) => !after.has(uid))).toEqual([])
        if (!act.judged) continue
        mark = looked.mark
        for (const uid of looked.uids) judged.add(uid)
      }
    })), { numRuns: 25 }))
  })
}

type LookingOn = OpenMailbox & Required<Pick<OpenMailbox, 'lookOn'>>
function lookingOn(mailbox: OpenMailbox): LookingOn {
  const { lookOn } = mailbox
  if (!lookOn) throw new Error('this mailbox looks whole each time')
  return { ...mailbox, lookOn }
}
