import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import { storeContract } from '../contracts/store.contract.ts'

storeContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mailweave-ledger-'))
  return {
    open: () => openSqliteStore(folder, { clock: systemClock, log: silentLog }),
    writer: [process.execPath, join(import.meta.dirname, 'ledger-writer.ts'), folder],
    remove: () => rm(folder, { recursive: true }),
  }
})
