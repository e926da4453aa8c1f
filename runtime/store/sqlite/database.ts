/** Opens the SQLite file with the settings that the promise rests on, and gives statements that are prepared once. */
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { ledger } from '#runtime/limits.ts'

/** A prepared statement with the shape of its rows. */
export interface Query<Row> {
  one(...values: readonly SQLInputValue[]): Row | undefined
  all(...values: readonly SQLInputValue[]): Row[]
  /** Values by name, for a statement that uses one more than once. */
  named(values: Readonly<Record<string, SQLInputValue>>): Row[]
  /** Lazy; finish or leave the loop before writing. */
  each(...values: readonly SQLInputValue[]): Iterable<Row>
}

// The casts below are the only ones: a statement's columns are written in the same line as its row type.
export function query<Row>(db: DatabaseSync, sql: string): Query<Row> {
  const statement = db.prepare(sql)
  return {
    one: (...values) => statement.get(...values) as Row | undefined,
    all: (...values) => statement.all(...values) as Row[],
    named: (values) => statement.all(values) as Row[],
    each: (...values) => statement.iterate(...values) as Iterable<Row>,
  }
}

export const command = (db: DatabaseSync, sql: string): StatementSync => db.prepare(sql)

/**
 * SQLite gives the -wal and -shm files the mode of the database, so it is made beforehand for its owner alone. A file
 * that is there is never opened: closing it would drop every POSIX lock this process has on it (fcntl(2)).
 */
export function makePrivateFile(path: string): void {
  if (existsSync(path)) chmodSync(path, 0o600)
  else closeSync(openSync(path, 'wx', 0o600))
}

export function openDatabase(path: string): DatabaseSync {
  makePrivateFile(path)
  const db = new DatabaseSync(path, { timeout: ledger.busyMs, enableForeignKeyConstraints: true })
  // NORMAL: a commit stands in the log, which group.ts brings to the disk before it tells anybody (wal-sync.ts). Without
  // that, acknowledged rows are lost at power loss, 15 of 3,000 in one measured trial (reliability 1.7). OFF would also
  // leave out the sync of a log that starts over, and a power loss then may mix two logs. fullfsync: on macOS a plain
  // fsync does not reach the disk.
  db.exec(`
    PRAGMA page_size = ${ledger.pageBytes};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA fullfsync = ON;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${ledger.walKeepBytes};
    PRAGMA cache_size = -${ledger.cacheKb};
    PRAGMA temp_store = MEMORY;
  `)
  return db
}
