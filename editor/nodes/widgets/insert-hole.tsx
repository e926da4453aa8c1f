/** Below a text that may have holes: a link that puts a field of an earlier step at its end. The picker itself loads when such a form is opened. */
import { lazy, Suspense } from 'react'
import { useDeskState } from '#editor/store/desk.ts'
import { texts } from '#editor/texts.ts'

const InsertField = lazy(async () => ({ default: (await import('#editor/mapper/insert-field.tsx')).InsertField }))

export interface InsertHoleProps {
  readonly node: string
  readonly title: string
  readonly text: string
  readonly onChange: (text: string) => void
}

export function InsertHole({ node, title, text, onChange }: InsertHoleProps) {
  const flow = useDeskState((state) => state.flow)
  return (
    <Suspense fallback={null}>
      <InsertField flow={flow} nodeId={node} label={texts.field.insertInto(title)} onInsert={(path) => { onChange(`${text}{{${path}}}`) }} />
    </Suspense>
  )
}
