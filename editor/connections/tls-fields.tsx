/** Whom to trust beside the usual authorities, and how TLS is spoken; folded away, since public servers need none of it. */
import { Button, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { tlsVersions, usualLine } from '#shared/connection.ts'
import { Fold } from '../ui/fold.tsx'
import { Note } from '../ui/note.tsx'
import css from './connections.module.css'
import type { ConnectionForm } from './draft.ts'
import { sayFingerprint } from './fingerprint.ts'
import { textField, type FieldsProps } from './form-field.ts'

export function TlsFields(props: FieldsProps) {
  const { form, readOnly, problems, onChange } = props
  const changed = changesOf(form)
  const trouble = problems.certificate ?? problems.pinned ?? problems.ciphers
  return (
    <Fold key={form.pinned} title="TLS settings" aside={changed.length === 0 ? 'as usual' : changed.join(', ')} open={changed.length > 0 || trouble !== undefined}>
      <div className={css['foldFields']}>
        {form.pinned === ''
          ? <CertificateFields {...props} />
          : <PinnedCertificate form={form} readOnly={readOnly} onForget={() => { onChange({ pinned: '' }) }} />}
        <div className={css['twoColumns']}>
          <Select
            label="Lowest version" value={form.minTls} readOnly={readOnly} allowDeselect={false} data={tlsVersions.map((version) => ({ value: version, label: version.replace('v', ' ') }))}
            onChange={(minTls) => { if (minTls) onChange({ minTls }) }}
          />
          <TextInput label="Ciphers" placeholder="the usual ones" spellCheck={false} autoComplete="off" classNames={{ input: css['mono'] ?? '' }} {...textField(props, 'ciphers')} />
        </div>
      </div>
    </Fold>
  )
}

function CertificateFields(props: FieldsProps) {
  const { form, readOnly, onChange } = props
  return (
    <>
      <Textarea label="Certificate (PEM)" placeholder={'-----BEGIN CERTIFICATE-----\n…'} description="Of the server itself or of the authority that signed it. Only it is trusted then." spellCheck={false} classNames={{ input: css['mono'] ?? '' }} {...textField(props, 'certificate')} />
      <TextInput label="Accepted other names" placeholder="mail.internal, 10.0.0.5" description="Servers whose certificate is made for another name." {...textField(props, 'trustedServers')} />
      <Switch label="The certificate must be made for this server" checked={form.checkHostName} disabled={readOnly} onChange={(event) => { onChange({ checkHostName: event.currentTarget.checked }) }} />
      {!form.checkHostName && <Note tone="bad">Anybody with a valid certificate for any name can pose as this server and read the password. Better: trust its one certificate after a check, or list its name above.</Note>}
    </>
  )
}

function PinnedCertificate({ form, readOnly, onForget }: { readonly form: ConnectionForm; readonly readOnly: boolean; readonly onForget: () => void }) {
  return (
    <div className={css['pinned']}>
      <b>Only this certificate is trusted</b>
      <code>{sayFingerprint(form.pinned)}</code>
      <p>Whatever its names and dates say, and nothing else. When the server gets a new one, the connection stops until it is trusted here.</p>
      {!readOnly && <Button size="compact-sm" variant="default" onClick={onForget}>Forget it</Button>}
    </div>
  )
}

/** What differs from the usual, in a word each, for the folded line. */
function changesOf(form: ConnectionForm): readonly string[] {
  if (form.pinned !== '') return ['one certificate trusted']
  return [
    ...(form.checkHostName ? [] : ['host name not checked']), ...(form.certificate === '' ? [] : ['certificate pasted']), ...(form.trustedServers === '' ? [] : ['other names']),
    ...(form.minTls === usualLine.minTls ? [] : ['TLS 1.3 only']), ...(form.ciphers === '' ? [] : ['own ciphers']),
  ]
}
