/** People who sign in with tokens of their own, and with whom connections are shared: what of them must survive. */
import type { Grant, Sharing } from '#shared/people.ts'

/** Somebody who signs in with a token of their own; of it only the hash is kept (SHA-256, hex). */
export interface Person { readonly name: string; readonly hash: string; readonly rights: readonly Grant[]; readonly addedAt: string }

export interface PeopleKept {
  people(): Promise<readonly Person[]>
  addPerson(person: Person): Promise<void>
  changePerson(name: string, rights: readonly Grant[]): Promise<void>
  removePerson(name: string): Promise<void>
  /** Connections that are not shared with everyone, deleted ones too: their mails are still there. */
  sharings(): Promise<ReadonlyMap<string, Sharing>>
  putSharing(connection: string, sharing: Sharing): Promise<void>
}
