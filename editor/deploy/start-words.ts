/** What each answer to "where does it start" means in numbers. Pure. */
import { texts } from '../texts.ts'

export interface There { readonly total: number; readonly waiting: number }

/** A mail that was read already is none of a flow's that takes unread mail only; null while the mailbox was not asked. */
export function startChoices(start: string, unreadOnly: boolean, there: There | null): readonly { readonly value: string; readonly label: string; readonly say: string }[] {
  const all = there === null ? null : unreadOnly ? there.waiting : there.total
  const usual = [
    { value: 'now', label: texts.start.now, say: there === null ? '' : texts.start.stays(there.total) },
    { value: 'all', label: all === null ? texts.start.all : texts.start.allOf(all, unreadOnly), say: all === null ? '' : texts.start.runs(all) },
  ]
  if (usual.some((choice) => choice.value === start)) return usual
  const day = start.slice(0, 10)
  return [...usual, { value: start, label: texts.start.since(day), say: texts.start.date(day) }]
}
