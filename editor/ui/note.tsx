/** A sentence that matters, tinted by how much; and the same for a failed request, with a way to try again. */
import { Button } from '@mantine/core'
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { sayFailure } from '../api/client.ts'
import type { Tone } from './pill.tsx'
import css from './ui.module.css'

const icons = { ok: CircleCheck, warn: TriangleAlert, bad: CircleAlert, accent: Info, quiet: Info } satisfies Record<Tone, unknown>

export interface NoteProps {
  readonly tone: Tone
  readonly title?: ReactNode
  readonly children?: ReactNode
  /** Buttons under the words. */
  readonly actions?: ReactNode
}
export function Note({ tone, title, children, actions }: NoteProps) {
  const Icon = icons[tone]
  return (
    <div className={css['note']} data-tone={tone} role={tone === 'bad' ? 'alert' : 'note'}>
      <Icon size={16} aria-hidden="true" />
      <div className={css['noteBody']}>
        {title !== undefined && <strong>{title}</strong>}
        {children !== undefined && <div>{children}</div>}
        {actions !== undefined && <div className={css['noteActions']}>{actions}</div>}
      </div>
    </div>
  )
}

export function ErrorNote({ error, title, onRetry }: { readonly error: unknown; readonly title?: string; readonly onRetry?: () => unknown }) {
  const retry = onRetry && <Button size="xs" variant="default" onClick={() => { onRetry() }}>Try again</Button>
  return <Note tone="bad" {...(title === undefined ? {} : { title })} {...(retry ? { actions: retry } : {})}>{sayFailure(error)}</Note>
}
