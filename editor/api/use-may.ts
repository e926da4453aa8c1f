/** What whoever is signed in may not do, in plain words; the server decides, this only saves a person the try. */
import type { Right } from '#shared/api.ts'
import type { Grant } from '#shared/people.ts'
import { useMe } from './queries.ts'

export const grantWords: Record<Grant, { readonly title: string; readonly say: string }> = {
  view: { title: 'Look', say: 'Flows, history and mailboxes' },
  edit: { title: 'Draw flows', say: 'Change drafts and try them with a mail' },
  deploy: { title: 'Deploy', say: 'Start and stop flows, run mails again, decide about mails' },
  secrets: { title: 'Change connections', say: 'Mail accounts with their passwords' },
}
const acts: Record<Right, string> = { open: 'do this', view: 'look at this', edit: 'change flows', deploy: 'deploy, stop or decide', secrets: 'change connections', admin: 'look after people' }

export interface Barred { readonly disabled: true; readonly title: string }

/** Spread into a button: nothing when it is allowed, else disabled, with why. */
export function useMay(right: Right): Barred | Record<string, never> {
  const rights = useMe().data?.rights
  return rights === undefined || rights.includes(right) ? {} : { disabled: true, title: `You may not ${acts[right]}. The administrator can allow it.` }
}
