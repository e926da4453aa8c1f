/**
 * Says who we are in the way the server offers: SASL (RFC 5034), USER and PASS, or APOP (RFC 1939 section 7), which keeps
 * the password off a line in clear. Whether the line may carry a password was judged before.
 */
import { createHash } from 'node:crypto'
import { fault } from '#shared/errors.ts'
import { loginName, saslOf, type SaslExchange } from '../sasl.ts'
import { cleanAnswer } from '../clean-answer.ts'
import { withoutSecret } from '../without-secret.ts'
import { readAnswer, refusalFault, type Answer } from './faults.ts'
import { mayOffer } from './offers.ts'
import type { Session } from './session.ts'

/** For use inside a turn. */
export async function logIn(session: Session): Promise<void> {
  const { account, offers } = session
  if (account.login === 'none') throw fault('MAIL_LOGIN_WANTED', { host: account.host })
  const answer = await sayWho(session)
  if (answer === null && account.login === 'oauth2') throw fault('MAIL_OAUTH_MISSING', { host: account.host })
  if (answer === null) throw fault('MAIL_LOGIN_DISABLED', { host: account.host, port: account.port })
  if (answer.ok) return
  // LOGIN-DELAY without its code, as servers older than RFC 2449 say it, can't be told from a wrong password.
  throw refusalFault(answer, account, offers.loginDelay > 0 && /delay|too (?:soon|often|frequent)/i.test(answer.text) ? 'busy' : 'login')
}

/** null: the server offers no way that we know. */
async function sayWho(session: Session): Promise<Answer | null> {
  const { account, offers } = session
  const stamp = /<[\x21-\x3b\x3d\x3f-\x7e]{1,200}@[\x21-\x3b\x3d\x3f-\x7e]{1,200}>/.exec(session.greeting)?.[0] ?? ''
  if (account.login === 'password' && !session.wire().secure && stamp !== '') {
    const digest = createHash('md5').update(stamp + account.password, 'utf8').digest('hex')
    const answer = await session.command(`APOP ${loginName(account)} ${digest}`)
    // Servers greet with a stamp although they keep no password that APOP could be reckoned from.
    if (answer.ok || answer.code !== '') return answer
  }
  const exchange = saslOf(account, [...offers.sasl])
  const isOldWay = account.login === 'password' && mayOffer(offers, 'USER') && exchange?.mechanism !== 'PLAIN'
  if (isOldWay) return userPass(session)
  return exchange === null ? null : authenticate(session, exchange)
}

async function userPass(session: Session): Promise<Answer> {
  const known = await session.command(`USER ${loginName(session.account)}`)
  return known.ok ? session.command(`PASS ${session.account.password}`) : known
}

/** A command line may have 255 octets with its end (RFC 2449 section 4); a longer first response waits to be asked for. */
const lineOctets = 255 - 2
/** LOGIN asks twice, a refusal may be one question more; who asks on is no server. */
const mostQuestions = 4

async function authenticate(session: Session, { mechanism, lines, breaker }: SaslExchange): Promise<Answer> {
  const wire = session.wire()
  const waiting = [...lines]
  const atOnce = `AUTH ${mechanism} ${lines[0] ?? ''}`
  const isOne = lines.length === 1 && atOnce.length <= lineOctets
  if (isOne) waiting.shift()
  wire.send([isOne ? atOnce : `AUTH ${mechanism}`])
  let why = ''
  for (let questions = 0; questions <= mostQuestions; questions += 1) {
    const line = await wire.line()
    if (!/^\+(?: |$)/.test(line)) {
      const answer = readAnswer(line, session.account)
      return answer.ok ? answer : { ...answer, text: `${answer.text} ${why}`.trim() }
    }
    const response = waiting.shift()
    // With one question more a server says why it takes no token, in base64.
    if (response === undefined) why = cleanAnswer(withoutSecret(Buffer.from(line.slice(2), 'base64').toString('utf8'), session.account))
    wire.send([response ?? breaker])
  }
  throw fault('MAIL_PROTOCOL', { host: session.account.host, reason: 'it does not stop asking who we are' })
}
