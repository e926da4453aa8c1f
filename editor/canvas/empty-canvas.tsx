/** What an empty canvas says: where a flow begins, with the step to begin with. */
import { Button } from '@mantine/core'
import { kindIcons } from '../ui/families.ts'
import { texts } from '../texts.ts'
import css from './canvas.module.css'

export function EmptyCanvas({ onAdd }: { readonly onAdd: () => void }) {
  const Icon = kindIcons['receive-email']
  return (
    <div className={css['empty']}>
      <div>
        <h2>{texts.canvas.empty}</h2>
        <p>{texts.canvas.emptySay}</p>
        <Button leftSection={<Icon size={15} aria-hidden="true" />} onClick={onAdd}>{texts.canvas.emptyAdd}</Button>
      </div>
    </div>
  )
}
