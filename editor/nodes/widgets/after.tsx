/** What becomes of the mail in its mailbox: an action, with the folder or the days that it needs. */
import { Select, TextInput } from '@mantine/core'
import { isJsonObject } from '#shared/json.ts'
import { afterActions, pop3Actions, type After } from '#shared/nodes/receive-email.ts'
import { FolderPicker } from '#editor/connections/folder-picker.tsx'
import { useDesk } from '#editor/store/desk.ts'
import { texts } from '#editor/texts.ts'
import { isPop3 } from '../fields.ts'
import { UnitInput } from './unit-input.tsx'
import { line, numberOf, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

const days = [{ value: 'days', label: 'days' }]
const choicesOf = (actions: readonly After['do'][]): { value: After['do']; label: string }[] => actions.map((value) => ({ value, label: texts.field.after[value] }))
const isAction = (value: string | null): value is After['do'] => afterActions.some((action) => action === value)

export function AfterWidget({ field, value, config, onChange, error, help }: WidgetProps) {
  const after = isJsonObject(value) ? value : {}
  const action = textOf(after['do'])
  const pop3 = isPop3(config, useDesk().connections)
  // What stands in the file stays to be seen, with what is wrong with it.
  const choices = choicesOf(pop3 ? afterActions.filter((one) => one === action || pop3Actions.includes(one)) : afterActions)
  const needsFolder = action === 'move' || action === 'copy'
  return (
    <div className={css['group']}>
      <Select label={field.meta.title} value={action} data={choices} description={line(help)} error={needsFolder || action === 'flag' ? undefined : line(error)}
        onChange={(next) => { if (isAction(next)) onChange({ do: next }) }} />
      {needsFolder && <FolderPicker connection={textOf(config['connection'])} value={textOf(after['folder'])} label={texts.field.folder} help={texts.field.folderMade} error={line(error)} onChange={(folder) => { onChange({ do: action, folder }) }} />}
      {action === 'flag' && (
        <TextInput label={texts.field.asKeyword} value={textOf(after['keyword'])} placeholder={texts.field.flagAlone} spellCheck={false} error={line(error)}
          onChange={(event) => { const keyword = event.currentTarget.value; onChange(keyword === '' ? { do: action } : { do: action, keyword }) }} />
      )}
      {action === 'delete' && <UnitInput label={texts.field.afterDays} value={numberOf(after['days']) ?? 0} units={days} unit="days" unitLabel="" onChange={(count) => { onChange({ do: action, days: count }) }} />}
    </div>
  )
}
