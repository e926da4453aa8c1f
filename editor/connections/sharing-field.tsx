/** Who may use a connection: everyone, the administrator alone, or people by name. */
import { Checkbox, Select } from '@mantine/core'
import { usePeopleNames } from '../api/queries.ts'
import { Fold } from '../ui/fold.tsx'
import { ErrorNote } from '../ui/note.tsx'
import css from './connections.module.css'
import type { FieldsProps } from './form-field.ts'

const words = { everyone: 'everyone', admins: 'the administrator alone', named: 'people by name' } as const

export function SharingField({ form: { sharing }, readOnly, problems, onChange }: FieldsProps) {
  const names = usePeopleNames(!readOnly)
  const named = typeof sharing === 'string' ? [] : sharing
  const choice = typeof sharing === 'string' ? sharing : 'named'
  const choose = (value: string | null): void => {
    if (value === 'everyone' || value === 'admins') onChange({ sharing: value })
    else if (value === 'named') onChange({ sharing: [...named] })
  }
  return (
    <Fold title="Who may use it" aside={typeof sharing === 'string' ? words[sharing] : sharing.length === 0 ? words.admins : sharing.join(', ')} open={problems.sharing !== undefined}>
      <div className={css['foldFields']}>
        <Select
          label="Shared with" value={choice} readOnly={readOnly} allowDeselect={false} data={Object.entries(words).map(([value, label]) => ({ value, label }))} onChange={choose}
          description="Others see neither the connection nor the mail that came through it. Flows that already run go on." inputWrapperOrder={['label', 'input', 'description', 'error']} error={problems.sharing}
        />
        {choice === 'named' && names.data?.names.length === 0 && <p className={css['quiet']}>There is nobody to choose yet. The administrator adds people on the page “People”.</p>}
        {choice === 'named' && (names.data?.names.length ?? 0) > 0 && (
          <Checkbox.Group aria-label="People it is shared with" value={[...named]} onChange={(chosen) => { onChange({ sharing: chosen }) }}>
            <div className={css['names']}>{names.data?.names.map((name) => <Checkbox key={name} size="xs" value={name} label={name} disabled={readOnly} />)}</div>
          </Checkbox.Group>
        )}
        {names.error && <ErrorNote error={names.error} onRetry={names.refetch} />}
      </div>
    </Fold>
  )
}
