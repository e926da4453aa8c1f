/** What an empty list says: why there is nothing yet and what to do about it. */
import type { ReactNode } from 'react'
import css from './ui.module.css'

export interface EmptyStateProps {
  readonly icon: ReactNode
  readonly title: string
  readonly say: ReactNode
  readonly children?: ReactNode
}
export function EmptyState({ icon, title, say, children }: EmptyStateProps) {
  return (
    <div className={css['empty']}>
      <span className={css['emptyIcon']} aria-hidden="true">{icon}</span>
      <h2>{title}</h2>
      <p>{say}</p>
      {children !== undefined && <div className={css['emptyActions']}>{children}</div>}
    </div>
  )
}
