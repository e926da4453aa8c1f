/** Bytes of mails on their way through the house, and the place where large ones lie. */

/** Raw bytes: small ones travel in memory and lie in the database, large ones are a file of the blob store. */
export type Raw =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly size: number; readonly sha256: string }
export const sizeOfRaw = (raw: Raw): number => (raw.kind === 'bytes' ? raw.bytes.byteLength : raw.size)

/** Where mails too large for memory are written to while they arrive or are composed. */
export interface Spool {
  /** Bytes above this size become files. */
  readonly inlineLimit: number
  /** A path for a new file in the blob store's own folder, so that keeping it is a rename. */
  scratch(): string
  /** fsync, rename into place, fsync the folder. Returns the stored raw. */
  keep(path: string, sha256: string, size: number): Promise<Raw>
}

/** Large bytes as files, named by their sha256, written beside and renamed into place after fsync. */
export interface Blobs extends Spool {
  /** The folder of scratch files, emptied at start. */
  readonly scratchFolder: string
  read(raw: Raw): AsyncIterable<Uint8Array>
  /** Whole bytes; refuses above `limit` bytes. */
  bytes(raw: Raw, limit: number): Promise<Uint8Array>
}
