/** A number and its unit in one box. What is being typed stays as typed; only a number reaches the flow. */
import { Input } from '@mantine/core'
import { useId, useState } from 'react'
import css from './widgets.module.css'

export interface UnitInputProps {
  readonly label: string
  readonly value: number | null
  readonly onChange: (value: number) => void
  readonly units: readonly { readonly value: string; readonly label: string }[]
  readonly unit: string
  readonly onUnit?: (unit: string) => void
  readonly unitLabel: string
  /** The unit says it all: no number beside it. */
  readonly unitOnly?: boolean
  readonly help?: string | undefined
  readonly error?: string | undefined
}
export function UnitInput({ label, value, onChange, units, unit, onUnit, unitLabel, unitOnly = false, help, error }: UnitInputProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const id = useId()
  return (
    <Input.Wrapper label={label} description={help} error={error} id={id} inputWrapperOrder={['label', 'input', 'description', 'error']}>
      <span className={css['unitBox']} data-error={error !== undefined || undefined}>
        {!unitOnly && (
          <input id={id} inputMode="decimal" autoComplete="off" value={typed ?? (value === null ? '' : String(value))} aria-invalid={error !== undefined}
            onChange={(event) => {
              const text = event.currentTarget.value
              setTyped(text)
              const number = Number(text.trim().replace(',', '.'))
              if (text.trim() !== '' && Number.isFinite(number)) onChange(number)
            }}
            onBlur={() => { setTyped(null) }} />
        )}
        {onUnit === undefined ? <span>{units[0]?.label}</span> : (
          <select aria-label={`${label}: ${unitLabel}`} value={unit} onChange={(event) => { onUnit(event.currentTarget.value) }}>
            {units.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
          </select>
        )}
      </span>
    </Input.Wrapper>
  )
}
