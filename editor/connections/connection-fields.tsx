/** The fields of the connection form, in the order a person knows the answers. */
import { NumberInput, PasswordInput, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core'
import type { ConnectionView } from '#shared/api.ts'
import { securities, type ConnectionKind } from '#shared/connection.ts'
import { Fold } from '../ui/fold.tsx'
import { Note } from '../ui/note.tsx'
import css from './connections.module.css'
import type { ConnectionForm } from './draft.ts'
import { guessConnection, isEncrypted, kindWords, securityWords } from './guess.ts'

export interface ConnectionFieldsProps {
  readonly form: ConnectionForm
  readonly saved: ConnectionView | null
  readonly kinds: readonly ConnectionKind[]
  readonly readOnly: boolean
  readonly problems: Readonly<Partial<Record<keyof ConnectionForm, string>>>
  readonly onChange: (change: Partial<ConnectionForm>) => void
}

export function ConnectionFields({ form, saved, kinds, readOnly, problems, onChange }: ConnectionFieldsProps) {
  const note = guessConnection(form.user || form.address, form.kind)?.note ?? ''
  const moved = saved !== null && saved.hasPassword && form.password === '' && (form.host !== saved.host || form.port !== saved.port || form.user !== saved.user || form.security !== saved.security)
  const text = (field: 'name' | 'id' | 'description' | 'host' | 'user' | 'address' | 'certificate' | 'trustedServers') => ({
    value: form[field], error: problems[field], readOnly, onChange: (event: { readonly currentTarget: { readonly value: string } }) => { onChange({ [field]: event.currentTarget.value }) },
  })
  return (
    <>
      {!saved && kinds.length > 1 && (
        <SegmentedControl fullWidth value={form.kind} aria-label="What the connection is for" data={kinds.map((kind) => ({ value: kind, label: kindWords[kind].title }))} onChange={(kind) => { onChange({ kind }) }} />
      )}
      {!saved && <TextInput label="Mail address" placeholder="support@example.org" description="Fills in what is usual for this address; correct what differs." type="email" autoComplete="off" data-autofocus {...text('address')} />}
      <div className={css['hostRow']}>
        <TextInput label="Server" placeholder={form.kind === 'smtp' ? 'smtp.example.org' : 'imap.example.org'} autoComplete="off" spellCheck={false} required withAsterisk={false} {...text('host')} />
        <NumberInput label="Port" min={1} max={65535} hideControls allowDecimal={false} allowNegative={false} value={form.port} error={problems.port} readOnly={readOnly} onChange={(port) => { onChange({ port: typeof port === 'number' ? port : '' }) }} />
      </div>
      <Select
        label="Encryption" value={form.security} readOnly={readOnly} description={securityWords[form.security].say} inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={securities.map((security) => ({ value: security, label: securityWords[security].title }))}
        onChange={(security) => { if (security) onChange({ security }) }}
      />
      <div className={css['twoColumns']}>
        <TextInput label="User" placeholder="usually the whole address" autoComplete="off" spellCheck={false} {...text('user')} />
        <PasswordInput
          label="Password" autoComplete="new-password" value={form.password} error={problems.password} readOnly={readOnly}
          placeholder={saved?.hasPassword ? 'saved' : ''} onChange={(event) => { onChange({ password: event.currentTarget.value }) }}
        />
      </div>
      {moved && <Note tone="warn">Type the password again: it was saved for {saved.user || 'nobody'} at {saved.host}:{saved.port} and is not handed to another server.</Note>}
      {note !== '' && !readOnly && <Note tone="accent">{note}</Note>}
      <div className={css['twoColumns']}>
        <TextInput label="Name" placeholder="Support inbox" {...text('name')} />
        <TextInput label="Short name" description={saved ? 'Flows name the connection by it.' : undefined} inputWrapperOrder={['label', 'input', 'description', 'error']} placeholder="support-inbox" spellCheck={false} {...text('id')} readOnly={readOnly || saved !== null} />
      </div>
      <Textarea label="Description" minRows={2} {...text('description')} />
      {isEncrypted(form.security) && (
        <Fold title="The server's own certificate" aside={form.certificate === '' ? 'not needed for public servers' : 'pasted'} open={form.certificate !== '' || problems.certificate !== undefined}>
          <div className={css['foldFields']}>
            <Textarea label="Certificate (PEM)" placeholder={'-----BEGIN CERTIFICATE-----\n…'} description="Of the server itself or of the authority that signed it. Only it is trusted then." spellCheck={false} classNames={{ input: css['mono'] ?? '' }} {...text('certificate')} />
            <TextInput label="Accepted other names" placeholder="mail.internal, 10.0.0.5" description="Servers whose certificate is made for another name." {...text('trustedServers')} />
          </div>
        </Fold>
      )}
      {form.kind === 'smtp' && (
        <Fold title="Limits" aside={`at most ${form.maxConnections} at once`} open={problems.maxConnections !== undefined}>
          <div className={css['foldFields']}>
            <NumberInput label="Connections at once" min={1} max={50} allowDecimal={false} value={form.maxConnections} error={problems.maxConnections} readOnly={readOnly} onChange={(value) => { onChange({ maxConnections: typeof value === 'number' ? value : 1 }) }} />
          </div>
        </Fold>
      )}
    </>
  )
}
