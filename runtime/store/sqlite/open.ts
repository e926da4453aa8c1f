/** Opens the ledger of a data folder: alone on it, brought to this version's layout, ready for its first write. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#runtime/clock.ts'
import { inlineBytes } from '#runtime/limits.ts'
import type { Log } from '#runtime/log.ts'
import { makeBlobs } from '../blobs.ts'
import type { Store } from '../store.ts'
import { makeCheckpoints } from './checkpoint.ts'
import { makeConnections } from './connections.ts'
import { openDatabase } from './database.ts'
import { makeFlowCounts } from './flow-counts.ts'
import { makeFlows } from './flows.ts'
import { makeGroup } from './group.ts'
import { makeHistory } from './history.ts'
import { makeKeys } from './keys.ts'
import { lockFolder } from './lock.ts'
import { makeMailboxCare } from './mailbox-care.ts'
import { migrate, migrations } from './migrate.ts'
import { makeOutbox } from './outbox.ts'
import { makeOutboxHistory } from './outbox-history.ts'
import type { Parts } from './parts.ts'
import { makePeople } from './people.ts'
import { makePrune } from './prune.ts'
import { makeRebinding } from './rebinding.ts'
import { makeReceiving } from './receiving.ts'
import { makeRecover } from './recover.ts'
import { makeReports } from './reports.ts'
import { makeRunning } from './running.ts'
import { makeSentCopies } from './sent-copies.ts'
import { makeSettling } from './settling.ts'
import { makeShieldRooms } from './shield.ts'
import { faultOf } from './sqlite-faults.ts'
import { makeTally } from './tally.ts'
import { makeTroubles } from './troubles.ts'
import { makeWalSync } from './wal-sync.ts'

/** Rejects with DATA_IN_USE, DATA_NEWER or DISK_FULL. */
export async function openSqliteStore(folder: string, { clock, log }: { readonly clock: Clock; readonly log: Log }): Promise<Store> {
  try {
    return open(folder, clock, log)
  } catch (error) {
    throw faultOf(error)
  }
}

function open(folder: string, clock: Clock, log: Log): Store {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Mails lie in here: nobody else on this machine has a business in it, even when the folder was there before.
  chmodSync(folder, 0o700)
  const unlock = lockFolder(folder)
  try {
    return openLocked(folder, clock, log, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

function openLocked(folder: string, clock: Clock, log: Log, unlock: () => void): Store {
  const startedMs = clock.steadyMs()
  const path = join(folder, 'ledger.sqlite')
  const db = openDatabase(path)
  try {
    migrate(db, path, migrations, log)
  } catch (error) {
    db.close()
    throw error
  }
  const keys = makeKeys(db)
  const tally = makeTally(db)
  const checkpoints = makeCheckpoints(path, db, log)
  const walSync = makeWalSync(path)
  const group = makeGroup(db, walSync.sync, {
    beforeCommit: tally.flush, afterRollback: () => { tally.clear(); keys.forget() }, afterGroup: checkpoints.afterGroup,
    diskBroken: (error) => {
      log.error('ledger.disk-broken', { reason: String(error) })
      // Out of every promise, so that nothing can catch it and go on.
      setImmediate(() => { throw error })
    },
  }, log)
  const parts: Parts = { db, keys, tally, write: group.write, blobs: makeBlobs(join(folder, 'blobs'), inlineBytes) }
  const { addCopy, ...copies } = makeSentCopies(parts)
  const { add, ...outbox } = makeOutbox(parts, addCopy)
  log.info('ledger.open', { folder, ms: Math.round(clock.steadyMs() - startedMs) })
  return {
    ...makeFlows(parts), ...makeFlowCounts(parts), ...makeConnections(parts), ...makePeople(parts),
    ...makeReceiving(parts), ...makeRebinding(parts), ...makeRunning(parts, { add }, makeReports(parts)), ...outbox, ...copies, ...makeRecover(parts), ...makeSettling(parts), ...makeMailboxCare(parts), ...makeTroubles(parts), ...makeShieldRooms(parts),
    ...makeHistory(parts), ...makeOutboxHistory(parts), ...makePrune(parts),
    blobs: parts.blobs,
    close: async () => {
      await group.close()
      await checkpoints.stop()
      walSync.close()
      db.close()
      unlock()
    },
  }
}
