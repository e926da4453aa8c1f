/**
 * The flow's choice for a mail of which nobody knows whether it went out (reliability F8): send the same bytes again,
 * hold it for a person, or look for its Message-ID first. Never a silent resend: each way leaves its line in history.
 */
import { problemOf, sayError } from '#shared/errors.ts'
import type { ConnectionId } from '#shared/ids.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import { copyWanted, type Probe, probeOf } from '#shared/sending/copy.ts'
import type { Clock } from '../clock.ts'
import { probeWaits } from '../limits.ts'
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

export function makeUnknownChoice(deps: UnknownDeps): UnknownChoice {
  return async (send) => {
    const config = configOf(await deps.versions.get(send.flow, send.version), send.node, 'send-email')
    if (config.onUnknown === 'resend') return 'send'
    const probe = config.onUnknown === 'probe' ? probeOf(config) : null
    if (probe === null) return still(send, deps.clock.now(), 'parked', sayError('SEND_UNKNOWN'), null)
    const found = await lookForIt(send, probe, config.retry, deps)
    const copy = copyWanted(config)
    return found === 'send' || copy === null ? found : { ...found, copy }
  }
}

/**
 * Found: it was sent. Not found is no proof at first, because servers file a mail some time after they took it: only as many
 * looks, growing minutes apart, make it one. A look that could not be made counts for nothing.
 */
async function lookForIt(send: ClaimedSend, { connection, folder, forSeconds }: Probe, retry: SendEmailConfig['retry'], deps: UnknownDeps): Promise<'send' | SendOutcome> {
  const { clock, random, isInFolder } = deps
  const named = folder === '' ? `the sent mail of ${connection}` : `${folder} of ${connection}`
  try {
    if (await isInFolder(connection, folder, send.messageId)) return outcome(send, 'sent', clock.now(), 'probed', `Found in ${named}, so it was sent the first time.`, null)
  } catch (error) {
    const now = clock.now()
    const say = sayError('SEND_PROBE_FAILED', { folder: named, reason: problemOf(error).say })
    return now >= send.giveUpAt ? still(send, now, 'parked', say, null) : still(send, now, 'look-failed', say, addMs(now, retryDelayMs(retry, send.attempts, random())))
  }
  const part = probeWaits[send.looks]
  if (part === undefined) return 'send'
  const now = clock.now()
  return still(send, now, 'looked', `Not found in ${named}. This was look ${send.looks + 1} of ${probeWaits.length + 1}.`, addMs(now, part * forSeconds * 1000))
}

const still = (send: ClaimedSend, at: string, what: SendOutcome['event']['what'], say: string, nextAttemptAt: string | null): SendOutcome => outcome(send, 'unknown', at, what, say, nextAttemptAt)

const outcome = (send: ClaimedSend, state: 'sent' | 'unknown', at: string, what: SendOutcome['event']['what'], say: string, nextAttemptAt: string | null): SendOutcome =>
  ({ send: send.id, at, nextAttemptAt, event: { at, what, say }, recipients: send.recipients.map((address) => ({ address, state, answer: say })) })
