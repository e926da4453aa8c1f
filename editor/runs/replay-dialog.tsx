/** Replay: the same mail once more through the flow as it runs now. Asks first and says what will be sent a second time. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { RunView } from '#shared/api.ts'
import { api } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { sayCount } from '../ui/formats.ts'

export interface ReplayDialogProps {
  readonly run: RunView
  readonly opened: boolean
  readonly onClose: () => void
  readonly onReplayed: (id: string) => void
}
export function ReplayDialog({ run, opened, onClose, onReplayed }: ReplayDialogProps) {
  const client = useQueryClient()
  const replay = useMutation({
    mutationFn: () => api('POST /api/runs/:id/replay', { params: { id: run.id } }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: keys.allRuns })
      onClose()
      onReplayed(made.run)
    },
  })
  const sent = run.sends.filter((send) => send.recipients.some((recipient) => recipient.state === 'sent'))
  return (
    <ConfirmDialog opened={opened} title="Replay this run?" action={sent.length > 0 ? 'Replay and send again' : 'Replay'} busy={replay.isPending} error={replay.error} onConfirm={() => { replay.mutate() }} onClose={onClose}>
      <p>The stored mail goes once more through <strong>{run.flowName}</strong>, as a new run of the version that runs now. This run stays in the history.</p>
      {sent.length > 0
        ? <p>This run has already sent {sayCount(sent.length, 'mail')}; the receivers will get {sent.length === 1 ? 'it' : 'them'} a second time, as {sent.length === 1 ? 'a new mail' : 'new mails'}.</p>
        : <p>This run has sent nothing so far.</p>}
    </ConfirmDialog>
  )
}
