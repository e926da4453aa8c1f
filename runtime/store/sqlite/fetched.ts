/** The bytes of mails that runs have fetched; a run that is computed needs them no more. */
import { hash } from 'node:crypto'
import type { Raw } from '#runtime/raw.ts'
import { command, query } from './database.ts'
import type { Parts } from './parts.ts'
import { columnsOf, rawOf, type RawColumns } from './raws.ts'

export interface FetchedRows {
  /** Within a write. */
  put(run: number, node: string, raw: Raw): void
  /** Within a write. */
  drop(run: number): void
  of(run: number): ReadonlyMap<string, Raw>
}

export function makeFetched({ db, blobs }: Pick<Parts, 'db' | 'blobs'>): FetchedRows {
  const insert = command(db, 'INSERT OR REPLACE INTO fetched (run, node, sha256, size, place, bytes) VALUES (?, ?, ?, ?, ?, ?)')
  const forget = command(db, 'DELETE FROM fetched WHERE run = ?')
  const ofRun = query<RawColumns & { readonly node: string }>(db, 'SELECT node, sha256, size, place, bytes FROM fetched WHERE run = ?')
  return {
    put(run, node, raw) {
      const { sha256, size, place, bytes } = columnsOf(raw, raw.kind === 'file' ? raw.sha256 : hash('sha256', raw.bytes), blobs)
      insert.run(run, node, sha256, size, place, bytes)
    },
    drop: (run) => { forget.run(run) },
    of: (run) => new Map(ofRun.all(run).flatMap((row) => {
      const raw = rawOf(row, blobs)
      return raw ? [[row.node, raw] as const] : []
    })),
  }
}
