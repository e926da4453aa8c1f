/** The sandbox's IMAP server with faults: answers otherwise, lies, falls silent or drops the line, each exactly when asked to. */
import { systemClock } from '#runtime/clock.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { startSandboxImap } from '#runtime/sandbox/imap.ts'
import type { CommandSeen, SandboxImapOptions, Wire } from '#runtime/sandbox/imap-client.ts'
import { makeMailStore, type MailStore } from '#runtime/sandbox/mailstore.ts'
import { accountOf } from './account.ts'

export interface ImapServer {
  readonly port: number
  readonly store: MailStore
  /** Every command line that reached the server, by name. */
  readonly commands: readonly CommandSeen[]
  account(more?: Partial<Account>): Account
  stop(): Promise<void>
}
export type ImapFaults = Pick<SandboxImapOptions, 'greeting' | 'capabilities' | 'onCommand' | 'onOutput'>

const users = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`u${index}`, 'pw-canary-7f3a']))

export async function imapServer(faults: ImapFaults = {}): Promise<ImapServer> {
  const store = makeMailStore({ clock: systemClock, users, bounds: { mails: 100_000, bytes: 512 * 1024 * 1024 } })
  const commands: CommandSeen[] = []
  const server = await startSandboxImap({
    ...faults, store,
    onCommand: async (command, wire) => { commands.push(command); return await faults.onCommand?.(command, wire) ?? false },
  })
  return {
    port: server.port, store, commands,
    stop: () => server.stop(),
    account: (more = {}) => accountOf({ kind: 'imap', port: server.port, password: users['u0'] ?? '', ...more }),
  }
}

/** One FETCH row as a server would write it, with whatever the test wants to be wrong. */
export function row(sequence: number, uid: number | 'NIL', bytes: Buffer, wrong: { readonly size?: number; readonly literal?: number } = {}): Buffer {
  const head = `* ${sequence} FETCH (UID ${uid} FLAGS () INTERNALDATE "20-Nov-2026 10:00:00 +0000" RFC822.SIZE ${wrong.size ?? bytes.length} BODY[]<0> {${wrong.literal ?? bytes.length}}\r\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(')\r\n')])
}

/** The same bytes now and then for ever, so that the line never looks quiet; ends with the wire. */
export function trickle(wire: Wire, bytes: string | Buffer = '*'): void {
  const timer = setInterval(() => { if (!wire.write(bytes)) clearInterval(timer) }, 10)
}

/** Answers the n-th command of this name by itself; every other command goes on as usual. */
export function onNth(name: string, nth: number, answer: (command: CommandSeen, wire: Wire) => void | Promise<void>): (command: CommandSeen, wire: Wire) => Promise<boolean> {
  let seen = 0
  return async (command, wire) => {
    if (command.name !== name || ++seen !== nth) return false
    await answer(command, wire)
    return true
  }
}
