/** Asks a server whether it would take a mail, up to the word before its bytes: MAIL and RCPT, then RSET (RFC 5321 section 4.1.1). Nothing is sent. */
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import { fault } from '#shared/errors.ts'
import { cleanAnswer } from '../clean-answer.ts'
import type { Account } from '../mailbox.ts'
import { withoutSecret } from '../without-secret.ts'
import { ServerBusy } from './connect.ts'
import { sayLine } from './insides.ts'

/**
 * Rejects with SEND_FROM_REFUSED, SEND_TO_REFUSED or MAIL_LOGIN_WANTED, and with ServerBusy where it says "not now".
 * @param from addresses of the strict grammar alone (shared/address.ts), in ASCII
 */
export async function rehearse(connection: SMTPConnection, account: Account, from: string, to: string): Promise<void> {
  const mail = await say(connection, account, `MAIL FROM:<${from}>`)
  // 530, 534 and 538 (RFC 4954 section 6) are about the login and not about the address.
  if (/^53[048]/.test(mail)) throw fault('MAIL_LOGIN_WANTED', { host: account.host })
  judge(mail, account, 'SEND_FROM_REFUSED', from)
  judge(await say(connection, account, `RCPT TO:<${to}>`), account, 'SEND_TO_REFUSED', to)
  await say(connection, account, 'RSET')
}

function judge(answer: string, account: Account, code: 'SEND_FROM_REFUSED' | 'SEND_TO_REFUSED', address: string): void {
  if (answer.startsWith('2')) return
  const told = cleanAnswer(withoutSecret(answer, account))
  if (answer.startsWith('4')) throw new ServerBusy(told, false)
  throw fault(code, { address, answer: told }, address)
}

function say(connection: SMTPConnection, account: Account, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const onEnd = (): void => { reject(fault('MAIL_CONNECTION_LOST', { host: account.host })) }
    connection.once('end', onEnd)
    sayLine(connection, line, (answer) => {
      connection.off('end', onEnd)
      resolve(answer)
    })
  })
}
