/** Asks for a name and a drawing to start from, makes the file, and opens it. */
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useLocation } from 'wouter'
import { api } from '../api/client.ts'
import { keys, useConnections } from '../api/queries.ts'
import { paths } from '../routes.ts'
import { texts } from '../texts.ts'
import { ErrorNote } from '../ui/note.tsx'
import { FlowPicture } from './flow-picture.tsx'
import css from './flows.module.css'
import { makeFlow, makeFlowId, recipes, type Recipe } from './recipes.ts'

const words = {
  forward: { title: texts.newFlow.forward, say: texts.newFlow.forwardSay, kinds: ['receive-email', 'map-data', 'send-email'] },
  copy: { title: texts.newFlow.receiveOnly, say: texts.newFlow.receiveOnlySay, kinds: ['receive-email', 'map-data', 'send-email'] },
  file: { title: texts.newFlow.file, say: texts.newFlow.fileSay, kinds: ['receive-email', 'change-mail'] },
  empty: { title: texts.newFlow.empty, say: texts.newFlow.emptySay, kinds: [] },
} satisfies Record<Recipe, unknown>

export function NewFlowDialog({ opened, taken, onClose }: { readonly opened: boolean; readonly taken: readonly string[]; readonly onClose: () => void }) {
  const [name, setName] = useState('')
  const [recipe, setRecipe] = useState<Recipe>('forward')
  const [asked, setAsked] = useState(false)
  const [, go] = useLocation()
  const client = useQueryClient()
  const connections = useConnections().data?.connections ?? []
  const id = makeFlowId(name, taken)
  const create = useMutation({
    mutationFn: () => api('PUT /api/flows/:id', { params: { id }, body: makeFlow(id, name.trim(), recipe, connections) }),
    onSuccess: (view) => {
      client.setQueryData(keys.flow(id), view)
      void client.invalidateQueries({ queryKey: keys.flows })
      onClose()
      go(paths.flow(id))
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setAsked(true)
    if (name.trim() !== '') create.mutate()
  }
  return (
    <Modal opened={opened} onClose={onClose} title={texts.newFlow.title} size={520}>
      <form className={css['dialog']} onSubmit={submit}>
        <TextInput label={texts.newFlow.name} placeholder={texts.newFlow.placeholder} value={name} maxLength={120} data-autofocus
          onChange={(event) => { setName(event.currentTarget.value) }} error={asked && name.trim() === '' ? texts.newFlow.noName : undefined}
          description={name.trim() === '' ? undefined : texts.newFlow.id(id)} inputWrapperOrder={['label', 'input', 'description', 'error']} />
        <fieldset className={css['recipes']}>
          <legend>{texts.newFlow.start}</legend>
          {recipes.map((key) => (
            <label key={key} className={css['recipe']} data-on={recipe === key || undefined}>
              <input type="radio" name="recipe" checked={recipe === key} onChange={() => { setRecipe(key) }} />
              <FlowPicture kinds={words[key].kinds} />
              <span><strong>{words[key].title}</strong><small>{words[key].say}</small></span>
            </label>
          ))}
        </fieldset>
        {create.error !== null && <ErrorNote error={create.error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>{texts.deploy.cancel}</Button>
          <Button type="submit" loading={create.isPending}>{texts.newFlow.create}</Button>
        </Group>
      </form>
    </Modal>
  )
}
