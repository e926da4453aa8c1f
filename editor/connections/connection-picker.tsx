/** Chooses a connection for a step, with "New connection…" inside; a connection that is gone is named as such. */
import { Select } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { ConnectionKind } from '#shared/connection.ts'
import { useConnections, useMailboxes } from '../api/queries.ts'
import { healthWords, worstHealth } from '../ui/health.ts'
import { Dot } from '../ui/pill.tsx'
import { ConnectionPanel } from './connection-panel.tsx'
import css from './connections.module.css'
import { kindShort, securityWords } from './guess.ts'

const makeNew = ' new'

export interface ConnectionPickerProps {
  readonly kinds: readonly ConnectionKind[]
  /** '' while none is chosen. */
  readonly value: string
  readonly onChange: (id: string) => void
  readonly label: string
  readonly error?: string | undefined
  readonly description?: string | undefined
}

export function ConnectionPicker({ kinds, value, onChange, label, error, description }: ConnectionPickerProps) {
  const [making, setMaking] = useState(false)
  const { data, isPending } = useConnections()
  const mailboxes = useMailboxes().data?.mailboxes ?? []
  const fitting = (data?.connections ?? []).filter((one) => kinds.includes(one.kind))
  const chosen = fitting.find((one) => one.id === value)
  const missing = value !== '' && !chosen && !isPending
  const health = chosen ? worstHealth(mailboxes.filter((box) => box.connection === chosen.id).map((box) => box.health)) : null
  return (
    <>
      <Select
        label={label} placeholder="Choose a connection" value={value === '' ? null : value} disabled={isPending} maxDropdownHeight={280}
        description={description} error={error ?? (missing ? `There is no connection named ${value} here` : undefined)}
        data={[
          ...fitting.map((one) => ({ value: one.id, label: one.name })),
          ...(missing ? [{ value, label: value }] : []),
          { value: makeNew, label: 'New connection…' },
        ]}
        leftSection={health ? <Dot tone={healthWords[health].tone} /> : undefined} leftSectionWidth={26} {...(health ? { styles: { input: { paddingInlineStart: 26 } } } : {})}
        renderOption={({ option }) => <Option name={option.label} connection={fitting.find((one) => one.id === option.value)} isNew={option.value === makeNew} />}
        onChange={(id) => {
          if (id === makeNew) setMaking(true)
          else if (id !== null) onChange(id)
        }}
      />
      <ConnectionPanel opened={making} connection={null} kinds={kinds} onClose={() => { setMaking(false) }} onSaved={onChange} />
    </>
  )
}

function Option({ name, connection, isNew }: { readonly name: string; readonly isNew: boolean; readonly connection: { readonly kind: ConnectionKind; readonly security: keyof typeof securityWords } | undefined }) {
  if (isNew) return <span className={css['optionNew']}><Plus size={14} aria-hidden="true" />{name}</span>
  return (
    <span className={css['option']}>
      <bdi>{name}</bdi>
      <span>{connection ? `${kindShort[connection.kind]}, ${securityWords[connection.security].short}` : 'not there'}</span>
    </span>
  )
}
