/** Which field of the outgoing mail a row fills; own headers by name. */
import { NativeSelect, TextInput } from '@mantine/core'
import type { Shape } from '#shared/shape.ts'
import css from './mapper.module.css'

const ownHeader = 'headers.'

export function TargetSelect({ to, target, onChange }: { readonly to: string; readonly target: Shape; readonly onChange: (to: string) => void }) {
  const fields = Object.entries(target.fields ?? {}).filter(([name]) => name !== 'headers')
  const isHeader = to.startsWith(ownHeader)
  const known = isHeader || fields.some(([name]) => name === to)
  return (
    <span className={css['target']}>
      <NativeSelect
        size="xs" aria-label="Field to fill" value={isHeader ? ownHeader : to}
        data={[
          ...(known ? [] : [{ value: to, label: `${to} (unknown)` }]),
          ...fields.map(([name, shape]) => ({ value: name, label: shape.required ? `${shape.title} *` : shape.title })),
          ...(target.fields?.['headers'] ? [{ value: ownHeader, label: 'Own header…' }] : []),
        ]}
        onChange={(event) => { onChange(event.currentTarget.value === ownHeader ? `${ownHeader}X-` : event.currentTarget.value) }}
      />
      {isHeader && <TextInput size="xs" aria-label="Name of the header" placeholder="X-Ticket" spellCheck={false} value={to.slice(ownHeader.length)} onChange={(event) => { onChange(ownHeader + event.currentTarget.value.replace(/\s/g, '')) }} />}
    </span>
  )
}

export const targetTitle = (to: string, target: Shape): string => (to.startsWith(ownHeader) ? to.slice(ownHeader.length) || 'Own header' : target.fields?.[to]?.title ?? to)
