/** Adding a person or changing what one may do; a new one's link and token are shown here, once. */
import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import type { PersonAdded, PersonView } from '#shared/api.ts'
import { grants, personNameSchema, type Grant } from '#shared/people.ts'
import { api } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { grantWords } from '../api/use-may.ts'
import { paths } from '../routes.ts'
import { ErrorNote, Note } from '../ui/note.tsx'
import css from './people-page.module.css'

/** `person` null adds one. */
export function PersonDialog({ person, onClose }: { readonly person: PersonView | null; readonly onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const [rights, setRights] = useState<readonly Grant[]>(person?.rights ?? ['view'])
  const [added, setAdded] = useState<PersonAdded | null>(null)
  const named = personNameSchema.safeParse(name)
  const problem = person !== null || named.success ? undefined : sayProblem(named.error.issues[0]?.message ?? '')
  const save = useMutation({
    mutationFn: async () => {
      if (person === null) setAdded(await api('POST /api/people', { body: { name, rights } }))
      else await api('PUT /api/people/:name', { params: { name: person.name }, body: { rights } })
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.people })
      if (person !== null) onClose()
    },
  })
  if (added) return <Welcome added={added} onClose={onClose} />
  return (
    <Modal opened onClose={onClose} title={person === null ? 'Add a person' : `What ${person.name} may do`} centered classNames={{ title: css['dialogTitle'] ?? '' }}>
      <form className={css['form']} noValidate onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (problem === undefined) save.mutate()
      }}>
        {person === null && <TextInput label="Name" description="As the log shall call them." inputWrapperOrder={['label', 'input', 'description', 'error']} value={name} error={tried ? problem : undefined} maxLength={64} autoComplete="off" data-autofocus onChange={(event) => { setName(event.currentTarget.value) }} />}
        {/* The group gives back the values it was given. */}
        <Checkbox.Group label="May" value={[...rights]} onChange={(chosen) => { setRights(grants.filter((grant) => grant === 'view' || chosen.includes(grant))) }}>
          <div className={css['grants']}>
            {grants.map((grant) => <Checkbox key={grant} value={grant} label={grantWords[grant].title} description={grantWords[grant].say} disabled={grant === 'view'} />)}
          </div>
        </Checkbox.Group>
        {save.error && <ErrorNote error={save.error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={save.isPending}>{person === null ? 'Add' : 'Save'}</Button>
        </Group>
      </form>
    </Modal>
  )
}

const sayProblem = (message: string): string => (/^[A-Z]/.test(message) ? message : `The name ${message}`)

function Welcome({ added, onClose }: { readonly added: PersonAdded; readonly onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={`${added.person.name} is added`} centered closeOnClickOutside={false} closeOnEscape={false} classNames={{ title: css['dialogTitle'] ?? '' }}>
      <div className={css['form']}>
        <Note tone="warn" title="Shown this once">Give the link to nobody else: whoever opens it is {added.person.name} here. If it gets lost, remove the person and add them again.</Note>
        <Copied label="Link to sign in" value={`${location.origin}${paths.signIn}#${added.token}`} />
        <Copied label="Token, for programs" value={added.token} />
        <Group justify="flex-end"><Button variant="default" onClick={onClose}>Done</Button></Group>
      </div>
    </Modal>
  )
}

function Copied({ label, value }: { readonly label: string; readonly value: string }) {
  const [state, setState] = useState<'' | 'copied' | 'failed'>('')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value)
      setState('copied')
    } catch {
      // Without TLS on another machine, or when the browser was told not to.
      setState('failed')
    }
  }
  return (
    <div className={css['copied']}>
      <TextInput label={label} value={value} readOnly spellCheck={false} onFocus={(event) => { event.currentTarget.select() }} />
      <Button variant="default" aria-label={`Copy: ${label}`} leftSection={state === 'copied' ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />} onClick={() => { void copy() }}>{state === 'copied' ? 'Copied' : 'Copy'}</Button>
      <output>{state === 'failed' && 'The browser did not let it be copied: choose the text and copy it yourself.'}</output>
    </div>
  )
}
