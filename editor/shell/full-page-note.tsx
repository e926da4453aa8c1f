/** A whole page with one thing to say: the server is away. */
import { ErrorNote } from '../ui/note.tsx'
import css from './shell.module.css'

export function FullPageNote({ title, error, onRetry }: { readonly title: string; readonly error: unknown; readonly onRetry: () => void }) {
  return <div className={css['fullPage']}><ErrorNote title={title} error={error} onRetry={onRetry} /></div>
}
