/** The first thing a person knows: the address, or the provider by name; the servers come from it, and one line says from where. */
import { Button, Loader, TextInput } from '@mantine/core'
import { Check, CircleAlert, TriangleAlert } from 'lucide-react'
import type { ConnectionKind } from '#shared/connection.ts'
import css from './connections.module.css'
import { textField, type FieldsProps } from './form-field.ts'
import { sayFound, type FoundLine } from './found-words.ts'
import { kindShort, providerIn } from './guess.ts'
import { ProviderPicker } from './provider-picker.tsx'
import type { Lookup } from './use-lookup.ts'

export interface AddressFieldsProps extends FieldsProps {
  readonly lookup: Lookup
  readonly kinds: readonly ConnectionKind[]
}
export function AddressFields({ lookup, kinds, ...props }: AddressFieldsProps) {
  const { form, onChange } = props
  const line = sayFound(form, lookup)
  const instead = kinds.find((kind) => kind === line.instead)
  return (
    <div className={css['addressFields']}>
      <div className={css['addressRow']}>
        <TextInput label="Mail address" placeholder="support@example.org" type="email" autoComplete="off" spellCheck={false} data-autofocus aria-describedby="found-line" {...textField(props, 'address')} />
        <ProviderPicker value={providerIn(form.address, form)?.id ?? ''} onChange={(provider) => { onChange({ provider }) }} />
      </div>
      {/* Always one line, so that nothing moves while an address is typed. */}
      <p id="found-line" className={css['foundLine']} data-tone={line.tone} aria-live="polite">
        <Mark tone={line.tone} /><span title={line.say}>{line.say}</span>
        {instead && <Button size="compact-xs" h={20} variant="subtle" onClick={() => { onChange({ kind: instead }) }}>Use {kindShort[instead]}</Button>}
        {lookup.state === 'failed' && <Button size="compact-xs" h={20} variant="subtle" onClick={() => { lookup.again() }}>Try again</Button>}
      </p>
    </div>
  )
}

function Mark({ tone }: { readonly tone: FoundLine['tone'] }) {
  switch (tone) {
    case 'quiet': return null
    case 'busy': return <Loader size={12} color="gray" aria-hidden="true" />
    case 'ok': return <Check size={14} aria-hidden="true" />
    case 'warn': return <TriangleAlert size={14} aria-hidden="true" />
    case 'bad': return <CircleAlert size={14} aria-hidden="true" />
  }
}
