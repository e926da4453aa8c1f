/** How many mails at most, or all of them (-1 in the file). */
import { useState } from 'react'
import { texts } from '#editor/texts.ts'
import { UnitInput } from './unit-input.tsx'
import { line, numberOf, type WidgetProps } from './widget.ts'

const units = [{ value: 'mails', label: texts.field.mails }, { value: 'all', label: texts.field.all }]

export function MaxEmailsWidget({ field, value, onChange, error, help }: WidgetProps) {
  const count = numberOf(value)
  const all = count === -1
  // Comes back when "all" is taken off again.
  const [before, setBefore] = useState(all || count === null ? 5 : count)
  return (
    <UnitInput label={field.meta.title} value={count} onChange={onChange} units={units} unit={all ? 'all' : 'mails'} unitLabel={texts.field.unit} unitOnly={all} help={line(help)} error={line(error)}
      onUnit={(unit) => {
        if (count !== null && !all) setBefore(count)
        onChange(unit === 'all' ? -1 : before)
      }} />
  )
}
