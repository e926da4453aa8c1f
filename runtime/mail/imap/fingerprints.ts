/** What tells mails from one another when their UIDs can't: one header field, size and time of arrival, thousands a command. */
import { imapPrintsPerCommand } from '#runtime/limits.ts'
import type { Fingerprint } from '#runtime/fingerprint.ts'
import type { Session } from './session.ts'

/** `uids` ascending. The commands name ranges: UIDs in between that were not asked for are passed over. */
export async function* readFingerprints(session: Session, uids: readonly number[]): AsyncGenerator<Fingerprint> {
  for (let at = 0; at < uids.length; at += imapPrintsPerCommand) {
    const part = uids.slice(at, at + imapPrintsPerCommand)
    yield* await session.ask(async (alive) => {
      const wanted = new Set(part)
      const heads: Fingerprint[] = []
      const query = { uid: true, size: true, internalDate: true, headers: ['message-id'] }
      for await (const row of session.client.fetch(`${part[0]}:${part.at(-1)}`, query, { uid: true })) {
        if (!wanted.delete(row.uid)) continue
        alive()
        heads.push({
          uid: String(row.uid), messageId: messageIdIn(row.headers), size: row.size ?? 0,
          receivedAt: row.internalDate instanceof Date ? row.internalDate.toISOString() : '',
        })
      }
      return heads
    })
  }
}

const messageIdIn = (headers: Buffer | undefined): string => /^message-id:\s*<?([^<>\r\n]*)/i.exec(headers?.toString('utf8') ?? '')?.[1]?.trim() ?? ''
