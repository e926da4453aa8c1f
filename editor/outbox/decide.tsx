/** The three ways out of an unknown outcome, each with what it means; nobody is asked to guess what a button does. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Decision } from '#shared/api.ts'
import type { SendView } from '#shared/run.ts'
import { api } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { ErrorNote } from '../ui/note.tsx'
import css from './outbox-page.module.css'

const choices: readonly { readonly do: Decision['do']; readonly title: string; readonly say: string }[] = [
  { do: 'resend', title: 'Send again', say: 'The very same mail with the same Message-ID. If the first one did arrive, most receivers show it once; some may show it twice.' },
  { do: 'was-sent', title: 'It was sent', say: 'You have seen it at the receiver or in the sent mail. The run goes on as if the server had answered.' },
  { do: 'give-up', title: 'Give up', say: 'It is not sent again and the run ends as failed. Nothing more happens by itself.' },
]

export function Decide({ send }: { readonly send: SendView }) {
  const client = useQueryClient()
  const [givingUp, setGivingUp] = useState(false)
  const barred = useMay('deploy')
  const decide = useMutation({
    mutationFn: (decision: Decision['do']) => api('POST /api/outbox/:id/decide', { params: { id: send.id }, body: { do: decision } }),
    onSuccess: async () => {
      setGivingUp(false)
      await Promise.all([client.invalidateQueries({ queryKey: keys.allOutbox }), client.invalidateQueries({ queryKey: keys.run(send.run) })])
    },
  })
  return (
    <section className={css['decide']} aria-label="Decide what becomes of this mail">
      <p>The mail was handed over, but the server&apos;s answer got lost: it may or may not have arrived. What do you want?</p>
      <ul>
        {choices.map((choice) => (
          <li key={choice.do}>
            <Button
              size="xs" variant={choice.do === 'resend' ? 'filled' : 'default'} loading={decide.isPending && decide.variables === choice.do} disabled={decide.isPending && decide.variables !== choice.do} {...barred}
              onClick={() => {
                if (choice.do === 'give-up') setGivingUp(true)
                else decide.mutate(choice.do)
              }}
            >{choice.title}{choice.do === 'give-up' && '…'}</Button>
            <span>{choice.say}</span>
          </li>
        ))}
      </ul>
      {decide.error && !givingUp && <ErrorNote error={decide.error} />}
      <ConfirmDialog opened={givingUp} title="Give this mail up?" action="Give up" tone="bad" busy={decide.isPending} error={decide.error} onConfirm={() => { decide.mutate('give-up') }} onClose={() => { setGivingUp(false) }}>
        <p>“{send.subject || '(no subject)'}” will not be sent again, and its run ends as failed. You can still replay the run later.</p>
      </ConfirmDialog>
    </section>
  )
}
