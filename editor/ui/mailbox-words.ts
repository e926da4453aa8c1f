/** What mailboxes answer to the steps of runs, in words. */
import { isJsonObject, type Json } from '#shared/json.ts'

/** What a mailbox answered, in a few words; null where the value says it itself. */
export function sayAnswer(answer: Json): string | null {
  if (!isJsonObject(answer)) return null
  const { count, done, made } = answer
  if (typeof count === 'number') return count === 0 ? 'none found' : `${count} found`
  if (typeof done === 'boolean') return done ? 'done' : 'the mail was no longer there'
  if (typeof made === 'boolean') return made ? 'made' : 'it was there already'
  return null
}
