/** A flow file that someone broke by hand: what is wrong in it, and the file as it stands. */
import type { FlowView } from '#shared/api.ts'
import { texts } from '../texts.ts'
import { Note } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { FlowState } from '../ui/flow-state.tsx'
import css from './flow.module.css'

export function UnreadableFlow({ view }: { readonly view: FlowView }) {
  return (
    <>
      <PageHeader title={view.name}><FlowState {...view} /></PageHeader>
      <div className={css['unreadable']}>
        <Note tone="bad" title={texts.inspector.unreadable}>
          {view.flowProblems.map((problem) => <p key={`${problem.code}${problem.node}${problem.field}`}>{problem.advice}</p>)}
          <p>{texts.inspector.unreadableSay}</p>
        </Note>
        <pre>{view.text}</pre>
      </div>
    </>
  )
}
