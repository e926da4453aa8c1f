/** What each route asks of whoever calls it, read from the one table in shared/api.ts. */
import { routes, type Right, type Route } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { Identity } from './session.ts'

export const rightOf = (route: Route): Right => routes[route]

const words: Record<Right, string> = {
  open: 'look in', view: 'look at this', edit: 'change flows', deploy: 'deploy, stop and decide', secrets: 'change connections',
  admin: 'look after people: that is the administrator\'s',
}

/** API_SIGN_IN when nobody is signed in, API_FORBIDDEN without the right. */
export function demandRight(identity: Identity | null, right: Right): Identity {
  if (!identity) throw fault('API_SIGN_IN')
  if (!identity.rights.includes(right)) throw fault('API_FORBIDDEN', { reason: `this sign-in may not ${words[right]}` })
  return identity
}

/** Whoever calls an open route: it is not even looked at. */
export const nobody: Identity = { who: 'nobody', rights: ['open'], session: '', mark: '' }
