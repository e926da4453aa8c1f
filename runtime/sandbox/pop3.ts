/** The sandbox's POP3 server (RFC 1939, 2449, 2595, 5034): for loopback alone, over the same mail in memory as the IMAP one. */
import { listenOnLoopback, type LoopbackServer } from './loopback.ts'
import { servePop3, type SandboxPop3Options } from './pop3-session.ts'

export const startSandboxPop3 = (options: SandboxPop3Options): Promise<LoopbackServer> =>
  listenOnLoopback((socket, connection) => { servePop3(socket, connection, options) }, { port: options.port })
