/**
 * The one catalogue of everything that can go wrong: a stable code, whether trying again helps, and what to say to
 * the person, in plain words with the fix. `{holes}` are filled from the fault's facts. docs/errors.md lists the same
 * codes; a test holds the two together and fails on a code that nothing uses.
 */

/** never: the same will happen again. later: by itself, with backoff. rescan: after reading again. person: someone must act. */
export type RetryClass = 'never' | 'later' | 'rescan' | 'person'
export interface ErrorSpec {
  readonly retry: RetryClass
  readonly say: string
}

export const errors = {
  // --- reaching a mail server
  MAIL_HOST_UNKNOWN: { retry: 'later', say: 'There is no server named {host}. Check the host name for a typing mistake.' },
  MAIL_HOST_LOOKUP: { retry: 'later', say: 'The name {host} could not be looked up: the name server (DNS) gives no answer. Check the network of this machine.' },
  MAIL_UNREACHABLE: { retry: 'later', say: 'No answer from {host}:{port}. Check host and port, and whether a firewall is in the way.' },
  MAIL_PORT_REFUSED: { retry: 'later', say: '{host} is there, but nothing listens on port {port}. Check the port.' },
  MAIL_TLS_EXPECTED: { retry: 'person', say: '{host}:{port} does not speak TLS from the start. Choose STARTTLS, or the port for TLS (usually {usualPort}).' },
  MAIL_TLS_FROM_START: { retry: 'person', say: '{host}:{port} speaks TLS from the start. Choose TLS as the security of this connection.' },
  MAIL_TLS_FAILED: { retry: 'person', say: 'The secure connection to {host}:{port} failed: {reason}.' },
  MAIL_CERTIFICATE_UNTRUSTED: { retry: 'person', say: 'The certificate of {host} is not signed by an authority this machine trusts. Paste the server\'s certificate into the connection if it is your own server.' },
  MAIL_CERTIFICATE_NAME: { retry: 'person', say: 'The certificate shown by {host} was made for {names}. Use that name as the host.' },
  MAIL_CERTIFICATE_EXPIRED: { retry: 'person', say: 'The certificate of {host} expired on {date}. The server\'s owner must renew it.' },
  MAIL_CERTIFICATE_EARLY: { retry: 'person', say: 'The certificate of {host} is valid only from {date} on. Check the clocks of both machines.' },
  MAIL_CERTIFICATE_CHANGED: { retry: 'person', say: '{host} shows another certificate than the one this connection trusts; the password was not sent. Its fingerprint (SHA-256) is {fingerprint}. Ask the server\'s owner whether it was renewed, then check the connection and trust the new one.' },
  MAIL_TLS_SETTING: { retry: 'person', say: 'The TLS settings of this connection can\'t be used: {reason}.' },
  MAIL_STARTTLS_MISSING: { retry: 'person', say: '{host}:{port} does not offer STARTTLS, so the password was not sent. Choose TLS or another port.' },
  MAIL_LOGIN_REFUSED: { retry: 'person', say: 'The server refused this user name or password. It said: {answer}' },
  MAIL_TOKEN_REFUSED: { retry: 'person', say: 'The mail server did not accept the sign-in of {user}. Check that this account may use the mailbox, then sign in again. It said: {answer}' },
  MAIL_OAUTH_MISSING: { retry: 'person', say: '{host} offers no login by OAuth2 on this connection. Choose a password, or another server.' },
  MAIL_LOGIN_WANTED: { retry: 'person', say: '{host} wants a login, and this connection has none. Choose a password or OAuth2.' },
  MAIL_LOGIN_DISABLED: { retry: 'person', say: 'The server does not accept a login on this connection. Choose TLS or STARTTLS.' },
  MAIL_HOST_FORBIDDEN: { retry: 'person', say: 'Connections to {host} are not allowed here. Ask the administrator to list the host.' },
  MAIL_FOLDER_MISSING: { retry: 'person', say: 'There is no folder named {folder} in this mailbox. Choose it again.' },
  MAIL_UID_RESET: { retry: 'person', say: '{folder} was rebuilt or exchanged on the server, and too few of the mails that ran are in it to tell old mail from new. Stop the flow and deploy it again to go on with mail that arrives from now on.' },
  MAIL_PROTOCOL: { retry: 'later', say: '{host} answered in a way that no mail server should: {reason}.' },
  MAIL_BUSY: { retry: 'later', say: '{host} does not serve this mailbox right now. It said: {answer}' },
  MAIL_IN_USE: { retry: 'later', say: 'Another program is collecting this mailbox at {host} right now, and POP3 lets in one at a time. The server said: {answer}' },
  MAIL_LOGIN_DELAY: { retry: 'later', say: '{host} wants a longer pause between two logins; look less often. It said: {answer}' },
  MAIL_ACCOUNT_BROKEN: { retry: 'person', say: '{host} can\'t serve this mailbox until its administrator has mended it. It said: {answer}' },
  MAIL_CONNECTION_LOST: { retry: 'later', say: 'The connection to {host} broke off.' },
  MAIL_TIMEOUT: { retry: 'later', say: '{host} did not answer within {seconds} seconds.' },
  MAIL_DEAF: { retry: 'later', say: 'No look into {folder} went well for {minutes} minutes, although the line seemed to be open. The line was closed and is made anew.' },
  MAILBOX_NOT_FOUND: { retry: 'never', say: 'No mailbox {folder} of {connection} is being watched.' },
  MAILBOX_PAUSED: { retry: 'person', say: '{folder} of {connection} is paused. Resume it first.' },
  MAIL_GONE: { retry: 'never', say: 'The mail is no longer in {folder}.' },
  MAIL_ACTION_REFUSED: { retry: 'later', say: 'The server refused to {action} the mail: {answer}' },
  MAIL_TOO_LARGE: { retry: 'never', say: 'The mail has {size} and the limit is {limit}. It stays in the mailbox untouched.' },
  MAIL_UNREADABLE: { retry: 'never', say: 'The mail could not be taken apart: {reason}. Its bytes are kept.' },
  MAIL_NOT_FOUND: { retry: 'never', say: 'There is no such mail in {folder}: {mail}.' },
  MAIL_RENUMBERED: { retry: 'never', say: '{folder} was rebuilt on the server meanwhile, so its mails have other numbers now. Run it again.' },
  ACTION_EMPTY: { retry: 'never', say: '"{field}" comes out empty for this mail, so the mailbox was not asked.' },
  // --- sending
  SEND_NO_RECIPIENT: { retry: 'never', say: 'There is nobody to send to: "To", "Cc" and "Bcc" are all empty for this mail.' },
  SEND_BAD_ADDRESS: { retry: 'never', say: '"{address}" in {field} is not a mail address.' },
  SEND_SEVERAL_ADDRESSES: { retry: 'never', say: '"{address}" in {field} holds several addresses, but a text from a mail stands for one. Let "Addresses only" make a list of it first.' },
  SEND_NO_FROM: { retry: 'never', say: 'Send Email has no "From" address.' },
  SEND_BAD_HEADER: { retry: 'never', say: 'The header {name} may not be set by a flow.' },
  SEND_BAD_LINK: { retry: 'never', say: '"{link}" in "Unsubscribe links" is no link like https://example.org/leave or mailto:leave@example.org.' },
  SEND_FROM_REFUSED: { retry: 'person', say: 'The server takes no mail from {address} by this login. It said: {answer}' },
  SEND_TO_REFUSED: { retry: 'person', say: 'The server would not take a mail to {address}. It said: {answer}' },
  DKIM_KEY_MISSING: { retry: 'person', say: 'There is no key to sign with yet. Put one into "Private key", or sign nothing.' },
  DKIM_KEY_UNREADABLE: { retry: 'person', say: 'This private key can\'t sign mail: {reason}.' },
  SEND_REFUSED: { retry: 'never', say: 'The server refused the mail: {answer}' },
  SEND_RECIPIENTS_REFUSED: { retry: 'never', say: 'The server refused {count} of {total} recipients: {answer}' },
  SEND_DEFERRED: { retry: 'later', say: 'The server asked to try again later: {answer}' },
  SEND_UNKNOWN: { retry: 'person', say: 'The mail was handed over, but no answer came back: it may or may not have been sent.' },
  SEND_GAVE_UP: { retry: 'never', say: 'Not accepted within {hours} hours; the last answer was: {answer}' },
  SEND_GIVEN_UP: { retry: 'never', say: 'A person gave up on {count} of {total} recipients, who don\'t get this mail. {answer}' },
  SEND_SERVER_BUSY: { retry: 'later', say: 'The mail server takes no mail right now. It said: {answer}' },
  SEND_LIMIT: { retry: 'later', say: 'Waits for the limit of {limit} of this {whose}.' },
  SEND_QUIET: { retry: 'later', say: 'Waits for the end of its flow\'s quiet hours.' },
  SEND_DELAYED: { retry: 'later', say: 'Waits for its time, as its flow says.' },
  SEND_PROBE_FAILED: { retry: 'later', say: 'Could not look into {folder} to see whether the mail was sent: {reason}' },
  SEND_BOUNCED: { retry: 'never', say: 'Sent, and then it came back from {whom}: {answer}' },
  SEND_LOOP: { retry: 'never', say: 'Not sent: {reason}.' },
  SEND_CAME_BACK: { retry: 'never', say: 'Not sent: this mail was sent by this same flow and came back.' },
  SEND_NOT_ALLOWED: { retry: 'never', say: 'Not sent: {address} is not among those to whom this flow may write. Add the address or its domain to the list in the flow\'s safety settings.' },
  SEND_PAUSED: { retry: 'person', say: 'The flow is paused.' },
  SEND_FIRST_LOOK: { retry: 'person', say: 'The first {count} mails of version {version} wait for a look.' },
  SEND_PING_PONG: { retry: 'person', say: 'The flow is paused: {address} answers each of its mails at once, as a machine does, and both would go on for ever.' },
  SEND_BUDGET: { retry: 'person', say: 'The flow is paused: it has sent {count} mails {what}, and {limit} are allowed.' },
  SEND_HELD: { retry: 'person', say: '{reason} It waits in the outbox until somebody lets it go.' },
  SEND_DISCARDED: { retry: 'never', say: 'Not sent: a person looked at this mail and discarded it.' },
  SEND_NOT_ANSWERABLE: { retry: 'never', say: 'This mail can\'t be answered: {reason}.' },
  SEND_NO_MAIL: { retry: 'never', say: 'There is no mail to answer or to send on: {reason}.' },
  SEND_ATTACHMENT_MISSING: { retry: 'never', say: 'The attachment {name} is not one of this mail\'s attachments.' },
  SEND_TOO_LARGE: { retry: 'never', say: 'The mail would have {size} as it is sent, and this step allows {limit}. Leave files out under "Attachments", or allow more.' },
  // --- flows and runs
  FLOW_NOT_JSON: { retry: 'never', say: 'This is not a flow file: {reason}' },
  FLOW_FORMAT: { retry: 'never', say: 'The flow file is of format {format}; this version reads up to {known}.' },
  FLOW_NOT_FOUND: { retry: 'never', say: 'There is no flow named {id}.' },
  FLOW_HAS_PROBLEMS: { retry: 'person', say: 'The flow can\'t be deployed yet: {problems}' },
  FLOW_CHANGED_MEANWHILE: { retry: 'person', say: 'Someone else saved this flow meanwhile. Load it again, or save yours under another name.' },
  RUN_NOT_FOUND: { retry: 'never', say: 'There is no run {id}.' },
  RUN_QUARANTINED: { retry: 'person', say: 'This mail stopped the program {attempts} times, so it was put aside. Its bytes are kept.' },
  RUN_BYTES_DROPPED: { retry: 'never', say: 'The bytes of this mail are not kept here: they were too many, or their time is over. It can\'t run again.' },
  RUN_STEP_FAILED: { retry: 'never', say: '{reason}' },
  MAP_EXPRESSION: { retry: 'never', say: 'The expression for "{field}" failed: {reason}' },
  MAP_LIMIT: { retry: 'never', say: 'The expression for "{field}" took too much {what} and was stopped.' },
  // --- connections, login, API
  CONNECTION_NOT_FOUND: { retry: 'never', say: 'There is no connection named {id}.' },
  CONNECTION_NOT_SHARED: { retry: 'person', say: 'The connection {id} is not shared with you. {who} can share it.' },
  CONNECTION_IN_USE: { retry: 'person', say: 'The connection is used by {flows}. Choose another one there first.' },
  CONNECTION_PASSWORD_AGAIN: { retry: 'person', say: 'Type the password again: host, port, user or security changed.' },
  CONNECTION_SECRET_AGAIN: { retry: 'person', say: 'Type the client secret again: the mail server, the token address or the app changed.' },
  SIGN_IN_AGAIN: { retry: 'person', say: 'Sign in again: no valid sign-in is kept for {user}.' },
  SIGN_IN_REFUSED: { retry: 'person', say: '{host} refused the sign-in. It said: {answer}' },
  SIGN_IN_UNAVAILABLE: { retry: 'later', say: '{host}, which gives out the sign-in, does not answer as it should: {reason}.' },
  SIGN_IN_OVER: { retry: 'person', say: 'This sign-in is over: it was used already, took too long, or its connection was changed. Start it again from the connection.' },
  CONNECTION_KIND: { retry: 'person', say: '{id} can\'t be used here: {reason}.' },
  KEYS_UNREADABLE: { retry: 'person', say: 'The keys of the saved passwords can\'t be read: {reason}.' },
  SECRET_UNREADABLE: { retry: 'person', say: 'The saved password of {id} can\'t be read with this key file. Type it again.' },
  PERSON_NOT_FOUND: { retry: 'never', say: 'There is nobody named {name} here.' },
  PERSON_EXISTS: { retry: 'never', say: 'There is already somebody named {name}. Choose another name, or remove them first.' },
  API_BAD_REQUEST: { retry: 'never', say: '{reason}' },
  API_NOT_FOUND: { retry: 'never', say: 'There is nothing at {path}.' },
  API_SIGN_IN: { retry: 'person', say: 'Sign in first: open the link that "mailweave serve" printed.' },
  API_FORBIDDEN: { retry: 'never', say: 'This is not allowed: {reason}.' },
  API_TOO_MANY: { retry: 'later', say: 'Too many tries. Wait {seconds} seconds.' },
  // --- the machine
  DISK_FULL: { retry: 'later', say: 'The disk is full, so no new mail is fetched. It stays in the mailbox; free some space and it goes on by itself.' },
  DATA_IN_USE: { retry: 'person', say: 'Another Mailweave is running on {folder} (process {pid}). Stop it first or choose another --data folder.' },
  DATA_NEWER: { retry: 'person', say: 'The data in {folder} was written by a newer Mailweave. Start that version, or choose another --data folder.' },
  PORT_IN_USE: { retry: 'person', say: 'Port {port} is taken by another program. Choose another with --port.' },
  NOT_REACHABLE_HERE: { retry: 'person', say: 'No Mailweave answers at {url}. Start it with "mailweave serve", or name it with --url.' },
  INTERNAL: { retry: 'later', say: 'Something in Mailweave itself went wrong; the log names it ({reason}).' },
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof errors
export type Facts = Readonly<Record<string, string | number>>

/** What is stored, shown and sent over the API of a fault: no stack, no secret. */
export interface Problem {
  readonly code: ErrorCode
  readonly say: string
  /** Where it happened, in the person's terms: a node id, a field, a folder; '' when it is about the whole. */
  readonly where: string
}

/** A catalogue error on its way up. Libraries' errors become faults in the adapters and nowhere else. */
export class Fault extends Error {
  readonly code: ErrorCode
  readonly facts: Facts
  readonly where: string
  constructor(code: ErrorCode, facts: Facts = {}, where = '', cause?: unknown) {
    super(sayError(code, facts), cause === undefined ? undefined : { cause })
    this.name = 'Fault'
    this.code = code
    this.facts = facts
    this.where = where
  }
}

export const fault = (code: ErrorCode, facts: Facts = {}, where = '', cause?: unknown): Fault =>
  new Fault(code, facts, where, cause)

export const retryOf = (code: ErrorCode): RetryClass => errors[code].retry

/** The catalogue's sentence with its holes filled; a missing fact reads as an empty word, never as `{hole}`. */
export function sayError(code: ErrorCode, facts: Facts = {}): string {
  return errors[code].say.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? '')).trim()
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Fault) return { code: error.code, say: error.message, where: error.where }
  const reason = error instanceof Error ? error.message : String(error)
  return { code: 'INTERNAL', say: sayError('INTERNAL', { reason }), where: '' }
}
