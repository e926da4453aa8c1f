/** What every ledger must do, whatever it is built on: run unchanged over SQLite now and Postgres later. */
import { afterEach, beforeEach, describe, expect } from 'vitest'
import type { Store } from '#runtime/store/store.ts'
import { copiesContract } from './store-copies.contract.ts'
import { durabilityContract } from './store-durability.contract.ts'
import { outboxContract } from './store-outbox.contract.ts'
import { readingContract } from './store-reading.contract.ts'
import { receivingContract } from './store-receiving.contract.ts'
import { reportsContract } from './store-reports.contract.ts'
import { runningContract } from './store-running.contract.ts'
import { sendingContract } from './store-sending.contract.ts'
import { shieldContract } from './store-shield.contract.ts'
import type { MakeHarness, StoreHarness } from './store-world.ts'

export function storeContract(name: string, makeHarness: MakeHarness): void {
  let harness: StoreHarness | null = null
  let store: Store | null = null
  const ledger = (): Store => current(store)
  const reopen = async (): Promise<void> => {
    await ledger().close()
    store = await current(harness).open()
  }

  describe(name, () => {
    beforeEach(async () => { harness = await makeHarness() })
    afterEach(async () => {
      await harness?.remove()
      harness = null
    })

    describe('open', () => {
      beforeEach(async () => { store = await current(harness).open() })
      afterEach(async () => {
        await expect(ledger().close()).resolves.toBeUndefined()
        store = null
      })
      receivingContract(ledger)
      runningContract(ledger, reopen)
      sendingContract(ledger)
      reportsContract(ledger)
      copiesContract(ledger, reopen)
      shieldContract(ledger, reopen)
      outboxContract(ledger)
      readingContract(ledger, reopen)
    })

    describe('killed', () => { durabilityContract(() => current(harness)) })
  })
}

function current<T>(held: T | null): T {
  if (held === null) throw new Error('no ledger is open')
  return held
}
