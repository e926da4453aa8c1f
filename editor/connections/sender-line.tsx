/** What an outgoing connection has done and what waits for it, in a line; with another try where its server is in trouble. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import type { SendersView, SenderView } from '#shared/api.ts'
import type { SenderState } from '#shared/connection.ts'
import { api, sayFailure } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import type { Tone } from '../ui/pill.tsx'
import css from './connections.module.css'

export const senderWords: Record<SenderState, { readonly tone: Tone; readonly say: string }> = {
  open: { tone: 'ok', say: 'sending' },
  limited: { tone: 'warn', say: 'at its limit' },
  paused: { tone: 'warn', say: 'trying again' },
  'needs-attention': { tone: 'bad', say: 'needs you' },
}

export function SenderLine({ sender, name }: { readonly sender: SenderView; readonly name: string }) {
  const client = useQueryClient()
  const tryNow = useMutation({
    mutationFn: () => api('POST /api/senders/:id/try', { params: { id: sender.connection } }),
    onSuccess: (now) => { client.setQueryData<SendersView>(keys.senders, (view) => view && { senders: view.senders.map((one) => (one.connection === now.connection ? now : one)) }) },
  })
  const may = useMay('deploy')
  const inTrouble = sender.state === 'paused' || sender.state === 'needs-attention'
  const facts = sayFacts(sender)
  if (facts === '' && !inTrouble) return null
  return (
    <div className={css['senderLine']}>
      <p title={sender.lastAnswer ? `The server's last answer: ${sender.lastAnswer.say}` : undefined}>{facts}</p>
      {inTrouble && <Button size="compact-xs" variant="default" leftSection={<RefreshCw size={13} aria-hidden="true" />} aria-label={`Try now: ${name}`} loading={tryNow.isPending} {...may} onClick={() => { tryNow.mutate() }}>Try now</Button>}
      {tryNow.error !== null && <p role="alert">{sayFailure(tryNow.error)}</p>}
    </div>
  )
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

function sayFacts({ waiting, sentLastHour, nextTryAt, state }: SenderView): string {
  return [
    ...(sentLastHour > 0 ? [`${sentLastHour} sent in the last hour`] : []), ...(waiting > 0 ? [`${waiting} ${waiting === 1 ? 'mail waits' : 'mails wait'}`] : []),
    ...(nextTryAt === null ? [] : [`${state === 'limited' ? 'goes on' : 'tried again'} at ${clock.format(new Date(nextTryAt))}`]),
  ].join(', ')
}
