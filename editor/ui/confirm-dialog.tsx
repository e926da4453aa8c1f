/** Asks before what can't be undone; the button says what will happen, and a refusal is shown where it was asked. */
import { Button, Group, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { ErrorNote } from './note.tsx'
import css from './ui.module.css'

export interface ConfirmDialogProps {
  readonly opened: boolean
  readonly title: string
  readonly children: ReactNode
  /** The button's words, e.g. "Delete connection". */
  readonly action: string
  readonly tone?: 'accent' | 'bad'
  readonly busy?: boolean
  readonly error?: unknown
  readonly onConfirm: () => void
  readonly onClose: () => void
}
export function ConfirmDialog({ opened, title, children, action, tone = 'accent', busy = false, error, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered size="md">
      <div className={css['stack']}>
        <div className={css['dialogWords']}>{children}</div>
        {error != null && <ErrorNote error={error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button {...(tone === 'bad' ? { color: 'red' } : {})} loading={busy} onClick={onConfirm} data-autofocus>{action}</Button>
        </Group>
      </div>
    </Modal>
  )
}
