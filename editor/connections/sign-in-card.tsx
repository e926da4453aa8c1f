/** Signing the connection in at its provider: the button, the code to type there, and who is signed in. A form that was changed is saved first. */
import { Button, Loader } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ExternalLink, LogIn } from 'lucide-react'
import { useEffect } from 'react'
import type { ConnectionView, SignInStarted } from '#shared/api.ts'
import { api } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import css from './connections.module.css'
import type { ConnectionForm } from './draft.ts'
import { providerShort } from './oauth-words.ts'

export interface SignInCardProps {
  readonly form: ConnectionForm
  readonly saved: ConnectionView | null
  /** The form differs from what is saved. */
  readonly changed: boolean
  /** Saves the form; null when something is missing in it, which is then told there. */
  readonly onSave: () => Promise<string | null>
}

/** A person is typing a password elsewhere; a second is soon enough. */
const lookMs = 1000

export function SignInCard({ form, saved, changed, onSave }: SignInCardProps) {
  const client = useQueryClient()
  const start = useMutation({
    mutationFn: async (): Promise<{ readonly id: string; readonly started: SignInStarted } | null> => {
      const id = changed || !saved ? await onSave() : saved.id
      if (id === null) return null
      const started = await api('POST /api/connections/:id/sign-in', { params: { id } })
      if (started.kind === 'browser') window.open(started.url, '_blank', 'noopener')
      await client.invalidateQueries({ queryKey: keys.signIn(id) })
      return { id, started }
    },
  })
  const started = start.data?.started ?? null
  const id = start.data?.id ?? ''
  const { data: state } = useQuery({
    queryKey: keys.signIn(id), queryFn: ({ signal }) => api('GET /api/connections/:id/sign-in', { params: { id }, signal }), enabled: id !== '',
    refetchInterval: ({ state: { data } }) => (data === undefined || data.state === 'waiting' ? lookMs : false),
  })
  const isDone = state?.state === 'done'
  useEffect(() => { if (isDone) void client.invalidateQueries({ queryKey: keys.connections }) }, [client, isDone])
  const waiting = id !== '' && state?.state === 'waiting'
  const person = form.oauth.grant !== 'client-credentials'
  const words = `${changed || !saved ? 'Save and ' : ''}${person ? `sign in${saved?.signedInAt ? ' again' : ''}${providerShort[form.oauth.provider]}` : 'get a token'}`
  return (
    <section className={css['signIn']} aria-live="polite" aria-label="Sign-in">
      {saved?.signedInAt && !waiting && <Note tone="ok" title={person ? `Signed in as ${saved.user}` : `The app is signed in for ${saved.user}`}>since <Moment at={saved.signedInAt} />. It is renewed by itself.</Note>}
      {saved && !saved.signedInAt && !waiting && !start.isPending && <Note tone="warn">Nobody is signed in, so this connection can't be used yet.</Note>}
      {waiting && started?.kind === 'browser' && (
        <Note tone="accent" title="Waiting for the sign-in in the other tab" actions={<OpenPage url={started.url} words="Open the sign-in page" />}>It goes on here by itself when you are done there.</Note>
      )}
      {waiting && started?.kind === 'device' && (
        <Note tone="accent" title="Type this code at the provider" actions={<OpenPage url={started.url} words={`Open ${started.url}`} />}>
          <output className={css['deviceCode']} aria-label="Code">{started.code}</output>
          <span className={css['waiting']}><Loader size={13} color="gray" /> It goes on here by itself when you are done there.</span>
        </Note>
      )}
      {state?.state === 'failed' && !start.isPending && !start.isError && <Note tone="bad" title="Not signed in">{state.say}</Note>}
      {start.isError && <ErrorNote title="Not signed in" error={start.error} />}
      <div><Button variant={saved?.signedInAt ? 'default' : 'filled'} leftSection={<LogIn size={15} aria-hidden="true" />} loading={start.isPending} onClick={() => { start.mutate() }}>{words.charAt(0).toUpperCase() + words.slice(1)}</Button></div>
    </section>
  )
}

const OpenPage = ({ url, words }: { readonly url: string; readonly words: string }) => (
  <Button component="a" size="xs" variant="default" href={url} target="_blank" rel="noopener noreferrer" leftSection={<ExternalLink size={13} aria-hidden="true" />}>{words}</Button>
)
