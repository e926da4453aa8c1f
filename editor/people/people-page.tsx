/** Who may sign in beside the administrator: adding them, what each may do, and taking it back. For the administrator alone. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Plus, Trash2, Users } from 'lucide-react'
import { useState } from 'react'
import type { PersonView } from '#shared/api.ts'
import { api } from '../api/client.ts'
import { keys, usePeople } from '../api/queries.ts'
import { grantWords } from '../api/use-may.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loading } from '../ui/loading.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import css from './people-page.module.css'
import { PersonDialog } from './person-dialog.tsx'

export function PeoplePage() {
  const { data, error, isPending, refetch } = usePeople()
  const [edited, setEdited] = useState<PersonView | 'new' | null>(null)
  const [removed, setRemoved] = useState<PersonView | null>(null)
  const people = data?.people ?? []
  const add = <Button leftSection={<Plus size={15} aria-hidden="true" />} onClick={() => { setEdited('new') }}>Add a person</Button>
  return (
    <div className={css['page']}>
      <PageHeader title="People" say="Who may sign in beside you, and what each of them may do.">{people.length > 0 && add}</PageHeader>
      {isPending && <Loading what="the people" />}
      {error && <div className={css['error']}><ErrorNote error={error} onRetry={refetch} /></div>}
      {data && people.length === 0 && <EmptyState icon={<Users size={20} />} title="Nobody but you yet" say="Add a colleague: they get a sign-in of their own, may do what you allow, and the log says who did what.">{add}</EmptyState>}
      {people.length > 0 && (
        <ul className={css['people']} aria-label="People">
          {people.map((person) => (
            <li key={person.name}>
              <div className={css['who']}>
                <strong title={person.name}><bdi>{person.name}</bdi></strong>
                <span>added <Moment at={person.addedAt} /></span>
              </div>
              <p className={css['may']}>{person.rights.map((right) => grantWords[right].title).join(', ')}</p>
              <div className={css['acts']}>
                <Button size="xs" variant="default" aria-label={`Change what ${person.name} may do`} onClick={() => { setEdited(person) }}>Change</Button>
                <Button size="xs" variant="subtle" color="red" aria-label={`Remove ${person.name}`} leftSection={<Trash2 size={14} aria-hidden="true" />} onClick={() => { setRemoved(person) }}>Remove</Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {edited && <PersonDialog person={edited === 'new' ? null : edited} onClose={() => { setEdited(null) }} />}
      {removed && <RemovePerson person={removed} onClose={() => { setRemoved(null) }} />}
    </div>
  )
}

function RemovePerson({ person, onClose }: { readonly person: PersonView; readonly onClose: () => void }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => api('DELETE /api/people/:name', { params: { name: person.name } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.people })
      onClose()
    },
  })
  return (
    <ConfirmDialog opened title={`Remove ${person.name}?`} action="Remove" tone="bad" busy={remove.isPending} error={remove.error} onConfirm={() => { remove.mutate() }} onClose={onClose}>
      <p>They are signed out everywhere at once, and their link no longer works. What they made stays, and the log keeps their name.</p>
    </ConfirmDialog>
  )
}
