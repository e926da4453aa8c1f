/** The sandbox's SMTP server: takes what flows send, for loopback alone, and hands it over whole; nothing goes any further. */
import { SMTPServer } from 'smtp-server'
import type { SMTPServerDataStream } from 'smtp-server'
import { isLoopback } from './loopback.ts'

export interface SandboxEnvelope { readonly from: string; readonly to: readonly string[] }
export interface SandboxSmtpOptions {
  /** The mail is answered with 250 once this returned; when it throws, with 451. */
  readonly onMail: (envelope: SandboxEnvelope, bytes: Uint8Array) => void
  /** Whether this is the user's password; left out, everybody may send, with or without a login. */
  readonly knows?: (user: string, password: string) => boolean
  /** 0 or left out: chosen by the system. */
  readonly port?: number
}
export interface SandboxSmtp { readonly port: number; stop(): Promise<void> }

/** The size that most providers take (Gmail 25 MB of attachments, 35 MB as base64). */
const mostBytes = 36 * 1024 * 1024
/** More connections than a person trying things out could open; together with mostBytes it bounds the memory. */
const mostSessions = 20

export async function startSandboxSmtp(options: SandboxSmtpOptions): Promise<SandboxSmtp> {
  const { knows } = options
  const server = new SMTPServer({
    name: 'sandbox.example',
    banner: 'Mailweave sandbox',
    size: mostBytes,
    maxClients: mostSessions,
    disabledCommands: ['STARTTLS'],
    authOptional: knows === undefined,
    allowInsecureAuth: true,
    authMethods: ['PLAIN', 'LOGIN'],
    disableReverseLookup: true,
    closeTimeout: 500,
    logger: false,
    // Listening on loopback already keeps others out; a proxy or a mistaken bind must not open the door again.
    onConnect: (session, done) => { done(isLoopback(session.remoteAddress) ? null : new Error('The sandbox is for this machine alone')) },
    onAuth: ({ username, password }, _session, done) => {
      if (knows === undefined || knows(username ?? '', password ?? '')) done(null, { user: username ?? 'sandbox' })
      else done(answer(535, '5.7.8 The user name or the password is wrong'))
    },
    onData: (stream, session, done) => {
      const { mailFrom, rcptTo } = session.envelope
      const envelope = { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map((one) => one.address) }
      collect(stream).then((bytes) => {
        if (bytes === null) { done(answer(552, `5.3.4 The sandbox takes mails up to ${mostBytes / 1024 / 1024} MB`)); return }
        options.onMail(envelope, bytes)
        done(null, '2.0.0 Kept by the sandbox')
      }).catch(() => { done(answer(451, '4.3.0 The sandbox could not keep this mail')) })
    },
  })
  // Broken lines of clients are their own affair; without a listener one would stop the process.
  server.on('error', () => {})
  const listening = await new Promise<ReturnType<SMTPServer['listen']>>((resolve, reject) => {
    const net = server.listen({ port: options.port ?? 0, host: '127.0.0.1' }, () => { resolve(net) })
    server.once('error', reject)
  })
  const address = listening.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: () => new Promise((resolve) => { server.close(() => { resolve() }) }),
  }
}

/** null when the mail is too large; the stream is read to its end all the same, so that the session stays in step. */
async function collect(stream: SMTPServerDataStream): Promise<Uint8Array | null> {
  let pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of stream) {
    // A byte stream without an encoding gives Buffers only.
    const bytes = piece as Uint8Array
    size += bytes.byteLength
    if (size <= mostBytes) pieces.push(bytes)
    else pieces = []
  }
  return size > mostBytes ? null : Buffer.concat(pieces)
}

const answer = (responseCode: number, text: string): Error => Object.assign(new Error(text), { responseCode })
