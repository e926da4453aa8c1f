/** A heading that opens what lies under it; folded content is not even made. */
import { ChevronRight } from 'lucide-react'
import { useId, useState, type ReactNode } from 'react'
import css from './ui.module.css'

export interface FoldProps {
  readonly title: ReactNode
  /** At the right end of the heading. */
  readonly aside?: ReactNode
  /** Open from the start; when it becomes so later, the fold opens, and what a person opened stays. */
  readonly open?: boolean
  readonly children: ReactNode
}
export function Fold({ title, aside, open: asked = false, children }: FoldProps) {
  const [open, setOpen] = useState(asked)
  const [before, setBefore] = useState(asked)
  if (asked !== before) {
    setBefore(asked)
    if (asked) setOpen(true)
  }
  const id = useId()
  return (
    <div className={css['fold']}>
      <button type="button" className={css['foldHead']} aria-expanded={open} aria-controls={id} onClick={() => { setOpen(!open) }}>
        <ChevronRight size={14} aria-hidden="true" data-open={open || undefined} />
        <span className={css['foldTitle']}>{title}</span>
        {aside !== undefined && <span className={css['foldAside']}>{aside}</span>}
      </button>
      <div id={id} hidden={!open}>{open && children}</div>
    </div>
  )
}
