/** Who logs in: user and password, and the word that a moved account needs its password again. */
import { PasswordInput, TextInput } from '@mantine/core'
import { Note } from '../ui/note.tsx'
import css from './connections.module.css'
import { textField, type FieldsProps } from './form-field.ts'

export function LoginFields(props: FieldsProps) {
  const { form, saved } = props
  const moved = saved !== null && saved.hasPassword && form.password === '' && (form.host !== saved.host || form.port !== saved.port || form.user !== saved.user || form.security !== saved.security)
  return (
    <>
      <div className={css['twoColumns']}>
        <TextInput label="User" placeholder="usually the whole address" autoComplete="off" spellCheck={false} {...textField(props, 'user')} />
        <PasswordInput label="Password" autoComplete="new-password" placeholder={saved?.hasPassword ? 'saved' : ''} {...textField(props, 'password')} />
      </div>
      {moved && <Note tone="warn">Type the password again: it was saved for {saved.user || 'nobody'} at {saved.host}:{saved.port} and is not handed to another server.</Note>}
    </>
  )
}
