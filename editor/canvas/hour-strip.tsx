/** The flow's day in one line at the foot of the canvas. */
import { Link } from 'wouter'
import type { FlowView } from '#shared/api.ts'
import { paths } from '../routes.ts'
import { texts } from '../texts.ts'
import { HourBars } from '../ui/hour-bars.tsx'
import css from './canvas.module.css'

export function HourStrip({ view }: { readonly view: FlowView }) {
  const { done, failed, open } = view.today
  const runs = done + failed + open
  return (
    <Link to={paths.flowRuns(view.id)} className={css['strip'] ?? ''}>
      <b>{texts.canvas.hours}</b>
      <HourBars hours={view.hours} />
      <span className="tabular">{runs > 0 ? texts.canvas.hoursSay(runs, failed) : texts.canvas.noRuns}</span>
    </Link>
  )
}
