/** What is used of the inside of nodemailer's SMTPConnection, whose public face tells and asks too little: private fields of the pinned 10.6.0, all of them here. The SMTP tests break when they move. */
import type SMTPConnection from 'nodemailer/lib/smtp-connection'

interface Insides {
  readonly _socket?: unknown
  readonly _supportedExtensions?: unknown
  readonly _maxAllowedSize?: unknown
  readonly _responseActions: ((answer: string) => void)[]
  readonly _sendCommand: (line: string) => void
}
const insidesOf = (connection: SMTPConnection): Insides => connection as unknown as Insides

/** The line that is written to; after STARTTLS the library's own. */
export function lineOf(connection: SMTPConnection): unknown {
  const { _socket: line } = insidesOf(connection)
  return line
}

/** What EHLO told, as it stands there: SMTPConnection itself tells extensions only after the first mail. */
export function toldOf(connection: SMTPConnection): { readonly extensions: unknown; readonly maxBytes: unknown } {
  const { _supportedExtensions: extensions, _maxAllowedSize: maxBytes } = insidesOf(connection)
  return { extensions, maxBytes }
}

/** Says one line outside of a mail; `hear` is called with the server's answer to it. */
export function sayLine(connection: SMTPConnection, line: string, hear: (answer: string) => void): void {
  const { _responseActions: actions, _sendCommand: send } = insidesOf(connection)
  actions.push(hear)
  send.call(connection, line)
}

/** What is said during the call is changed on its way. */
export function rewriting(connection: SMTPConnection, rewrite: (line: string) => string, during: () => void): void {
  const { _sendCommand: send } = insidesOf(connection)
  Object.assign(connection, { _sendCommand: (line: string) => { send.call(connection, rewrite(line)) } })
  try {
    during()
  } finally {
    Reflect.deleteProperty(connection, '_sendCommand')
  }
}
