/** Making or changing one connection: the address first, the rest guessed, checked with the form as it stands, then saved. */
import { Button, Drawer } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ConnectionView } from '#shared/api.ts'
import { connectionKinds, type ConnectionKind } from '#shared/connection.ts'
import { api, ApiFailure } from '../api/client.ts'
import { useConnections } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { ErrorNote, Note } from '../ui/note.tsx'
import { CheckList } from './check-list.tsx'
import { ConnectionFields } from './connection-fields.tsx'
import css from './connections.module.css'
import { DeleteConnection } from './delete-connection.tsx'
import { asksTheSame, changeForm, draftOf, emptyForm, formOf, problemsOf, type ConnectionForm } from './draft.ts'
import { SignInCard } from './sign-in-card.tsx'
import { useLookup } from './use-lookup.ts'
import { useSaving } from './use-saving.ts'

export interface ConnectionPanelProps {
  readonly opened: boolean
  /** null makes a new one. */
  readonly connection: ConnectionView | null
  /** Opened because its login does not work any more. */
  readonly atLogin?: boolean
  /** Kinds a new one may be of. */
  readonly kinds?: readonly ConnectionKind[]
  readonly onClose: () => void
  readonly onSaved?: (id: string) => void
}

export function ConnectionPanel({ opened, connection, atLogin = false, kinds = connectionKinds, onClose, onSaved }: ConnectionPanelProps) {
  return (
    <Drawer opened={opened} onClose={onClose} size={540} title={connection ? connection.name : 'New connection'} classNames={{ content: css['drawer'] ?? '', header: css['drawerHeader'] ?? '', body: css['drawerBody'] ?? '' }}>
      {opened && <Panel key={connection?.id ?? 'new'} connection={connection} atLogin={atLogin} kinds={kinds} onClose={onClose} {...(onSaved ? { onSaved } : {})} />}
    </Drawer>
  )
}

function Panel({ connection, atLogin = false, kinds, onClose, onSaved }: Omit<ConnectionPanelProps, 'opened' | 'kinds'> & { readonly kinds: readonly ConnectionKind[] }) {
  const others = useConnections().data?.connections ?? []
  const taken: readonly string[] = others.map((one) => one.id)
  const offered = connectionKinds.filter((kind) => kinds.includes(kind))
  const [form, setForm] = useState<ConnectionForm>(() => (connection ? formOf(connection) : emptyForm(offered[0] ?? 'imap')))
  const [tried, setTried] = useState(false)
  const [checked, setChecked] = useState<ConnectionForm | null>(null)
  const [deleting, setDeleting] = useState(false)
  const [kept, setKept] = useState<ConnectionView | null>(connection)
  /** As the list has it now: a sign-in changes it while the form is open. */
  const saved = others.find((one) => one.id === kept?.id) ?? kept
  const changed = saved === null || JSON.stringify(draftOf(form)) !== JSON.stringify(draftOf(formOf(saved)))
  const lookup = useLookup(saved ? '' : form.address)
  const detected = lookup.state === 'done' ? lookup.detected : null
  // While rendering and not in an effect: nobody sees the form without what was found.
  if (detected && form.detected !== detected) setForm(changeForm(form, { detected }, taken))
  const problems = problemsOf(form)
  const complete = Object.keys(problems).length === 0

  const check = useMutation({
    mutationFn: (asked: ConnectionForm) => api('POST /api/connections/:id/test', { params: { id: asked.id }, body: draftOf(asked) }),
  })
  const { save, made } = useSaving({ form, isNew: !saved, taken, onKept: (view) => {
    setKept(view)
    setForm(formOf(view))
    onSaved?.(view.id)
  } })
  const validate = (asked: ConnectionForm) => {
    setTried(true)
    if (Object.keys(problemsOf(asked)).length > 0) return
    setChecked(asked)
    check.mutate(asked)
  }
  /** What a fix says is done and tried at once. */
  const applyFix = (change: Partial<ConnectionForm>) => {
    const next = changeForm(form, change, taken)
    setForm(next)
    validate(next)
  }
  const submit = () => {
    setTried(true)
    if (complete) save.mutate(undefined, { onSuccess: onClose })
  }
  const saveForSignIn = async (): Promise<string | null> => {
    setTried(true)
    if (!complete) return null
    // Why it was not saved stands below.
    return save.mutateAsync().then((view) => view.id, () => null)
  }
  const barred = useMay('secrets')
  const readOnly = saved?.sandbox === true || (barred.disabled ?? false)
  return (
    <form className={css['panel']} noValidate onSubmit={(event) => {
      event.preventDefault()
      // React bubbles through portals: the panel may stand inside another form (a step's settings).
      event.stopPropagation()
      submit()
    }}>
      <div className={css['panelFields']}>
        {barred.disabled && <Note tone="accent">{barred.title}</Note>}
        {saved?.sandbox && <Note tone="accent">This connection belongs to the sandbox and can't be changed. It can be used in any flow.</Note>}
        <ConnectionFields
          form={form} saved={saved} atLogin={atLogin} kinds={offered} lookup={lookup} readOnly={readOnly} problems={tried ? { ...refusedOf(save.error, form), ...problems } : {}} offersSending={kinds.includes('smtp') && !onSaved}
          signIn={form.login === 'oauth2' && !readOnly && <SignInCard form={form} saved={saved} changed={changed} onSave={saveForSignIn} />}
          onChange={(change) => { setForm((now) => changeForm(now, change, taken)) }}
        />
        {made !== '' && <Note tone="ok">"{made}" was made too.{form.login === 'oauth2' && form.oauth.grant !== 'client-credentials' ? ' It signs in by itself: open it next.' : ''}</Note>}
        {checked && !check.isError && <CheckList kind={checked.kind} check={check.data ?? null} stale={!asksTheSame(checked, form)} onApply={readOnly ? null : applyFix} />}
        {check.isError && <ErrorNote title="The check could not be made" error={check.error} />}
        {save.isError && <ErrorNote title={!connection && kept ? 'Not all of it was saved' : 'Not saved'} error={save.error} />}
      </div>
      <footer className={css['panelFooter']}>
        {saved && !readOnly && <Button variant="subtle" color="red" leftSection={<Trash2 size={15} aria-hidden="true" />} onClick={() => { setDeleting(true) }}>Delete…</Button>}
        <span className={css['spring']} />
        <Button variant="default" onClick={() => { validate(form) }} loading={check.isPending} {...barred}>Validate</Button>
        {!readOnly && <Button type="submit" loading={save.isPending}>{saved ? 'Save' : 'Save connection'}</Button>}
      </footer>
      {saved && <DeleteConnection connection={saved} opened={deleting} onClose={() => { setDeleting(false) }} onDeleted={onClose} />}
    </form>
  )
}

/** What only the server can judge is said at its field too, until that is changed. */
const refusedOf = (error: Error | null, form: ConnectionForm): Partial<Record<keyof ConnectionForm, string>> =>
  (error instanceof ApiFailure && error.where === 'ciphers' && form.ciphers !== '' ? { ciphers: error.say } : {})
