/** Several steps, or a line, chosen at once: what can be done with them. */
import { Button } from '@mantine/core'
import { CopyPlus, Trash2 } from 'lucide-react'
import { useDesk, useDeskState } from '../store/desk.ts'
import { nameOf } from '../store/edits.ts'
import { edgeKey } from '../store/selection.ts'
import { texts } from '../texts.ts'
import css from './inspector.module.css'

export function ManyPanel({ count }: { readonly count: number }) {
  const { store } = useDesk()
  return (
    <div className={css['plain']} data-panel-body>
      <h2>{texts.inspector.many(count)}</h2>
      <p>{texts.inspector.manySay}</p>
      <div className={css['buttons']}>
        <Button variant="default" leftSection={<CopyPlus size={14} />} onClick={store.duplicate}>{texts.inspector.duplicate}</Button>
        <Button variant="default" leftSection={<Trash2 size={14} />} onClick={store.removeSelected}>{texts.inspector.remove}</Button>
      </div>
    </div>
  )
}

export function LinePanel({ keys }: { readonly keys: readonly string[] }) {
  const { store } = useDesk()
  const flow = useDeskState((state) => state.flow)
  return (
    <div className={css['plain']} data-panel-body>
      <h2>{texts.inspector.edge}</h2>
      {flow.edges.filter((edge) => keys.includes(edgeKey(edge))).map((edge) => <p key={edgeKey(edge)}>{texts.inspector.edgeSay(nameOf(flow, edge.from), nameOf(flow, edge.to))}</p>)}
      <div className={css['buttons']}><Button variant="default" leftSection={<Trash2 size={14} />} onClick={store.removeSelected}>{texts.inspector.edgeRemove}</Button></div>
    </div>
  )
}
