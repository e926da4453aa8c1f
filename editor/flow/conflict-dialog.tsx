/** Two people saved the same flow: shows what differs and lets one of the two stay. */
import { Button, Modal } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useStore } from 'zustand'
import { api } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { ChangeList } from '../ui/change-list.tsx'
import { listChanges } from '../store/changes.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { ErrorNote } from '../ui/note.tsx'
import css from './flow.module.css'

export function ConflictDialog() {
  const { saving, saver, store, view, connections } = useDesk()
  const conflict = useStore(saving, (state) => state.state === 'conflict')
  const mine = useDeskState((state) => state.flow)
  const client = useQueryClient()
  const choose = useMutation({
    mutationFn: async (keep: 'mine' | 'theirs') => {
      const theirs = await api('GET /api/flows/:id', { params: { id: view.id } })
      if (keep === 'mine') {
        saver.takeEtag(theirs.etag)
        await saver.saveNow()
        return
      }
      if (theirs.flow !== null) store.load(theirs.flow)
      saver.settle(theirs.etag)
      client.setQueryData(keys.flow(view.id), theirs)
    },
  })
  const changes = view.flow === null ? [] : listChanges(view.flow, mine, connections ?? [])
  return (
    <Modal opened={conflict} onClose={() => undefined} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} title={texts.conflict.title} size={480}>
      <div className={css['dialog']}>
        <p>{texts.conflict.say}</p>
        {changes.length > 0 && <><h3>{texts.conflict.differs}</h3><ChangeList changes={changes} /></>}
        {choose.error !== null && <ErrorNote error={choose.error} />}
        <div className={css['choices']}>
          <Choice say={texts.conflict.theirs} help={texts.conflict.theirsSay} busy={choose.isPending} onClick={() => { choose.mutate('theirs') }} />
          <Choice say={texts.conflict.mine} help={texts.conflict.mineSay} busy={choose.isPending} onClick={() => { choose.mutate('mine') }} />
        </div>
      </div>
    </Modal>
  )
}

function Choice({ say, help, busy, onClick }: { readonly say: string; readonly help: string; readonly busy: boolean; readonly onClick: () => void }) {
  return <Button variant="default" h="auto" py={9} disabled={busy} onClick={onClick}><span className={css['choice']}><strong>{say}</strong><small>{help}</small></span></Button>
}
