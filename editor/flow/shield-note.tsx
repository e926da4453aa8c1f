/** Above the flow's views: that it stopped itself and why, or that mails wait for a look, each with what can be done about it at once. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { HeldDecision, Resume } from '#shared/api.ts'
import { api } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { paths } from '../routes.ts'
import { useDesk } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import css from './flow.module.css'

const words = texts.shield
type Act = { readonly to: 'resume'; readonly body: Resume } | { readonly to: 'held'; readonly body: HeldDecision }

export function ShieldNote() {
  const { view: { id, paused, held } } = useDesk()
  const client = useQueryClient()
  const may = useMay('deploy')
  const [discarding, setDiscarding] = useState(false)
  const act = useMutation({
    mutationFn: ({ to, body }: Act) => (to === 'resume' ? api('POST /api/flows/:id/resume', { params: { id }, body }) : api('POST /api/flows/:id/held', { params: { id }, body })),
    onSettled: async () => {
      setDiscarding(false)
      await Promise.all([keys.flow(id), keys.flows, keys.allOutbox].map((queryKey) => client.invalidateQueries({ queryKey })))
    },
  })
  const button = (say: string, next: Act, variant: 'filled' | 'default' = 'default') =>
    <Button size="xs" variant={variant} {...may} loading={act.isPending && act.variables === next} disabled={act.isPending || (may.disabled ?? false)} onClick={() => { act.mutate(next) }}>{say}</Button>
  const discard = <Button size="xs" variant="default" {...may} disabled={act.isPending || (may.disabled ?? false)} onClick={() => { setDiscarding(true) }}>{words.discard(held)}</Button>
  const look = <Button size="xs" variant="subtle" component={Link} to={paths.heldMails}>{words.look(held)}</Button>
  if (paused === null && held === 0) return null
  return (
    <div className={css['shield']}>
      {paused !== null ? (
        <Note tone="bad" title={<>{words.paused} <small><Moment at={paused.at} as="ago" /></small></>} actions={held === 0 ? button(words.resume, { to: 'resume', body: {} }, 'filled') : <>
          {button(words.resumeApprove(held), { to: 'resume', body: { held: 'approve' } }, 'filled')}
          {button(words.resumeKeep(held), { to: 'resume', body: {} })}{discard}{look}
        </>}>{paused.problem.say} {held > 0 && words.heldBy(held)}</Note>
      ) : (
        <Note tone="warn" title={words.held(held)} actions={<>
          {look}{button(words.approve(held), { to: 'held', body: { do: 'approve' } })}
          {button(words.approveStop, { to: 'held', body: { do: 'approve', stopAsking: true } })}{discard}
        </>}>{words.heldSay(held)}</Note>
      )}
      {act.error && <ErrorNote error={act.error} />}
      <ConfirmDialog opened={discarding} title={words.discardTitle(held)} action={words.discardAction} tone="bad" busy={act.isPending} error={act.error} onClose={() => { setDiscarding(false) }}
        onConfirm={() => { act.mutate(paused === null ? { to: 'held', body: { do: 'discard' } } : { to: 'resume', body: { held: 'discard' } }) }}><p>{words.discardSay(held)}</p></ConfirmDialog>
    </div>
  )
}
