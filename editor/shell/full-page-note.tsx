/** A whole page with one thing to say: the server is away, or there is nothing at this address. */
import { Button } from '@mantine/core'
import { Compass } from 'lucide-react'
import { Link } from 'wouter'
import { paths } from '../routes.ts'
import { texts } from '../texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/note.tsx'
import css from './shell.module.css'

export function FullPageNote({ title, error, onRetry }: { readonly title: string; readonly error: unknown; readonly onRetry: () => void }) {
  return <div className={css['fullPage']}><ErrorNote title={title} error={error} onRetry={onRetry} /></div>
}

export function NoPage() {
  return (
    <EmptyState icon={<Compass size={20} />} title={texts.failed.noPage} say={texts.failed.noPageSay}>
      <Button component={Link} to={paths.flows}>{texts.failed.toFlows}</Button>
    </EmptyState>
  )
}
