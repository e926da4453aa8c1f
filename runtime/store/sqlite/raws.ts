/** Where raw bytes lie: in the row, in a file of the blob store, or nowhere any more. */
import { fault } from '#shared/errors.ts'
import type { KeptBlobs } from '../blobs.ts'
import { type Raw, sizeOfRaw } from '#runtime/raw.ts'

export type Place = 'row' | 'file' | 'dropped'
export interface RawColumns { readonly place: Place; readonly bytes: Uint8Array | null; readonly sha256: string; readonly size: number }

/** Refuses a file that was not kept: a row must never name bytes that are not on the disk. */
export function columnsOf(raw: Raw, sha256: string, blobs: KeptBlobs): RawColumns {
  if (raw.kind === 'bytes') return { place: 'row', bytes: raw.bytes, sha256, size: raw.bytes.byteLength }
  if (raw.path !== blobs.pathOf(raw.sha256)) throw fault('INTERNAL', { reason: 'a file was handed to the ledger before it was kept' })
  return { place: 'file', bytes: null, sha256: raw.sha256, size: sizeOfRaw(raw) }
}

export function rawOf({ place, bytes, sha256, size }: RawColumns, blobs: KeptBlobs): Raw | null {
  if (place === 'dropped') return null
  return place === 'file' ? { kind: 'file', path: blobs.pathOf(sha256), size, sha256 } : { kind: 'bytes', bytes: bytes ?? new Uint8Array() }
}
