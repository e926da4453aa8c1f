/** Deleting a connection: asks first, and where flows still use it says which instead. */
import { Button, Group, Modal } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { ConnectionView } from '#shared/api.ts'
import { api } from '../api/client.ts'
import { keys, useFlows } from '../api/queries.ts'
import { paths } from '../routes.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import css from './connections.module.css'

export interface DeleteConnectionProps {
  readonly connection: ConnectionView
  readonly opened: boolean
  readonly onClose: () => void
  readonly onDeleted: () => void
}
export function DeleteConnection({ connection, opened, onClose, onDeleted }: DeleteConnectionProps) {
  const client = useQueryClient()
  const flows = useFlows().data?.flows ?? []
  const remove = useMutation({
    mutationFn: () => api('DELETE /api/connections/:id', { params: { id: connection.id } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.connections })
      onDeleted()
    },
  })
  if (connection.usedBy.length > 0) {
    return (
      <Modal opened={opened} onClose={onClose} title={`${connection.name} is in use`} centered>
        <div className={css['inUse']}>
          <p>Choose another connection in {connection.usedBy.length === 1 ? 'this flow' : 'these flows'} first; then it can be deleted.</p>
          <ul>{connection.usedBy.map((id) => <li key={id}><Link href={paths.flow(id)}>{flows.find((flow) => flow.id === id)?.name ?? id}</Link></li>)}</ul>
          <Group justify="flex-end"><Button variant="default" onClick={onClose}>Close</Button></Group>
        </div>
      </Modal>
    )
  }
  return (
    <ConfirmDialog opened={opened} title={`Delete ${connection.name}?`} action="Delete connection" tone="bad" busy={remove.isPending} error={remove.error} onConfirm={() => { remove.mutate() }} onClose={onClose}>
      <p>Its saved password is deleted with it. No flow uses it; past runs stay as they are.</p>
    </ConfirmDialog>
  )
}
