/** Signing with DKIM: for which domain, with which key, and the DNS record that somebody must publish for it. */
import { Anchor, Button, CopyButton, Textarea, TextInput } from '@mantine/core'
import type { DnsRecord } from '#shared/dkim.ts'
import { Fold } from '../ui/fold.tsx'
import css from './connections.module.css'
import { textField, type FieldsProps } from './form-field.ts'

export function DkimFields(props: FieldsProps) {
  const { form, saved, readOnly, problems, onChange } = props
  const signs = form.dkimDomain !== '' || form.dkimSelector !== '' || form.dkimKey !== ''
  const record = saved?.dkimRecord ?? null
  const kept = record !== null && form.dkimKey === ''
  const unsaved = saved?.dkim?.domain !== form.dkimDomain || saved.dkim.selector !== form.dkimSelector || form.dkimKey !== ''
  return (
    <Fold title="Signing (DKIM)" aside={signs ? <bdi>as {form.dkimDomain || '…'}</bdi> : 'not signed'} open={problems.dkimDomain !== undefined || problems.dkimSelector !== undefined || problems.dkimKey !== undefined}>
      <div className={css['foldFields']}>
        <p className={css['foldSay']}>Receivers can then tell that a mail comes from your domain and was not changed. Only needed where the server does not sign by itself, as most providers do.</p>
        <div className={css['twoColumns']}>
          <TextInput label="Domain" placeholder="example.org" autoComplete="off" spellCheck={false} {...textField(props, 'dkimDomain')} />
          <TextInput label="Selector" placeholder="mail2026" autoComplete="off" spellCheck={false} {...textField(props, 'dkimSelector')} />
        </div>
        <Textarea
          label="Private key" placeholder={kept ? 'saved' : '-----BEGIN PRIVATE KEY-----'} description={kept ? 'The saved key stays. Paste another to change it.' : 'RSA of 2048 bits or Ed25519, as PEM. It is kept sealed and never shown again.'}
          minRows={3} maxRows={6} autoComplete="off" spellCheck={false} inputWrapperOrder={['label', 'input', 'description', 'error']} {...textField(props, 'dkimKey')}
        />
        {signs && (record !== null && !unsaved ? <PublishedRecord record={record} /> : <p className={css['foldSay']}>Once it is saved, the DNS record to publish stands here.</p>)}
        {signs && !readOnly && <div><Anchor component="button" type="button" size="sm" onClick={() => { onChange({ dkimDomain: '', dkimSelector: '', dkimKey: '' }) }}>Sign nothing</Anchor></div>}
      </div>
    </Fold>
  )
}

function PublishedRecord({ record }: { readonly record: DnsRecord }) {
  return (
    <>
      <p className={css['foldSay']}>Publish this in the DNS of the domain, as a record of type TXT:</p>
      {([['Name', record.name], ['Value', record.value]] as const).map(([label, text]) => (
        <div key={label} className={css['copyRow']}>
          <TextInput label={label} value={text} readOnly spellCheck={false} onFocus={(event) => { event.currentTarget.select() }} />
          <CopyButton value={text}>{({ copied, copy }) => <Button variant="default" aria-label={`Copy the ${label.toLowerCase()} of the record`} onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>
        </div>
      ))}
    </>
  )
}
