/** Where runs of a flow begin: at its triggers, each a start of its own. Pure. */
import type { NodeKind } from './flow.ts'

interface Steps { readonly nodes: readonly { readonly id: string; readonly kind: NodeKind }[] }

/** Whether a run that begins there (unnamed: at the first that takes mail, else at the first) has no mail. */
export function startsWithEvent({ nodes }: Steps, start: string | undefined): boolean {
  if (start !== undefined) return nodes.some(({ id, kind }) => id === start && kind === 'mailbox-event')
  return nodes.every(({ kind }) => kind !== 'receive-email') && nodes.some(({ kind }) => kind === 'mailbox-event')
}
