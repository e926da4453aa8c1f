/** Fields that name a mailbox where sent mail lies: where a copy goes, where to look for a mail whose fate is unknown. */
import { Button } from '@mantine/core'
import { isJsonObject } from '#shared/json.ts'
import { providerOfServer } from '#shared/providers.ts'
import { defaultProbeSeconds } from '#shared/sending/copy.ts'
import { useConnections } from '#editor/api/queries.ts'
import { ConnectionPicker } from '#editor/connections/connection-picker.tsx'
import { FolderPicker } from '#editor/connections/folder-picker.tsx'
import { texts } from '#editor/texts.ts'
import { SecondsInput } from './duration.tsx'
import { line, numberOf, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

export function SentMailboxWidget({ field, config, value, onChange, error, help }: WidgetProps) {
  const mailbox = isJsonObject(value) ? value : {}
  const connection = textOf(mailbox['connection'])
  const connections = useConnections().data?.connections ?? []
  const sender = connections.find((one) => one.id === config['connection'])
  // The account that sends is nearly always the one whose sent mail is meant.
  const own = sender && connections.find((one) => one.kind === 'imap' && one.user !== '' && one.user === sender.user)
  const keeper = field.key === 'copyTo' && config['copy'] === 'add' && sender ? providerOfServer(sender.host) : null
  return (
    <fieldset className={css['fieldset']}>
      <legend>{field.meta.title}</legend>
      <div className={css['pair']}>
        <ConnectionPicker kinds={['imap']} value={connection} label={texts.field.probeIn} onChange={(next) => { onChange({ ...mailbox, connection: next }) }} error={connection === '' ? line(error) : undefined} />
        <FolderPicker connection={connection} value={textOf(mailbox['folder'])} label={texts.field.folder} placeholder={texts.field.sentFolder} onChange={(folder) => { onChange({ ...mailbox, folder }) }} error={connection === '' ? undefined : line(error)} />
      </div>
      {connection === '' && own && <Button size="compact-xs" variant="light" onClick={() => { onChange({ ...mailbox, connection: own.id }) }}>{texts.field.sameAccount(own.name)}</Button>}
      {help !== '' && <p className={css['note']}>{help}</p>}
      {keeper?.keepsSent && <p className={css['note']} role="note">{texts.field.keepsSent(keeper.name)}</p>}
      {field.key === 'probe' && <SecondsInput label={texts.field.probeFor} seconds={numberOf(mailbox['forSeconds']) ?? defaultProbeSeconds} onChange={(forSeconds) => { onChange({ ...mailbox, forSeconds }) }} />}
    </fieldset>
  )
}
