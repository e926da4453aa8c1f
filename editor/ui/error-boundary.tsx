/** A page that breaks says so in its own place; the rest of the editor stays usable. */
import { Button } from '@mantine/core'
import { CircleAlert } from 'lucide-react'
import { Component, type ReactNode } from 'react'
import { texts } from '../texts.ts'
import { EmptyState } from './empty-state.tsx'

interface State { readonly broken: boolean }

export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { broken: false }
  static getDerivedStateFromError(): State { return { broken: true } }
  override render(): ReactNode {
    if (!this.state.broken) return this.props.children
    return (
      <EmptyState icon={<CircleAlert size={20} />} title={texts.failed.title} say={texts.failed.say}>
        <Button onClick={() => { window.location.reload() }}>{texts.failed.again}</Button>
      </EmptyState>
    )
  }
}
