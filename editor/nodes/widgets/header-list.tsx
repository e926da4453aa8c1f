/** Headers of one's own, a row each: the name, and what stands behind it. */
import { ActionIcon, Button, Input, TextInput } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { isJsonObject, type JsonObject } from '#shared/json.ts'
import { texts } from '#editor/texts.ts'
import { line, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

const words = texts.field.header

export function HeaderListWidget({ field, value, onChange, error, help }: WidgetProps) {
  const rows: readonly JsonObject[] = Array.isArray(value) ? value.filter(isJsonObject) : []
  // A list without rows leaves the file.
  const keep = (next: readonly JsonObject[]): void => { onChange(next.length === 0 ? undefined : next) }
  const put = (at: number, change: JsonObject): void => { keep(rows.map((old, index) => (index === at ? { ...old, ...change } : old))) }
  return (
    <fieldset className={css['fieldset']}>
      <legend>{field.meta.title}</legend>
      <div className={css['group']}>
        {rows.map((row, at) => (
          <div key={at} className={css['mailboxRow']}>
            <TextInput aria-label={words.name(at + 1)} placeholder="X-Ticket" value={textOf(row['name'])} spellCheck={false} autoComplete="off" onChange={(event) => { put(at, { name: event.currentTarget.value.replace(/\s/g, '') }) }} />
            <TextInput aria-label={words.value(at + 1)} placeholder={words.valueHint} value={textOf(row['value'])} dir="auto" onChange={(event) => { put(at, { value: event.currentTarget.value }) }} />
            <ActionIcon aria-label={words.remove(at + 1)} title={words.remove(at + 1)} onClick={() => { keep(rows.toSpliced(at, 1)) }}><X size={14} aria-hidden="true" /></ActionIcon>
          </div>
        ))}
        <Button variant="default" size="xs" leftSection={<Plus size={14} aria-hidden="true" />} onClick={() => { keep([...rows, { name: '', value: '' }]) }}>{words.add}</Button>
      </div>
      {line(help) !== undefined && <Input.Description>{help}</Input.Description>}
      {line(error) !== undefined && <Input.Error>{error}</Input.Error>}
    </fieldset>
  )
}
