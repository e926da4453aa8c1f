/** The top of a page: its name, one line on what it is for, and its actions on the right. */
import type { ReactNode } from 'react'
import css from './ui.module.css'

export function PageHeader({ title, say, children }: { readonly title: ReactNode; readonly say?: ReactNode; readonly children?: ReactNode }) {
  return (
    <header className={css['pageHeader']}>
      <h1>{title}</h1>
      {say !== undefined && <p>{say}</p>}
      {children !== undefined && <div className={css['pageActions']}>{children}</div>}
    </header>
  )
}
