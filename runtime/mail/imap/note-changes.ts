/** Whose flags the server told to have changed (RFC 9051 section 7.5.2), for looks that ask only about those; bounded. */
import type { ImapFlow } from 'imapflow'
import { cheapLook } from '#runtime/limits.ts'

export interface Changes {
  /** How many were told so far: a moment to ask from. */
  count(): number
  /** UIDs told after that moment; null when it can't be said any more. */
  since(count: number): readonly number[] | null
  /** Something may have changed that nobody told. */
  forget(): void
}

export function noteChanges(client: Pick<ImapFlow, 'on'>): Changes {
  /** UID to the count at its last change, the latest last. */
  const told = new Map<number, number>()
  let count = 0
  let forgotten = 0
  const forget = (): void => {
    count += 1
    forgotten = count
    told.clear()
  }
  client.on('flags', ({ uid }) => {
    // By number alone it might be any mail by now.
    if (uid === undefined || told.size >= cheapLook.told) { forget(); return }
    count += 1
    told.delete(uid)
    told.set(uid, count)
  })
  return {
    count: () => count,
    since: (moment) => (moment < forgotten ? null : [...told].flatMap(([uid, at]) => (at > moment ? [uid] : []))),
    forget,
  }
}
