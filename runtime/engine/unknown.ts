/**
 * The flow's choice for a mail of which nobody knows whether it went out (reliability F8): send the same bytes again,
 * hold it for a person, or look for its Message-ID first. Never a silent resend: each way leaves its line in history.
 */
import { problemOf, sayError } from '#shared/errors.ts'
import type { ConnectionId } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import type { ClaimedSend, SendOutcome } from '../store/store.ts'
import { addMs, retryDelayMs } from './retry.ts'
import { configOf, type Versions } from './versions.ts'

/** 'send', or what to record instead of sending. */
export type UnknownChoice = (send: ClaimedSend) => Promise<'send' | SendOutcome>

export interface UnknownDeps {
  readonly versions: Versions
  readonly clock: Clock
  readonly random: () => number
  /** Whether a mail with this Message-ID lies in the folder. */
  readonly isInFolder: (connection: ConnectionId, folder: string, messageId: string) => Promise<boolean>
}

export const makeUnknownChoice = ({ versions, clock, random, isInFolder }: UnknownDeps): UnknownChoice => async (send) => {
  const config = configOf(await versions.get(send.flow, send.version), send.node, 'send-email')
  if (config.onUnknown === 'resend') return 'send'
  const now = clock.now()
  const outcome = (state: 'sent' | 'unknown', what: SendOutcome['event']['what'], say: string, nextAttemptAt: string | null): SendOutcome => ({
    send: send.id, at: now, nextAttemptAt, event: { at: now, what, say },
    recipients: send.recipients.map((address) => ({ address, state, answer: say })),
  })
  if (config.onUnknown === 'park' || !config.probe) return outcome('unknown', 'parked', sayError('SEND_UNKNOWN'), null)
  const { connection, folder } = config.probe
  try {
    return (await isInFolder(connection, folder, send.messageId)) ? outcome('sent', 'probed', `Found in ${folder}, so it was sent the first time.`, null) : 'send'
  } catch (error) {
    const reason = problemOf(error).say
    return outcome('unknown', 'unknown', sayError('SEND_PROBE_FAILED', { folder, reason }), addMs(now, retryDelayMs(config.retry, send.attempts, random())))
  }
}
