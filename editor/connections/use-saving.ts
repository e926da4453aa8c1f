/** Saving the connection form: the connection itself, and with it, when asked, one for sending with the same login. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ConnectionView } from '#shared/api.ts'
import { api, ApiFailure } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { draftOf, outgoingOf, type ConnectionForm } from './draft.ts'

interface Saving {
  readonly form: ConnectionForm
  /** It is made with this save. */
  readonly isNew: boolean
  readonly taken: readonly string[]
  /** Called as soon as the connection itself is saved. */
  readonly onKept: (view: ConnectionView) => void
}

export function useSaving({ form, isNew, taken, onKept }: Saving) {
  const client = useQueryClient()
  /** Name of the connection for sending that was made along. */
  const [made, setMade] = useState('')
  const put = (one: ConnectionForm): Promise<ConnectionView> => api('PUT /api/connections/:id', { params: { id: one.id }, body: draftOf(one) })
  const save = useMutation({
    mutationFn: async (): Promise<ConnectionView> => {
      if (isNew && taken.includes(form.id)) throw new ApiFailure(0, { code: 'API_BAD_REQUEST', say: `There is already a connection with the short name "${form.id}".`, where: 'id' })
      const outgoing = isNew && form.outgoing ? outgoingOf(form, taken) : null
      const view = await put(form)
      try {
        if (outgoing) setMade((await put(outgoing)).name)
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error
        throw new ApiFailure(error.status, { code: error.code, where: error.where, say: `"${view.name}" is saved. The connection for sending is not; make it by itself. ${error.say}` })
      } finally {
        await client.invalidateQueries({ queryKey: keys.connections })
        void client.invalidateQueries({ queryKey: keys.folders(form.id) })
        onKept(view)
      }
      return view
    },
  })
  return { save, made }
}
