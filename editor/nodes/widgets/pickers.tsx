/** Fields that choose a mail account or a folder in it. */
import { isJsonObject } from '#shared/json.ts'
import { connectionKinds, type ConnectionKind } from '#shared/connection.ts'
import { ConnectionPicker } from '#editor/connections/connection-picker.tsx'
import { FolderPicker } from '#editor/connections/folder-picker.tsx'
import { texts } from '#editor/texts.ts'
import { line, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

const allowed = (kinds: readonly string[] | undefined): readonly ConnectionKind[] => connectionKinds.filter((kind) => kinds === undefined || kinds.includes(kind))

export function ConnectionWidget({ field, value, onChange, error, help }: WidgetProps) {
  return <ConnectionPicker kinds={allowed(field.meta.connectionKinds)} value={textOf(value)} label={field.meta.title} error={line(error)} description={line(help)} onChange={onChange} />
}

export function FolderWidget({ field, value, config, onChange, error }: WidgetProps) {
  return <FolderPicker connection={textOf(config['connection'])} value={textOf(value)} label={field.meta.title} error={line(error)} onChange={onChange} />
}

/** Where to look for a mail whose fate is unknown: usually the sent folder of the same account. */
export function ProbeWidget({ field, value, onChange, error }: WidgetProps) {
  const probe = isJsonObject(value) ? value : {}
  const connection = textOf(probe['connection'])
  return (
    <fieldset className={css['fieldset']}>
      <legend>{field.meta.title}</legend>
      <div className={css['pair']}>
        <ConnectionPicker kinds={['imap']} value={connection} label={texts.field.probeIn} onChange={(next) => { onChange({ ...probe, connection: next }) }} error={connection === '' ? line(error) : undefined} />
        <FolderPicker connection={connection} value={textOf(probe['folder'])} label={texts.field.folder} onChange={(folder) => { onChange({ ...probe, folder }) }} error={connection === '' ? undefined : line(error)} />
      </div>
    </fieldset>
  )
}
