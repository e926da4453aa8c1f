/** A flow as small as a word: its steps as coloured dots with icons on a line. */
import { nodeKinds, type NodeKind } from '#shared/flow.ts'
import { fillOf, kindIcons } from '../ui/families.ts'
import css from './flows.module.css'

/** As many as stand in the column of pictures, so that the names beside them begin on one line; of more steps the rest is a number. */
const room = 3

export function FlowPicture({ kinds }: { readonly kinds: readonly string[] }) {
  const known = kinds.filter((kind): kind is NodeKind => nodeKinds.some((one) => one === kind))
  const shown = known.length > room ? room - 1 : room
  return (
    <span className={css['picture']} aria-hidden="true">
      {known.length === 0 && <i className={css['pictureEmpty']} />}
      {known.slice(0, shown).map((kind, index) => {
        const Icon = kindIcons[kind]
        return <i key={`${kind}${index}`} style={{ background: fillOf(kind) }}><Icon size={11} strokeWidth={2} /></i>
      })}
      {known.length > shown && <i className={css['pictureMore']}>+{known.length - shown}</i>}
    </span>
  )
}
