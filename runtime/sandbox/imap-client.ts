/** What the session and the commands of the sandbox's IMAP server know of one client. */
import type { Part } from './imap-fetch.ts'
import type { MailFolder, MailStore, StoredMail } from './mailstore.ts'

/** What the client has opened: the folder, and the mails in the order this client counts them. */
export interface Selected { readonly folder: MailFolder; readonly readOnly: boolean; view: readonly StoredMail[] }
export interface ImapClient {
  readonly store: MailStore
  readonly capabilities: readonly string[]
  user: string | null
  selected: Selected | null
  /** Mails whose flags others changed, of which the client has not been told. */
  readonly flagged: Set<StoredMail>
  send(...parts: readonly Part[]): Promise<void>
  /** Asks the client for one more line, as AUTHENTICATE and IDLE do. */
  nextLine(): Promise<string>
  /** Tells what came and went since the client was last told; it may not be called where numbers are in use (RFC 3501 section 7.4.1). */
  tellChanges(): Promise<void>
}

/** What a test may see of a command, and do instead of the server. */
export interface CommandSeen { readonly connection: number; readonly tag: string; readonly name: string; readonly line: string }
export interface Wire { /** false when the client is gone. */ write(bytes: string | Uint8Array): boolean; drop(): void }
export interface SandboxImapOptions {
  readonly store: MailStore
  readonly port?: number
  /** At once; 200 unless told. */
  readonly connections?: number
  /** The first line; null says nothing at all. */
  readonly greeting?: string | null
  readonly capabilities?: readonly string[]
  /** Sees every command first; `true` means that it has been answered (or never will be). */
  readonly onCommand?: (command: CommandSeen, wire: Wire) => boolean | Promise<boolean>
  /** May change what the server is about to write. */
  readonly onOutput?: (bytes: Buffer) => Buffer
}
