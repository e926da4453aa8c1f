/** One decision about many mails: counted before it is asked, done page by page on the server, and told with what was left out. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Decided } from '#shared/api.ts'
import type { DecisionKind } from '#shared/outbox.ts'
import { api } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import type { OutboxFilter } from '../api/routes-types.ts'

/** The named ones, or all that matched when they were counted. */
export type Those = { readonly ids: readonly string[] } | { readonly filter: OutboxFilter; readonly upTo: string }
export interface Asked { readonly decision: DecisionKind; readonly those: Those; readonly count: number }
export interface Told { readonly decision: DecisionKind; readonly done: number; readonly left: Decided['left'] }

/** Ids in one request; the server takes 500. */
const together = 500

export function useBulk(onDone: () => void) {
  const client = useQueryClient()
  const [asked, setAsked] = useState<Asked | null>(null)
  const [told, setTold] = useState<Told | null>(null)
  const [done, setDone] = useState(0)
  const decide = useMutation({
    mutationFn: async ({ decision, those }: Asked) => {
      const left = new Map<string, number>()
      let sum = 0
      const take = (answer: Decided): void => {
        sum += answer.done
        for (const { say, count } of answer.left) left.set(say, (left.get(say) ?? 0) + count)
        setDone(sum)
      }
      if ('ids' in those) {
        for (let from = 0; from < those.ids.length; from += together) take(await api('POST /api/outbox/decide', { body: { do: decision, ids: those.ids.slice(from, from + together) } }))
      } else {
        for (let cursor: string | null = ''; cursor !== null;) {
          const answer: Decided = await api('POST /api/outbox/decide', { body: { do: decision, ...those, ...(cursor === '' ? {} : { cursor }) } })
          take(answer)
          cursor = answer.next
        }
      }
      return { decision, done: sum, left: [...left].map(([say, count]) => ({ say, count })) }
    },
    onSuccess: (answer) => {
      setTold(answer)
      setAsked(null)
      onDone()
    },
    // Also after a failure in the middle: some are done.
    onSettled: () => client.invalidateQueries({ queryKey: keys.allOutbox }),
  })
  return {
    asked, told, done, busy: decide.isPending, error: decide.error,
    ask: (next: Asked | null) => {
      decide.reset()
      setDone(0)
      setTold(null)
      setAsked(next)
    },
    go: () => { if (asked) decide.mutate(asked) },
    forget: () => { setTold(null) },
  }
}
