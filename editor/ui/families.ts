/** The picture of each kind of step: its icon and the colour of its family, the same on card, palette, list and overview. */
import { FolderInput, FolderPlus, Mail, MailOpen, MailSearch, MailWarning, Send, Shuffle, type LucideIcon } from 'lucide-react'
import type { NodeKind } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import type { NodeFamily } from '#shared/nodes/node.ts'

export const kindIcons: { readonly [K in NodeKind]: LucideIcon } = {
  'receive-email': Mail, 'mailbox-event': MailWarning, 'map-data': Shuffle, 'send-email': Send,
  'find-mails': MailSearch, 'fetch-mail': MailOpen, 'change-mail': FolderInput, 'create-folder': FolderPlus,
}

const fills: Record<NodeFamily, string> = { receive: 'var(--trigger)', map: 'var(--map)', send: 'var(--send)', mailbox: 'var(--mailbox)', logic: 'var(--logic)' }
const inks: Record<NodeFamily, string> = { receive: 'var(--trigger-ink)', map: 'var(--map-ink)', send: 'var(--send-ink)', mailbox: 'var(--mailbox-ink)', logic: 'var(--logic-ink)' }

/** Behind a white icon. */
export const fillOf = (kind: NodeKind): string => fills[nodeDescriptions[kind].family]
/** For an icon or a word on a panel. */
export const inkOf = (kind: NodeKind): string => inks[nodeDescriptions[kind].family]

/** In the order of a mail's way, families without a kind left out. */
export const byFamily = (kinds: readonly NodeKind[]): readonly { readonly family: NodeFamily; readonly kinds: readonly NodeKind[] }[] =>
  [...Map.groupBy(kinds, (kind): NodeFamily => nodeDescriptions[kind].family)].map(([family, ofFamily]) => ({ family, kinds: ofFamily }))
