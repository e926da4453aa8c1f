/**
 * A name that a server gives to another mail (POP3 servers do, RFC 1939 forbids it): told by the mail's size, proved by
 * its bytes. Where UIDs are proof of their mails (IMAP) nothing is asked.
 */
import { reusedNames } from '../limits.ts'
import type { Fetched, OpenMailbox, Uid } from '../mail/mailbox.ts'
import type { Store } from '../store/store.ts'
import { keyOf, type Trigger } from './trigger.ts'

/** Known names whose mail has another size than the one we know; a few a look, for each must be fetched to be sure. */
export async function findDoubtful(trigger: Trigger, mailbox: OpenMailbox, known: ReadonlySet<Uid>, store: Store): Promise<readonly Uid[]> {
  const { sizes, leftOut } = trigger
  if (sizes.sameBytes >= reusedNames.liesEnough) return []
  const unchecked: Uid[] = []
  for (const uid of known) {
    const size = mailbox.sizeOf(uid)
    if (size === null) return []
    // A server that tells no size (less than 0) can't be caught.
    if (size >= 0 && sizes.checked.get(uid) !== size && !leftOut.has(uid)) unchecked.push(uid)
  }
  if (unchecked.length === 0) return []
  const bytes = await store.knownBytes(keyOf(trigger), mailbox.uidValidity, unchecked)
  const doubtful: Uid[] = []
  for (const uid of unchecked) {
    const size = mailbox.sizeOf(uid) ?? 0
    if (bytes.get(uid)?.size === size) sizes.checked.set(uid, size)
    else doubtful.push(uid)
  }
  return doubtful.slice(0, reusedNames.perLook)
}

/** The mail under its own name, when it is another than the one we know; null when it is the same and only its size was told wrong. */
export async function provenNew(trigger: Trigger, mailbox: OpenMailbox, mail: Fetched, store: Store): Promise<Fetched & { readonly listedAs: Uid } | null> {
  const { sizes } = trigger
  const first = (await store.knownBytes(keyOf(trigger), mailbox.uidValidity, [mail.uid])).get(mail.uid)
  sizes.checked.set(mail.uid, mailbox.sizeOf(mail.uid) ?? 0)
  if (first?.sha256 !== mail.sha256) return { ...mail, uid: `sha256:${mail.sha256}`, listedAs: mail.uid }
  // A server whose sizes are estimates would have every mail fetched again at each start.
  sizes.sameBytes += 1
  return null
}
