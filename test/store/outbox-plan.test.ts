/** How SQLite finds rows of the outbox, whatever is asked: never by reading all of them, and never by sorting them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import { recipientStates } from '#shared/run.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { flow, outbox, takeIn, time } from '../contracts/store-world.ts'

test('[LG45, LG25] no page and no count of the outbox reads it whole or sorts it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailweave-plan-'))
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare')
  try {
    const store = await openSqliteStore(folder, { clock: fakeClock(), log: silentLog })
    await takeIn(store, 1)
    for (const state of [undefined, ...recipientStates]) {
      for (const of of [{}, { flow }, { connection: outbox }, { flow, connection: outbox }]) {
        for (const more of [{}, { text: 'x' }, { since: time('10:00') }]) {
          const filter = { ...(state === undefined ? {} : { state }), ...of, ...more }
          await store.outbox({ ...filter, limit: 10 })
          await store.countSends(filter)
        }
      }
    }
    await store.close()
    const statements = prepare.mock.calls.map(([sql]) => sql).filter((sql) => /FROM outbox [IN]/.test(sql))
    expect(statements.length).toBe(96)
    const db = new DatabaseSync(join(folder, 'ledger.sqlite'))
    db.function('contains', (text, part) => Number(text === part))
    const plans = statements.map((sql) => ({ sql, steps: db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => String(detail)) }))
    expect(plans.filter(({ steps }) => steps.some((step) => /^SCAN (?!json_each)/.test(step)))).toEqual([])
    // What is under way this moment is no more than the hand holds; that may be sorted.
    const sorted = plans.filter(({ sql, steps }) => sql.includes('ORDER BY') && !sql.includes('outbox_open') && steps.some((step) => step.includes('TEMP B-TREE')))
    expect(sorted).toEqual([])
    db.close()
  } finally {
    prepare.mockRestore()
    rmSync(folder, { recursive: true, force: true })
  }
})
