/** Writes down who changed what; a change counts only when it was written down too. */
import type { ApiDeps } from './deps.ts'
import type { Identity } from './session.ts'

export type Audit = (identity: Identity, what: string, subject: string) => Promise<void>

export const makeAudit = ({ store, clock, log }: Pick<ApiDeps, 'store' | 'clock' | 'log'>): Audit => async ({ who }, what, subject) => {
  log.info('api.changed', { who, what, subject })
  await store.audit({ at: clock.now(), who, what, subject })
}
