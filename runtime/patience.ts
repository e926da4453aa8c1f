/** How long a mailbox or an outgoing server in trouble is left alone: longer after each try in vain, very long when only a person can help, and until then when the password was refused. */
import { type ErrorCode, type Problem, retryOf } from '#shared/errors.ts'
import { reconnectDelayMs } from './backoff.ts'
import { backoff, loginTries } from './limits.ts'

export interface Wait {
  /** Infinity: until a person acts. */
  readonly waitMs: number
  readonly needsPerson: boolean
  /** What is wrong and what is done about it. */
  readonly say: string
}

export interface Patience {
  /** After a try that failed; `livedMs`: how long its line had lasted. */
  after(problem: Problem, livedMs: number): Wait
  loggedIn(): void
  /** The waits begin small again. */
  renew(): void
}

/** A person must act (certificate, folder, host): looked at again this seldom. */
const attentionMs = 15 * 60_000
/** Nobody answered, so nobody is burdened by another try soon; a server that does answer and refuses is given more rest. */
const silences: ReadonlySet<ErrorCode> = new Set(['MAIL_UNREACHABLE', 'MAIL_PORT_REFUSED', 'MAIL_CONNECTION_LOST', 'MAIL_TIMEOUT', 'MAIL_HOST_LOOKUP'])

/** `button`: what a person presses to have it tried again. */
export function makePatience(random: () => number, button = 'Reconnect'): Patience {
  let failures = 0
  let refusedLogins = 0
  return {
    after: ({ code, say }, livedMs) => {
      if (livedMs > backoff.survivedMs) failures = 0
      failures += 1
      if (code === 'MAIL_LOGIN_REFUSED') refusedLogins += 1
      const needsPerson = retryOf(code) === 'person' && (code !== 'MAIL_LOGIN_REFUSED' || refusedLogins >= loginTries)
      // Companies lock an account after 5 wrong passwords, some for good: after the third only a person may cause another.
      const waitMs = needsPerson && code === 'MAIL_LOGIN_REFUSED' ? Infinity : needsPerson ? attentionMs : reconnectDelayMs(failures, random(), silences.has(code) ? backoff.mailboxMostMs : backoff.mostMs)
      return { waitMs, needsPerson, say: waitMs === Infinity ? `${sentence(say)} Tried ${refusedLogins} times and not again until the password is changed or you press ${button}, so that the account is not locked.` : say }
    },
    loggedIn: () => { refusedLogins = 0 },
    renew: () => { failures = refusedLogins = 0 },
  }
}

/** The server's own words end as they like. */
const sentence = (say: string): string => (/[.!?]$/.test(say) ? say : `${say}.`)
