/** The sandbox's mail: users with folders, all in memory and bounded; the oldest mail gives way when a folder is full. */
import type { Clock } from '../clock.ts'

export interface StoredMail {
  readonly uid: number
  readonly flags: Set<string>
  /** ISO. */
  readonly receivedAt: string
  readonly bytes: Buffer
}
export interface MailFolder {
  readonly path: string
  /** Special use (RFC 6154), e.g. \Sent; '' for none. */
  readonly use: string
  readonly uidValidity: number
  uidNext: number
  /** Ascending by UID. */
  readonly mails: StoredMail[]
}
export interface MailStore {
  /** Whether this is the user's password. */
  knows(user: string, password: string): boolean
  folders(user: string): readonly MailFolder[]
  folder(user: string, path: string): MailFolder | undefined
  /** Makes the folder, or returns the one that is there. */
  makeFolder(user: string, path: string): MailFolder
  /** Puts a mail into the folder (INBOX by default) and returns its UID. */
  deliver(user: string, bytes: Uint8Array, to?: { readonly folder?: string; readonly flags?: readonly string[]; readonly receivedAt?: string }): number
  remove(user: string, folder: MailFolder, uids: ReadonlySet<number>): void
  /** Somebody set or took flags of this mail. */
  flagged(folder: MailFolder, mail: StoredMail): void
  /** Called after each change of a folder, or of one mail's flags; returns the way to stop listening. */
  onChange(listener: (folder: MailFolder, flagged?: StoredMail) => void): () => void
}

/** Folder bounds: the sandbox is a toy that must never fill the memory of the machine it is tried on. */
const bounds = { mails: 5000, bytes: 64 * 1024 * 1024 }
const usual: readonly (readonly [string, string])[] = [['INBOX', ''], ['Sent', '\\Sent'], ['Archive', '\\Archive'], ['Trash', '\\Trash']]

/** INBOX is the one name without case (RFC 3501 section 5.1). */
const nameOf = (path: string): string => (/^inbox$/i.test(path) ? 'INBOX' : path)

export interface MailStoreOptions {
  readonly clock: Clock
  readonly users: Readonly<Record<string, string>>
  readonly bounds?: { readonly mails: number; readonly bytes: number }
  /** The same UIDVALIDITY at every start with UIDs that only rise: whoever remembers the last start's mails is not misled by this one's. */
  readonly numbering?: { readonly uidValidity: number; readonly firstUid: number }
}

export function makeMailStore(options: MailStoreOptions): MailStore {
  const { clock, users } = options
  const most = options.bounds ?? bounds
  const accounts = new Map<string, Map<string, MailFolder>>()
  const listeners = new Set<(folder: MailFolder, flagged?: StoredMail) => void>()
  const sizes = new Map<MailFolder, number>()
  // Two folders of one name, deleted and made again, must differ: so the number counts up over all folders.
  let lastValidity = Math.floor(Date.parse(clock.now()) / 1000)

  const newFolder = (path: string, use: string): MailFolder =>
    ({ path, use, uidValidity: options.numbering?.uidValidity ?? ++lastValidity, uidNext: options.numbering?.firstUid ?? 1, mails: [] })
  const foldersOf = (user: string): Map<string, MailFolder> => {
    let folders = accounts.get(user)
    if (folders === undefined) accounts.set(user, folders = new Map(usual.map(([path, use]) => [path, newFolder(path, use)])))
    return folders
  }
  const changed = (folder: MailFolder): void => { for (const listener of listeners) listener(folder) }
  const makeFolder = (user: string, path: string): MailFolder => {
    const folders = foldersOf(user)
    const there = folders.get(nameOf(path))
    if (there !== undefined) return there
    const made = newFolder(path, '')
    folders.set(path, made)
    return made
  }

  return {
    knows: (user, password) => Object.hasOwn(users, user) && users[user] === password,
    folders: (user) => [...foldersOf(user).values()],
    folder: (user, path) => foldersOf(user).get(nameOf(path)),
    makeFolder,
    deliver: (user, bytes, to = {}) => {
      const folder = makeFolder(user, to.folder ?? 'INBOX')
      const uid = folder.uidNext++
      folder.mails.push({ uid, flags: new Set(to.flags), receivedAt: to.receivedAt ?? clock.now(), bytes: Buffer.from(bytes) })
      let size = (sizes.get(folder) ?? 0) + bytes.byteLength
      while (folder.mails.length > 1 && (folder.mails.length > most.mails || size > most.bytes)) size -= folder.mails.shift()?.bytes.length ?? 0
      sizes.set(folder, size)
      changed(folder)
      return uid
    },
    remove: (_, folder, uids) => {
      const left = folder.mails.filter((mail) => !uids.has(mail.uid))
      if (left.length === folder.mails.length) return
      folder.mails.length = 0
      for (const mail of left) folder.mails.push(mail)
      sizes.set(folder, left.reduce((sum, mail) => sum + mail.bytes.length, 0))
      changed(folder)
    },
    flagged: (folder, mail) => { for (const listener of listeners) listener(folder, mail) },
    onChange: (listener) => { listeners.add(listener); return () => { listeners.delete(listener) } },
  }
}
