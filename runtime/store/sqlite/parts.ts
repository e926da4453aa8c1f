/** What every room of the ledger is built from. */
import type { DatabaseSync } from 'node:sqlite'
import type { KeptBlobs } from '../blobs.ts'
import type { Group } from './group.ts'
import type { Keys } from './keys.ts'
import type { Tally } from './tally.ts'

export interface Parts {
  readonly db: DatabaseSync
  readonly write: Group['write']
  readonly keys: Keys
  readonly tally: Tally
  readonly blobs: KeptBlobs
}
