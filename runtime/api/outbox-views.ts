/** The outbox as somebody may see it: mails of connections that are not shared with them are neither listed nor counted. */
import type { OutboxCount, OutboxPage } from '#shared/api.ts'
import { recipientStates } from '#shared/run.ts'
import { api } from '../limits.ts'
import type { OutboxAsked, OutboxFilter, OutboxPages, SendGroup } from '../store/outbox-pages.ts'
import type { Sight } from './sight.ts'

type Ledger = Pick<OutboxPages, 'outbox' | 'countSends'>

export async function viewOutbox(store: Ledger, sight: Sight, asked: OutboxAsked): Promise<OutboxPage> {
  const first = await store.outbox(asked)
  if (sight.all) return first
  const shown = [...await sight.sends(first.sends)]
  let { next } = first
  // Somebody who sees next to nothing gets a short page with a cursor, rather than an answer that takes its time.
  for (let round = 1; next !== null && shown.length < asked.limit && round < api.outboxRounds; round += 1) {
    const page = await store.outbox({ ...asked, cursor: next, limit: asked.limit - shown.length })
    shown.push(...await sight.sends(page.sends))
    next = page.next
  }
  return { sends: shown, next, counts: await countStates(store, sight) }
}

/** Of nearly all, what was sent, only the whole number is known: whoever sees a part is told of the others alone. */
export async function countStates(store: Ledger, sight: Sight): Promise<Readonly<Record<string, number>>> {
  if (sight.all) return (await store.outbox({ limit: 1 })).counts
  const open = recipientStates.filter((state) => state !== 'sent')
  const counts = await Promise.all(open.map(async (state) => [state, await sum(sight, (await store.countSends({ state })).groups)] as const))
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

export async function countOutbox(store: Ledger, sight: Sight, asked: OutboxFilter): Promise<OutboxCount> {
  const { groups, upTo } = await store.countSends(asked)
  return { count: await sum(sight, groups), upTo }
}

async function sum(sight: Sight, groups: readonly SendGroup[]): Promise<number> {
  let count = 0
  for (const group of groups) if (await sight.showsSend(group)) count += group.rows
  return count
}
