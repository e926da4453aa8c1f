/** A list of mailboxes: an account each, with one of its folders or all that are watched. */
import { ActionIcon, Button, Input } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { connectionKinds, type ConnectionKind } from '#shared/connection.ts'
import { isJsonObject, type JsonObject } from '#shared/json.ts'
import { ConnectionPicker } from '#editor/connections/connection-picker.tsx'
import { FolderPicker } from '#editor/connections/folder-picker.tsx'
import { texts } from '#editor/texts.ts'
import { line, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

export function MailboxListWidget({ field, value, onChange, error, help }: WidgetProps) {
  const rows: readonly JsonObject[] = Array.isArray(value) ? value.filter(isJsonObject) : []
  const kinds: readonly ConnectionKind[] = connectionKinds.filter((kind) => field.meta.connectionKinds?.includes(kind) ?? true)
  const put = (at: number, row: JsonObject) => { onChange(rows.map((old, index) => (index === at ? row : old))) }
  return (
    <fieldset className={css['fieldset']}>
      <legend>{field.meta.title}</legend>
      <div className={css['group']}>
        {rows.map((row, at) => (
          <div key={at} className={css['mailboxRow']}>
            <ConnectionPicker kinds={kinds} value={textOf(row['connection'])} label={texts.field.mailbox(at + 1)} onChange={(connection) => { put(at, { connection }) }} />
            <FolderPicker connection={textOf(row['connection'])} value={textOf(row['folder'])} label={texts.field.folder} placeholder={field.meta.placeholder ?? texts.field.everyFolder}
              onChange={(folder) => { put(at, { connection: row['connection'] ?? '', ...(folder === '' ? {} : { folder }) }) }} />
            <ActionIcon aria-label={texts.field.removeMailbox(at + 1)} title={texts.field.removeMailbox(at + 1)} onClick={() => { onChange(rows.toSpliced(at, 1)) }}><X size={14} aria-hidden="true" /></ActionIcon>
          </div>
        ))}
        <Button variant="default" size="xs" leftSection={<Plus size={14} aria-hidden="true" />} onClick={() => { onChange([...rows, { connection: '' }]) }}>{texts.field.addMailbox}</Button>
      </div>
      {line(help) !== undefined && <Input.Description>{help}</Input.Description>}
      {line(error) !== undefined && <Input.Error>{error}</Input.Error>}
    </fieldset>
  )
}
