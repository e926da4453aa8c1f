/** What the outbox says of its mails beside what the server got of them: the two sides of the promise. */
import type { SendView } from '#shared/api.ts'
import type { Product } from '../product.ts'
import { messageIds, type World } from '../world.ts'

/** All rows of the outbox. */
export async function allSends({ product }: { readonly product: Product }): Promise<readonly SendView[]> {
  const sends: SendView[] = []
  let cursor = ''
  do {
    const page = await product.outbox(cursor === '' ? '' : `cursor=${encodeURIComponent(cursor)}`)
    sends.push(...page.sends)
    cursor = page.next ?? ''
  } while (cursor !== '')
  return sends
}

/** What history says of a mail, in a word for each event. */
export const said = (send: SendView | undefined): readonly string[] => send?.history.map((event) => event.what) ?? []

/** Message-IDs of which the server has more than one copy. */
export const doubles = (from: Pick<World, 'smtp'>): readonly string[] => [...messageIds(from.smtp)].flatMap(([id, times]) => (times > 1 ? id : []))
