/** Which of the mail that is already there takes part: none, what is unread, all, or what came since a day. */
import { Select, TextInput } from '@mantine/core'
import { useMailboxesOf } from '#editor/api/queries.ts'
import { texts } from '#editor/texts.ts'
import { today } from '#editor/ui/today.ts'
import { line, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

const choices = [
  { value: 'now', label: texts.field.startNow },
  { value: 'unseen', label: texts.field.startUnseen },
  { value: 'all', label: texts.field.startAll },
  { value: 'date', label: texts.field.startDate },
]
const says: Record<string, string> = { now: texts.field.stay, unseen: texts.field.startUnseenSay, all: texts.field.startAllWarn, date: texts.field.startDateSay }

export function StartFromWidget({ field, value, config, onChange, error }: WidgetProps) {
  const start = textOf(value)
  const choice = start === 'now' || start === 'unseen' || start === 'all' ? start : 'date'
  const count = useMailboxesOf(config).reduce((sum, box) => sum + box.waiting, 0)
  const waiting = count === 0 ? '' : `${texts.inspector.waiting(count)} `
  return (
    <div className={css['group']}>
      <Select label={field.meta.title} value={choice} data={choices} description={`${waiting}${says[choice] ?? ''}`} inputWrapperOrder={['label', 'input', 'description', 'error']}
        onChange={(next) => { onChange(next === 'date' ? today() : next ?? 'now') }} />
      {choice === 'date' && <TextInput type="date" label={texts.field.since} value={start.slice(0, 10)} error={line(error)} onChange={(event) => { if (event.currentTarget.value !== '') onChange(event.currentTarget.value) }} />}
    </div>
  )
}
