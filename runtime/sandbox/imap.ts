/** The sandbox's IMAP server (RFC 3501 with IDLE, UIDPLUS, MOVE, SPECIAL-USE): for loopback alone, over mail in memory. */
import type { SandboxImapOptions } from './imap-client.ts'
import { serveConnection } from './imap-session.ts'
import { listenOnLoopback, type LoopbackServer } from './loopback.ts'

export const startSandboxImap = (options: SandboxImapOptions): Promise<LoopbackServer> =>
  listenOnLoopback((socket, connection) => { serveConnection(socket, connection, options) }, options)
