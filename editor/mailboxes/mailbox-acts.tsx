/** What a person may do with a watched mailbox: look now, hold it back or let it go on, make the line anew. */
import { ActionIcon, Tooltip } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Pause, Play, RefreshCw, Unplug } from 'lucide-react'
import type { ReactNode } from 'react'
import type { MailboxesView, MailboxView } from '#shared/api.ts'
import { api, sayFailure } from '../api/client.ts'
import { keys, useMe } from '../api/queries.ts'
import css from './mailboxes-page.module.css'

type Act = 'look' | 'pause' | 'resume' | 'reconnect'

export function MailboxActs({ box, name }: { readonly box: MailboxView; readonly name: string }) {
  const client = useQueryClient()
  const mayAct = useMe().data?.rights.includes('deploy') ?? false
  const act = useMutation({
    mutationFn: (what: Act) => api(`POST /api/mailboxes/${what}`, { body: { connection: box.connection, folder: box.folder } }),
    onSuccess: (now) => {
      client.setQueryData<MailboxesView>(keys.mailboxes, (view) => view && { mailboxes: view.mailboxes.map((one) => (one.connection === now.connection && one.folder === now.folder ? now : one)) })
    },
  })
  if (!mayAct) return null
  const button = (what: Act, words: string, icon: ReactNode) => (
    <Tooltip label={words}>
      <ActionIcon size={28} aria-label={`${words}: ${name}, ${box.folder}`} loading={act.isPending && act.variables === what} onClick={() => { act.mutate(what) }}>{icon}</ActionIcon>
    </Tooltip>
  )
  return (
    <div className={css['acts']}>
      {box.paused ? button('resume', 'Resume', <Play size={15} aria-hidden="true" />) : (
        <>
          {button('look', 'Look now', <RefreshCw size={15} aria-hidden="true" />)}
          {button('pause', 'Pause', <Pause size={15} aria-hidden="true" />)}
          {button('reconnect', 'Reconnect', <Unplug size={15} aria-hidden="true" />)}
        </>
      )}
      {act.error !== null && <p role="alert" className={css['refused']}>{sayFailure(act.error)}</p>}
    </div>
  )
}
