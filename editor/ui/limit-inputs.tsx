/** How many mails may leave a minute, an hour and a day; an empty box is no limit. */
import { NumberInput } from '@mantine/core'
import { limitPeriods, type LimitPeriod, type Limits } from '#shared/sending/pace.ts'
import css from './limit-inputs.module.css'

const labels: Record<LimitPeriod, string> = { minute: 'a minute', hour: 'an hour', day: 'a day' }

export interface LimitInputsProps {
  readonly title: string
  readonly limits: Limits
  readonly error?: string | undefined
  readonly readOnly?: boolean
  readonly onChange: (limits: Limits) => void
}
export function LimitInputs({ title, limits, error, readOnly = false, onChange }: LimitInputsProps) {
  return (
    <fieldset className={css['limits']}>
      <legend>{title}</legend>
      <div className={css['row']}>
        {limitPeriods.map((period) => (
          <NumberInput key={period} label={labels[period]} placeholder="any" min={1} allowDecimal={false} allowNegative={false} hideControls value={limits[period] ?? ''} readOnly={readOnly}
            onChange={(value) => { onChange({ ...limits, [period]: typeof value === 'number' ? value : null }) }} />
        ))}
      </div>
      {error !== undefined && <p className={css['error']} role="alert">{error}</p>}
    </fieldset>
  )
}
