/** A time span, kept in seconds and shown in the largest unit that fits it whole. */
import { useState } from 'react'
import { texts } from '#editor/texts.ts'
import { UnitInput } from './unit-input.tsx'
import { line, numberOf, type WidgetProps } from './widget.ts'

const units = [
  { value: '1', label: texts.field.seconds },
  { value: '60', label: texts.field.minutes },
  { value: '3600', label: texts.field.hours },
] as const

export function DurationWidget({ field, value, onChange, error, help }: WidgetProps) {
  return <SecondsInput label={field.meta.title} seconds={numberOf(value)} onChange={onChange} help={line(help)} error={line(error)} />
}

export interface SecondsInputProps {
  readonly label: string
  readonly seconds: number | null
  readonly onChange: (seconds: number) => void
  readonly help?: string | undefined
  readonly error?: string | undefined
}
export function SecondsInput({ label, seconds, onChange, help, error }: SecondsInputProps) {
  const [unit, setUnit] = useState(() => largestUnit(seconds))
  return (
    <UnitInput label={label} value={seconds === null ? null : seconds / Number(unit)} units={units} unit={unit} unitLabel={texts.field.unit} help={help} error={error}
      onChange={(count) => { onChange(Math.round(count * Number(unit) * 1000) / 1000) }}
      onUnit={(next) => {
        setUnit(next)
        // The number stays what it is: "5 seconds" becomes "5 minutes".
        if (seconds !== null) onChange((seconds / Number(unit)) * Number(next))
      }} />
  )
}

const largestUnit = (seconds: number | null): string =>
  units.findLast((unit) => seconds !== null && seconds >= Number(unit.value) && seconds % Number(unit.value) === 0)?.value ?? '1'
