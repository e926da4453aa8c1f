/** Stopping takes no mail in any more, so it is asked first. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { useDesk } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'

export function StopDialog({ onClose, onStopped }: { readonly onClose: () => void; readonly onStopped: () => void }) {
  const { view } = useDesk()
  const client = useQueryClient()
  const stop = useMutation({
    mutationFn: () => api('POST /api/flows/:id/stop', { params: { id: view.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.flow(view.id) })
      void client.invalidateQueries({ queryKey: keys.flows })
      onStopped()
    },
  })
  return (
    <ConfirmDialog opened title={texts.stop.title(view.name)} action={texts.stop.action} busy={stop.isPending} error={stop.error} onConfirm={() => { stop.mutate() }} onClose={onClose}>
      <p>{texts.stop.say}</p>
    </ConfirmDialog>
  )
}
