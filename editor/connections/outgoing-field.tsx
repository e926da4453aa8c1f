/** "Use the same login for sending": one act makes both connections, the second with the outgoing server filled in. */
import { Checkbox, TextInput } from '@mantine/core'
import css from './connections.module.css'
import { outgoingOf } from './draft.ts'
import { textField, type FieldsProps } from './form-field.ts'
import { securityWords } from './guess.ts'

export function OutgoingField(props: FieldsProps) {
  const { form, problems, onChange } = props
  const outgoing = outgoingOf(form, [])
  return (
    <div className={css['outgoing']}>
      <Checkbox label="Use the same login for the outgoing server" description="Makes a second connection, for sending." checked={form.outgoing} onChange={(event) => { onChange({ outgoing: event.currentTarget.checked }) }} />
      {form.outgoing && (
        <TextInput
          label="Outgoing server" placeholder={outgoing.host || 'smtp.example.org'} description={`Port ${outgoing.port}, ${securityWords[outgoing.security].short}. Its own settings can be changed once it is saved.`}
          autoComplete="off" spellCheck={false} {...textField(props, 'outgoingHost')} error={problems.outgoingHost}
        />
      )}
    </div>
  )
}
