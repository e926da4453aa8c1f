/** The sandbox's POP3 server with faults: answers otherwise, lies, falls silent or drops the line, each exactly when asked to. */
import { systemClock } from '#runtime/clock.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { makeMailStore, type MailStore } from '#runtime/sandbox/mailstore.ts'
import { startSandboxPop3 } from '#runtime/sandbox/pop3.ts'
import type { SandboxPop3Options, SeenPop3Command } from '#runtime/sandbox/pop3-session.ts'
import { accountOf } from './account.ts'

export interface Pop3Server {
  readonly port: number
  readonly store: MailStore
  /** Every command that reached the server. */
  readonly commands: readonly SeenPop3Command[]
  /** Their lines, secrets and all. */
  lines(): readonly string[]
  account(more?: Partial<Account>): Account
  stop(): Promise<void>
}
export type Pop3Faults = Omit<SandboxPop3Options, 'store' | 'port'>

export const pop3Password = 'pw-canary-7f3a'
const users = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`u${index}`, pop3Password]))

export async function pop3Server(faults: Pop3Faults = {}): Promise<Pop3Server> {
  const store = makeMailStore({ clock: systemClock, users, bounds: { mails: 100_000, bytes: 512 * 1024 * 1024 } })
  const commands: SeenPop3Command[] = []
  const server = await startSandboxPop3({
    ...faults, store,
    onCommand: async (command, wire) => { commands.push(command); return await faults.onCommand?.(command, wire) ?? false },
  })
  return {
    port: server.port, store, commands,
    lines: () => commands.map((command) => command.line),
    stop: () => server.stop(),
    account: (more = {}) => accountOf({ kind: 'pop3', port: server.port, password: pop3Password, ...more }),
  }
}
