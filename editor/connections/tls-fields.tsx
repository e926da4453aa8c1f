/** Whom to trust beside the usual authorities; folded away, since public servers need none of it. */
import { Textarea, TextInput } from '@mantine/core'
import { Fold } from '../ui/fold.tsx'
import css from './connections.module.css'
import { textField, type FieldsProps } from './form-field.ts'

export function TlsFields(props: FieldsProps) {
  const { form, problems } = props
  return (
    <Fold title="The server's own certificate" aside={form.certificate === '' ? 'not needed for public servers' : 'pasted'} open={form.certificate !== '' || problems.certificate !== undefined}>
      <div className={css['foldFields']}>
        <Textarea label="Certificate (PEM)" placeholder={'-----BEGIN CERTIFICATE-----\n…'} description="Of the server itself or of the authority that signed it. Only it is trusted then." spellCheck={false} classNames={{ input: css['mono'] ?? '' }} {...textField(props, 'certificate')} />
        <TextInput label="Accepted other names" placeholder="mail.internal, 10.0.0.5" description="Servers whose certificate is made for another name." {...textField(props, 'trustedServers')} />
      </div>
    </Fold>
  )
}
