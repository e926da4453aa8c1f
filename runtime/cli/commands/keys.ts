/** `mailweave keys rotate`: a new key, every saved password sealed anew under it. The server must not be running on the same data. */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { makeEventStream } from '#shared/events.ts'
import { fault } from '#shared/errors.ts'
import { systemClock } from '#runtime/clock.ts'
import { makeRegistry } from '#runtime/connections/registry.ts'
import { openSecrets } from '#runtime/connections/secrets.ts'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { Command } from '../commands.ts'

export const keys: Command = async (words) => {
  const { values, positionals } = parseArgs({ args: [...words], options: { data: { type: 'string' } }, allowPositionals: true })
  if (positionals[0] !== 'rotate') throw fault('API_BAD_REQUEST', { reason: 'Say what: mailweave keys rotate' })
  const data = path.resolve(values.data ?? process.env['MAILWEAVE_DATA'] ?? './data')
  const store = await openSqliteStore(data, { clock: systemClock, log: silentLog })
  try {
    const secrets = await openSecrets(data, process.env['MAILWEAVE_KEY'])
    const registry = makeRegistry({ store, secrets, drafts: { list: () => Promise.resolve([]) }, events: makeEventStream(), clock: systemClock })
    const { key, sealed } = await registry.rotateKeys()
    console.log(`Key ${key} is in use; ${sealed} password${sealed === 1 ? '' : 's'} sealed anew.`)
    return 0
  } finally {
    await store.close()
  }
}
