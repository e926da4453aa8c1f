/** The write-ahead log is moved into the database beside the main loop. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { silentLog } from '#runtime/log.ts'
import { ledger } from '#runtime/limits.ts'
import { makeCheckpoints } from '#runtime/store/sqlite/checkpoint.ts'
import { openDatabase } from '#runtime/store/sqlite/database.ts'
import { dropFolder, makeFolder } from '../product.ts'
import { until } from '../until.ts'

test('[LG29] after enough commits the database file holds what the log held, without the main loop moving it', async () => {
  const folder = await makeFolder()
  const file = path.join(folder, 'ledger.sqlite')
  const db = openDatabase(file)
  const checkpoints = makeCheckpoints(file, db, silentLog)
  db.exec('CREATE TABLE note (text TEXT)')
  const add = db.prepare('INSERT INTO note VALUES (?)')
  for (let commit = 0; commit < ledger.checkpointGroups - 1; commit += 1) {
    add.run('x'.repeat(20_000))
    checkpoints.afterGroup()
  }
  expect(statSync(file).size).toBeLessThan(20_000)
  checkpoints.afterGroup()
  await until(() => statSync(file).size > 20_000 * (ledger.checkpointGroups - 1))
  // Once all of it is moved the log starts over: what comes next does not make its file longer.
  await until(() => {
    const before = statSync(`${file}-wal`).size
    add.run('y'.repeat(20_000))
    // What came while the first was moved stands behind it: the next asking takes it along.
    checkpoints.afterGroup()
    return statSync(`${file}-wal`).size === before
  })
  await checkpoints.stop()
  db.close()
  await dropFolder(folder)
})
