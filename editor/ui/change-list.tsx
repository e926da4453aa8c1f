/** Changes as lines: what became of which step, and in which of its settings. */
import { Workflow } from 'lucide-react'
import { fillOf, kindIcons } from './families.ts'
import type { Change } from '../store/changes.ts'
import { texts } from '../texts.ts'
import css from './lists.module.css'

export function ChangeList({ changes }: { readonly changes: readonly Change[] }) {
  return <ul className={css['changes']}>{changes.map((change) => <ChangeLine key={`${change.what}${change.node}${change.say}`} change={change} />)}</ul>
}

function ChangeLine({ change }: { readonly change: Change }) {
  const Icon = change.kind === null ? Workflow : kindIcons[change.kind]
  return (
    <li data-what={change.what}>
      <i style={change.kind === null ? undefined : { background: fillOf(change.kind) }}><Icon size={12} aria-hidden="true" /></i>
      <span><strong>{change.say}</strong>{change.detail !== '' && <small>{change.detail}</small>}</span>
      <em>{texts.deploy[change.what]}</em>
    </li>
  )
}
