/** A flow as small as a word: its steps as coloured dots with icons on a line. */
import { nodeKinds, type NodeKind } from '#shared/flow.ts'
import { fillOf, kindIcons } from '../ui/families.ts'
import css from './flows.module.css'

/** More steps than this are said as a number. */
const shown = 5

export function FlowPicture({ kinds }: { readonly kinds: readonly string[] }) {
  const known = kinds.filter((kind): kind is NodeKind => nodeKinds.some((one) => one === kind))
  return (
    <span className={css['picture']} aria-hidden="true">
      {known.length === 0 && <i className={css['pictureEmpty']} />}
      {known.slice(0, shown).map((kind, index) => {
        const Icon = kindIcons[kind]
        return <i key={`${kind}${index}`} style={{ background: fillOf(kind) }}><Icon size={11} strokeWidth={2} /></i>
      })}
      {known.length > shown && <small>+{known.length - shown}</small>}
    </span>
  )
}
