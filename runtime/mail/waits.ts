/** How long a connection's server is waited for, as its person chose it. */
import { answerWaits } from '../limits.ts'
import type { Account } from './mailbox.ts'

/** `connectMs`: TCP, TLS and greeting each; `answerMs`: one command's answer, and the SMTP opening up to the login. */
export const waitsOf = ({ timeoutSeconds }: Pick<Account, 'timeoutSeconds'>): { readonly connectMs: number; readonly answerMs: number } =>
  ({ connectMs: timeoutSeconds * 1000, answerMs: timeoutSeconds * 1000 * answerWaits })
