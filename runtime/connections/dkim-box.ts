/** The DKIM key of a connection: sealed at rest, opened for the sender alone. It never goes to a server, so it stays when the host changes. */
import type { ConnectionInput } from '#shared/connection.ts'
import type { DnsRecord } from '#shared/dkim.ts'
import { fault } from '#shared/errors.ts'
import { dkimRecordOf, readDkimKey, type DkimSigner } from '../mail/dkim/key.ts'
import type { StoredConnection } from '../store/store.ts'
import type { Owner, Secrets } from './secrets.ts'

type DkimBearing = Pick<StoredConnection, 'id' | 'dkim' | 'sealedDkim'>

/** In a box of its own, which no other secret's owner opens. */
const ownerOf = (id: string): Owner => ({ id, kind: 'dkim', host: '' })

/** The box to keep: of the key that came along, else of the saved one. DKIM_KEY_MISSING, DKIM_KEY_UNREADABLE. */
export function sealDkim(secrets: Secrets, input: ConnectionInput, known: StoredConnection | null): string {
  // A key that is no longer used is not kept.
  if (input.kind !== 'smtp' || input.dkim === null) return ''
  if (input.dkimKey === undefined || input.dkimKey.trim() === '') {
    if (known === null || known.sealedDkim === '') throw fault('DKIM_KEY_MISSING', {}, 'dkimKey')
    return known.sealedDkim
  }
  readDkimKey(input.dkimKey)
  return secrets.seal(input.dkimKey, ownerOf(input.id))
}

/** null where nothing is signed. Throws SECRET_UNREADABLE. */
export const openDkim = (secrets: Secrets, { id, dkim, sealedDkim }: DkimBearing): DkimSigner | null =>
  (dkim === null || sealedDkim === '' ? null : { ...dkim, key: readDkimKey(secrets.open(sealedDkim, ownerOf(id))) })

export const sealDkimAnew = (secrets: Secrets, { id, sealedDkim }: DkimBearing): string =>
  (sealedDkim === '' ? '' : secrets.seal(secrets.open(sealedDkim, ownerOf(id)), ownerOf(id)))

/** What to publish; null also where the key no longer opens and must be given again. */
export function recordOf(secrets: Secrets, connection: DkimBearing): DnsRecord | null {
  try {
    const signer = openDkim(secrets, connection)
    return signer && dkimRecordOf(signer)
  } catch {
    return null
  }
}
