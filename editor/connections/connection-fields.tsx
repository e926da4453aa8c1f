/** The connection form's order: what a person knows first, what is usual filled in from it, what few need folded away. */
import { Button, NumberInput, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { securities, type ConnectionKind } from '#shared/connection.ts'
import { Fold } from '../ui/fold.tsx'
import { Note } from '../ui/note.tsx'
import { AddressFields } from './address-fields.tsx'
import css from './connections.module.css'
import { textField, type FieldsProps } from './form-field.ts'
import { adviceFor } from './found-words.ts'
import { isEncrypted, kindShort, kindWords, securityWords } from './guess.ts'
import { DkimFields } from './dkim-fields.tsx'
import { LimitFields } from './limit-fields.tsx'
import { LoginFields } from './login-fields.tsx'
import { OutgoingField } from './outgoing-field.tsx'
import { SharingField } from './sharing-field.tsx'
import { TlsFields } from './tls-fields.tsx'
import type { Lookup } from './use-lookup.ts'

export interface ConnectionFieldsProps extends FieldsProps {
  readonly kinds: readonly ConnectionKind[]
  readonly lookup: Lookup
  /** A connection for sending may be made along. */
  readonly offersSending: boolean
  /** Stands below the login. */
  readonly signIn: ReactNode
}
export function ConnectionFields({ kinds, lookup, offersSending, signIn, ...props }: ConnectionFieldsProps) {
  const { form, saved, readOnly, problems, onChange } = props
  // A saved login that works needs no advice.
  const advice = readOnly || saved?.hasPassword ? null : adviceFor(saved ? { ...form, address: form.user } : form, lookup)
  return (
    <>
      {!saved && kinds.length > 1 && (
        <div className={css['kindChoice']}>
          <SegmentedControl fullWidth value={form.kind} aria-label="What the connection is for" data={kinds.map((kind) => ({ value: kind, label: kindWords[kind].title }))} onChange={(kind) => { onChange({ kind }) }} />
          <p>{kindWords[form.kind].say}</p>
        </div>
      )}
      {!saved && <AddressFields lookup={lookup} kinds={kinds} {...props} />}
      <ServerFields {...props} />
      <LoginFields {...props} />
      {signIn}
      {!saved && form.kind !== 'smtp' && offersSending && <OutgoingField {...props} />}
      {advice && (
        <Note tone={advice.tone} title={advice.title} actions={advice.signIn ? <Button size="xs" variant="default" onClick={() => { onChange({ login: 'oauth2' }) }}>Sign in instead of a password</Button> : undefined}>
          {advice.say}
          {advice.list.length > 0 && <ul className={css['missed']}>{advice.list.map((say) => <li key={say}>{say}</li>)}</ul>}
        </Note>
      )}
      <div className={css['twoColumns']}>
        <TextInput label="Name" placeholder="Support inbox" {...textField(props, 'name')} />
        <TextInput label="Short name" description={saved ? 'Flows name the connection by it.' : undefined} inputWrapperOrder={['label', 'input', 'description', 'error']} placeholder="support-inbox" spellCheck={false} {...textField(props, 'id')} readOnly={readOnly || saved !== null} />
      </div>
      <div className={css['folds']}>
        {isEncrypted(form.security) && <TlsFields {...props} />}
        {form.kind === 'smtp' && <DkimFields {...props} />}
        <LimitFields {...props} />
        <SharingField {...props} />
        <Fold title="Description" aside={form.description === '' ? 'none' : undefined} open={form.description !== '' || problems.description !== undefined}>
          <div className={css['foldFields']}>
            <Textarea aria-label="Description" minRows={2} placeholder="Who reads this mailbox, what it is for" {...textField(props, 'description')} />
          </div>
        </Fold>
      </div>
    </>
  )
}

function ServerFields(props: FieldsProps) {
  const { form, readOnly, problems, onChange } = props
  return (
    <>
      <div className={css['hostRow']}>
        <TextInput label="Server" placeholder={`${kindShort[form.kind].toLowerCase().replace('3', '')}.example.org`} autoComplete="off" spellCheck={false} required withAsterisk={false} {...textField(props, 'host')} />
        <NumberInput label="Port" min={1} max={65535} hideControls allowDecimal={false} allowNegative={false} value={form.port} error={problems.port} readOnly={readOnly} onChange={(port) => { onChange({ port: typeof port === 'number' ? port : '' }) }} />
      </div>
      <Select
        label="Encryption" value={form.security} readOnly={readOnly} description={securityWords[form.security].say} inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={securities.map((security) => ({ value: security, label: securityWords[security].title }))}
        onChange={(security) => { if (security) onChange({ security }) }}
      />
    </>
  )
}
