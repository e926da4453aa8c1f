/** Brings the database to this version's layout: numbered steps, forward only, each whole or not at all, after a copy. */
import { rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { fault } from '#shared/errors.ts'
import type { Log } from '#runtime/log.ts'
import { makePrivateFile, query } from './database.ts'
import { ledger0001 } from './migrations/0001-ledger.ts'
import { ledger0002 } from './migrations/0002-opaque-uids.ts'
import { ledger0003 } from './migrations/0003-mailbox-care.ts'
import { ledger0004 } from './migrations/0004-rebinding.ts'
import { ledger0005 } from './migrations/0005-people.ts'
import { ledger0006 } from './migrations/0006-trouble.ts'
import { ledger0007 } from './migrations/0007-bounces.ts'
import { ledger0008 } from './migrations/0008-shield.ts'
import { ledger0009 } from './migrations/0009-outbox-pages.ts'
import { ledger0010 } from './migrations/0010-fetched.ts'
import { ledger0011 } from './migrations/0011-pace.ts'
import { ledger0012 } from './migrations/0012-sent-copies.ts'

/** A migration that has shipped is never edited; the n-th brings the layout from n − 1 to n. */
export const migrations: readonly string[] = [ledger0001, ledger0002, ledger0003, ledger0004, ledger0005, ledger0006, ledger0007, ledger0008, ledger0009, ledger0010, ledger0011, ledger0012]

export function migrate(db: DatabaseSync, path: string, steps: readonly string[], log: Log): void {
  const from = query<{ user_version: number }>(db, 'PRAGMA user_version').one()?.user_version ?? 0
  if (from === steps.length) return
  if (from > steps.length) throw fault('DATA_NEWER', { folder: path })
  if (from > 0) backUp(db, `${path}.before-${steps.length}`)
  for (const [index, sql] of steps.entries()) {
    if (index < from) continue
    try {
      db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`)
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
  log.info('ledger.migrated', { from, to: steps.length })
}

/** VACUUM INTO reads one consistent state, the write-ahead log included, and accepts only an empty file as its target. */
function backUp(db: DatabaseSync, target: string): void {
  rmSync(target, { force: true })
  makePrivateFile(target)
  db.prepare('VACUUM INTO ?').run(target)
}
