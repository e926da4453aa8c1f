/** How the connection logs in: a password, a sign-in at the provider, or nothing; and whose mailbox it opens when that is another's. */
import { Button, Input, PasswordInput, SegmentedControl, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { logins, type Login } from '#shared/oauth.ts'
import { Fold } from '../ui/fold.tsx'
import { Note } from '../ui/note.tsx'
import css from './connections.module.css'
import { textField, type FieldsProps } from './form-field.ts'
import { OAuthFields } from './oauth-fields.tsx'

const words: Record<Login, string> = { password: 'With a password', oauth2: 'Sign in (OAuth2)', none: 'No login' }

export function LoginFields(props: FieldsProps) {
  const { form, readOnly, onChange } = props
  return (
    <div className={css['login']}>
      <SegmentedControl fullWidth readOnly={readOnly} aria-label="How it logs in" value={form.login} data={logins.map((login) => ({ value: login, label: words[login] }))} onChange={(login) => { onChange({ login }) }} />
      {form.login === 'password' && <PasswordLogin {...props} />}
      {form.login === 'oauth2' && <OAuthFields {...props} />}
      {form.login === 'none' && <p className={css['loginNote']}>For a server that knows this machine and asks for no password.</p>}
      {form.login !== 'none' && (
        <Fold title="Shared mailbox" aside={form.mailbox === '' ? 'no, the user\'s own' : <bdi>{form.mailbox}</bdi>} open={form.mailbox !== ''}>
          <div className={css['foldFields']}>
            <TextInput label="Mailbox to open instead" placeholder="sales@example.org" description="Its address, when the user above may open it. Leave it empty for the user's own mailbox." autoComplete="off" spellCheck={false} {...textField(props, 'mailbox')} />
          </div>
        </Fold>
      )}
    </div>
  )
}

function PasswordLogin(props: FieldsProps) {
  const { form, saved, atLogin = false, readOnly } = props
  const [changing, setChanging] = useState(atLogin)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => { if (changing) field.current?.focus() }, [changing])
  const kept = saved !== null && saved.login === 'password' && saved.hasPassword
  const moved = kept && form.password === '' && (form.host !== saved.host || form.port !== saved.port || form.user !== saved.user || form.security !== saved.security)
  return (
    <>
      <div className={css['twoColumns']}>
        <TextInput label="User" placeholder="usually the whole address" autoComplete="off" spellCheck={false} {...textField(props, 'user')} />
        {kept && !changing && !moved ? (
          <Input.Wrapper label="Password" labelElement="div">
            <div className={css['kept']}>
              <span>saved</span>
              {!readOnly && <Button size="compact-sm" variant="default" aria-label="Change the password" onClick={() => { setChanging(true) }}>Change</Button>}
            </div>
          </Input.Wrapper>
        ) : (
          <PasswordInput label="Password" autoComplete="new-password" ref={field} {...textField(props, 'password')} />
        )}
      </div>
      {moved && <Note tone="warn">Type the password again: it was saved for {saved.user || 'nobody'} at {saved.host}:{saved.port} and is not handed to another server.</Note>}
      {isGmailByPop3(form) && <Note tone="quiet">Gmail shows each mail by POP3 to one program only. Write recent: in front of the user name, and it shows the last 30 days to all.</Note>}
    </>
  )
}

const isGmailByPop3 = ({ kind, host, user }: FieldsProps['form']): boolean => kind === 'pop3' && /(?:^|\.)(?:gmail|googlemail)\.com\.?$/i.test(host.trim()) && !user.startsWith('recent:')
