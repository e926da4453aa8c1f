/** Brings bytes that lie in scratch to the place where the ledger may name them; on a full disk it waits for room. */
import type { Raw } from '../raw.ts'
import type { Store } from '../store/store.ts'
import type { Insist } from './insist.ts'

export type KeepRaw = (raw: Raw) => Promise<Raw>
export const makeKeepRaw = ({ blobs }: Pick<Store, 'blobs'>, insist: Insist): KeepRaw =>
  (raw) => (raw.kind === 'file' ? insist.write(() => blobs.keep(raw.path, raw.sha256, raw.size)) : Promise.resolve(raw))
