/** One component for each widget that a setting may ask for; a forgotten one does not compile. */
import type { ComponentType } from 'react'
import type { FieldWidget } from '#shared/nodes/node.ts'
import { AfterWidget } from './after.tsx'
import { ChoicesWidget } from './choices.tsx'
import { DurationWidget } from './duration.tsx'
import { HeaderListWidget } from './header-list.tsx'
import { MailOfWidget } from './mail-of.tsx'
import { MailboxListWidget } from './mailbox-list.tsx'
import { MaxEmailsWidget } from './max-emails.tsx'
import { DelayWidget, LimitsWidget, QuietWidget } from './pace.tsx'
import { ConnectionWidget, FolderWidget } from './pickers.tsx'
import { RetryWidget } from './retry.tsx'
import { RowsWidget } from './rows.tsx'
import { ScheduleWidget } from './schedule.tsx'
import { SearchWidget } from './search.tsx'
import { SentMailboxWidget } from './sent-mailbox.tsx'
import { StartFromWidget } from './start-from.tsx'
import { AddressesWidget, NumberWidget, SelectWidget, SwitchWidget, TextareaWidget, TextWidget } from './text.tsx'
import type { WidgetProps } from './widget.ts'

export const widgets = {
  text: TextWidget, textarea: TextareaWidget, switch: SwitchWidget, number: NumberWidget, select: SelectWidget, duration: DurationWidget,
  connection: ConnectionWidget, folder: FolderWidget, addresses: AddressesWidget, after: AfterWidget, 'start-from': StartFromWidget,
  'max-emails': MaxEmailsWidget, rows: RowsWidget, retry: RetryWidget, probe: SentMailboxWidget, choices: ChoicesWidget, headers: HeaderListWidget, 'mailbox-list': MailboxListWidget, schedule: ScheduleWidget, search: SearchWidget, 'mail-of': MailOfWidget,
  delay: DelayWidget, quiet: QuietWidget, limits: LimitsWidget,
} as const satisfies Record<FieldWidget, ComponentType<WidgetProps>>

/** Short enough for two in a row. */
export const halfWidth: ReadonlySet<FieldWidget> = new Set<FieldWidget>(['number', 'duration', 'max-emails', 'after'])
