/** The runs of the last 24 hours as small bars, oldest on the left; the tallest hour sets the scale. */
import { texts } from '../texts.ts'
import css from './hour-bars.module.css'

export function HourBars({ hours, height = 22 }: { readonly hours: readonly number[]; readonly height?: number }) {
  const most = Math.max(1, ...hours)
  return (
    <span className={css['bars']} style={{ height }}>
      <span className="visually-hidden">{texts.flows.allHours(hours.reduce((sum, count) => sum + count, 0))}</span>
      {hours.map((count, index) => (
        <i key={index} data-idle={count === 0 || undefined} title={texts.flows.hourBar(count, hours.length - 1 - index)}
          style={{ height: count === 0 ? 2 : Math.max(4, Math.round((count / most) * height)) }} />
      ))}
    </span>
  )
}
