/**
 * `mailweave keys rotate`: a new key, every saved password sealed anew under it. Where a server runs on the data, that
 * server does it, since only one process may write there; else it is done here.
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { KeysRotated } from '#shared/api.ts'
import { Fault, fault } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { systemClock } from '#runtime/clock.ts'
import { makeRegistry } from '#runtime/connections/registry.ts'
import { makeOAuthClient } from '#runtime/connections/oauth-client.ts'
import { openSecrets } from '#runtime/connections/secrets.ts'
import { silentLog } from '#runtime/log.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { Command } from '../command.ts'
import { connectRemote, remoteOptions } from '../remote.ts'

export const keys: Command = async (words) => {
  const { values, positionals } = parseArgs({ args: [...words], options: remoteOptions, allowPositionals: true })
  if (positionals[0] !== 'rotate') throw fault('API_BAD_REQUEST', { reason: 'Say what: mailweave keys rotate' })
  const rotated = values.url === undefined ? await rotateHere(values) : await rotateThere(values)
  console.log(values.json ? JSON.stringify(rotated) : `Key ${rotated.key} is in use; ${rotated.sealed} password${rotated.sealed === 1 ? '' : 's'} sealed anew.`)
  return 0
}

interface Where { readonly url?: string | undefined; readonly data?: string | undefined }

const rotateThere = async (where: Where): Promise<KeysRotated> => (await connectRemote(where)).call<KeysRotated>('POST', '/api/keys/rotate')

/** Sealing anew asks nobody for a token. */
const nobodySignsIn = makeOAuthClient({ fetch: () => Promise.reject(fault('API_FORBIDDEN', { reason: 'no sign-in while keys rotate' })), clock: systemClock })

/** The folder's lock says for certain whether a server has it; whoever answers on a port may have another one. */
async function rotateHere(where: Where): Promise<KeysRotated> {
  const data = path.resolve(where.data ?? process.env['MAILWEAVE_DATA'] ?? './data')
  const opened = await openSqliteStore(data, { clock: systemClock, log: silentLog }).catch((error: unknown) => {
    if (error instanceof Fault && error.code === 'DATA_IN_USE') return null
    throw error
  })
  if (opened === null) return rotateThere(where)
  try {
    const secrets = await openSecrets(data, process.env['MAILWEAVE_KEY'])
    const registry = makeRegistry({ store: opened, secrets, drafts: { list: () => Promise.resolve([]) }, events: makeEventStream(), clock: systemClock, oauth: nobodySignsIn })
    return await registry.rotateKeys()
  } finally {
    await opened.close()
  }
}
