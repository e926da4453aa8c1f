/** One mail of the outbox with what can be done about it; it stays in sight when it leaves the list. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { decisions, editable, mayDecide, type DecisionKind } from '#shared/outbox.ts'
import type { SendView } from '#shared/run.ts'
import { api } from '../api/client.ts'
import { keys, useFlows, useRun } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { paths } from '../routes.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Loading } from '../ui/loading.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { SendCard } from '../ui/send-card.tsx'
import { Decide } from './decide.tsx'
import { decisionWords } from './decision-words.ts'
import { EditDialog } from './edit-dialog.tsx'
import css from './outbox-page.module.css'

export interface SendDetailProps {
  readonly id: string
  readonly run: string
  /** As the list has it, if it is there. */
  readonly listed: SendView | undefined
  readonly onOpen: (send: SendView) => void
}
export function SendDetail({ id, run, listed, onOpen }: SendDetailProps) {
  const whole = useRun(run)
  const flows = useFlows().data?.flows ?? []
  const send = whole.data?.sends.find((one) => one.id === id) ?? listed
  if (!send) return run !== '' && whole.isPending ? <Loading what="the mail" /> : <div className={css['pad']}>{whole.error ? <ErrorNote error={whole.error} onRetry={whole.refetch} /> : 'This mail is no longer here.'}</div>
  return (
    <div className={css['pad']} ref={showWhole}>
      <SendCard send={send} heading="h2">
        <p className={css['origin']}><Moment at={send.createdAt} /> by <Link href={paths.flow(send.flow)}>{flows.find((flow) => flow.id === send.flow)?.name ?? send.flow}</Link>, <Link href={paths.run(send.run)}>its run</Link></p>
        {send.state === 'unknown' ? <Decide send={send} /> : <Acts send={send} onOpen={onOpen} />}
        {send.dropped && <p className={css['quiet']}>Its bytes are no longer kept, so it can&apos;t be sent any more.</p>}
      </SendCard>
    </div>
  )
}

/** On a phone it stands below the list. */
const showWhole = (card: HTMLElement | null): void => { card?.scrollIntoView({ block: 'nearest' }) }

function Acts({ send, onOpen }: { readonly send: SendView; readonly onOpen: (send: SendView) => void }) {
  const client = useQueryClient()
  const barred = useMay('deploy')
  const [asking, setAsking] = useState<DecisionKind | null>(null)
  const [editing, setEditing] = useState(false)
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: keys.allOutbox }), client.invalidateQueries({ queryKey: keys.run(send.run) })])
  const decide = useMutation({
    mutationFn: (decision: DecisionKind) => api('POST /api/outbox/:id/decide', { params: { id: send.id }, body: { do: decision } }),
    onSuccess: async () => {
      setAsking(null)
      await refresh()
    },
  })
  const offered = decisions.filter((decision) => mayDecide(decision, send))
  const mayEdit = !send.dropped && editable(send.recipients).length > 0
  if (offered.length === 0 && !mayEdit) return null
  const words = asking && decisionWords[asking]
  return (
    <section className={css['acts']} aria-label="What becomes of this mail">
      {offered.filter((decision) => decisionWords[decision].tone === 'accent').map((decision) => (
        <Button key={decision} size="xs" loading={decide.isPending && decide.variables === decision} {...barred} onClick={() => { decide.mutate(decision) }}>{decisionWords[decision].title}</Button>
      ))}
      {mayEdit && <Button size="xs" variant="default" {...barred} onClick={() => { setEditing(true) }}>Edit and send…</Button>}
      {offered.filter((decision) => decisionWords[decision].tone === 'bad').map((decision) => (
        <Button key={decision} size="xs" variant="default" {...barred} onClick={() => { setAsking(decision) }}>{decisionWords[decision].title}…</Button>
      ))}
      {decide.error && asking === null && <ErrorNote error={decide.error} />}
      <ConfirmDialog opened={asking !== null} title={`${words?.title ?? ''}?`} action={words?.title ?? ''} tone="bad" busy={decide.isPending} error={decide.error} onConfirm={() => { if (asking) decide.mutate(asking) }} onClose={() => { setAsking(null) }}>
        <p>“{send.subject || '(no subject)'}”: {words?.say}</p>
      </ConfirmDialog>
      {editing && (
        <EditDialog send={send} onClose={() => { setEditing(false) }} onSent={(copy) => {
          setEditing(false)
          void refresh()
          onOpen(copy)
        }} />
      )}
    </section>
  )
}
